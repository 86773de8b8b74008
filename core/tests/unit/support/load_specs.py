"""Loads for unit tests, of one prompt and with nothing to send it to."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import attrs

from aisbench.calibration.codec import PROMPT, OnePrompt, PlainBackend
from aisbench.config.load_keys import LoadSettings
from aisbench.config.suite import ServiceSettings
from aisbench.conversation.conversation import Conversation
from aisbench.loadgen.spec import LoadSpec
from aisbench.store.redactor import Redactor
from aisbench.types.load import ClosedLoop, Schedule, VirtualClient
from aisbench.types.prompt import Prompt
from aisbench.types.response import Response
from aisbench.types.sample import Sample


class NumberedRows(OnePrompt):
    """``count`` rows, whose conversations have samples named by the row and so many turns."""

    def __init__(self, count: int, turns: int = 1, delay_ns: int = 0) -> None:
        super().__init__(tokens=4)
        self.count = count
        self.turns = turns
        self.delay_ns = delay_ns
        """Of each prompt but a conversation's first."""

    def __len__(self) -> int:
        return self.count

    def begin(self, row: int, repeat: int) -> Conversation:
        made = attrs.evolve(super().begin(row, repeat), sample=Sample(id=str(row)))
        if self.turns == 1:
            return made
        turns = self._play()
        return attrs.evolve(made, turns=turns, next_prompt=next(turns))

    def _play(self) -> Generator[Prompt, Response, None]:
        yield PROMPT
        for _ in range(self.turns - 1):
            yield attrs.evolve(PROMPT, delay_ns=self.delay_ns)

    warm_up = begin


def load_spec(
    schedule: Schedule | None = None, settings: LoadSettings | None = None, **changes: Any
) -> LoadSpec:
    """A load without limits, by one worker that one virtual client keeps busy."""
    values: dict[str, Any] = {
        "label": "m / d",
        "service": ServiceSettings(),
        "codec": PlainBackend(),
        "conversations": NumberedRows(7),
        "model": "m",
        "urls": ["http://127.0.0.1:1"],
        "headers": {},
        "settings": settings or LoadSettings(),
        "schedule": schedule or ClosedLoop(clients=[VirtualClient()]),
        "requests": None,
        "duration_ns": None,
        "seed": 3,
        "nonce": "a",
        "folder": Path("/nowhere"),
        "workers": 1,
        "connections": 1,
        "most_connections": 1000,
        "sources": (),
        "keep_answers": False,
        "abort_after": 20,
        "session": 1,
        "redactor": Redactor(),
    }
    return LoadSpec(**{**values, **changes})
