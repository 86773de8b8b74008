"""What a run is watched by: a terminal, a program's callbacks, or nobody."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Protocol

from aisbench.loadgen.live import LiveLoad
from aisbench.stages.loads_progress import LoadsProgress
from aisbench.stages.progress import Progress
from aisbench.store.redactor import Redactor


class RunDisplay(Protocol):
    """Shows a run to whoever started it."""

    @property
    def width(self) -> int:
        """Columns of text that summaries may have."""

    def say(self, text: str) -> None:
        """Show a line, or a whole table of them; no character in it may command a terminal."""

    def hiding(self, redactor: Redactor) -> AbstractContextManager[None]:
        """Within it nothing that is shown holds a secret."""

    def around_requests(self, progress: Progress) -> AbstractAsyncContextManager[object]:
        """Show how far the requests of an accuracy run are."""

    def around_load(
        self, live: LiveLoad, loads: LoadsProgress
    ) -> AbstractAsyncContextManager[object]:
        """Show a load while it runs, among all ``loads`` of the run."""
