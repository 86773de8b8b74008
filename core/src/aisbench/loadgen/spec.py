"""Everything that the workers of a load need, made before they are forked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from aisbench.config.load_keys import LoadSettings
from aisbench.config.plan import Task
from aisbench.conversation.prepare import Rows
from aisbench.store.redactor import Redactor
from aisbench.types.load import Schedule
from aisbench.types.request import Request

SECOND = 1_000_000_000


@frozen(kw_only=True)
class LoadSpec:
    """One load: what is asked, when, how, and where it is recorded.

    Times are in ns. ``requests`` and ``duration_ns`` end the measured part, whichever comes
    first. ``nonce`` goes into the salt of prompts: another for each load of each run.
    """

    task: Task
    rows: Rows
    model: str
    urls: Sequence[str]
    headers: Mapping[str, str]
    settings: LoadSettings
    schedule: Schedule
    requests: int | None
    duration_ns: int | None
    seed: int
    nonce: str
    folder: Path
    workers: int
    connections: int
    """Opened before the start, by all workers together."""
    most_connections: int
    """Of one worker."""
    sources: Sequence[str]
    keep_answers: bool
    abort_after: int
    session: int
    redactor: Redactor
    fit: Callable[[Request], Request] | None = None
    """Makes a request that fits the model's context."""

    @property
    def cool_down_ns(self) -> int:
        """How long the load is kept up after the measured part."""
        return int(self.settings.cool_down * SECOND)

    @property
    def grace_ns(self) -> int | None:
        """How long measured requests may take after the end."""
        grace = self.settings.grace
        return None if grace is None else int(grace * SECOND)
