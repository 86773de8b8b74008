"""What displays have in common: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import abc
import asyncio
from collections.abc import Iterable
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

LINE_SECONDS = 10.0
"""Between the lines that stand in for a table where there is no terminal."""


class LiveTable(abc.ABC):
    """Shows something that goes on. Enter it around that; the last lines stay."""

    refresh_seconds = 0.5

    def __init__(self, console: Console) -> None:
        self._console = console
        self._screen: Live | None = None
        self._task: asyncio.Task[None] | None = None

    @abc.abstractmethod
    def table(self) -> Table:
        """What a terminal shows now."""

    @abc.abstractmethod
    def lines(self) -> Iterable[str]:
        """What is shown now where there is no terminal."""

    @abc.abstractmethod
    def last_lines(self) -> Iterable[str]:
        """What is shown for good when it is over."""

    async def __aenter__(self) -> LiveTable:
        if self._console.is_terminal:
            self._screen = Live(console=self._console, auto_refresh=False, transient=True)
            self._screen.start()
        self._task = asyncio.create_task(self._loop())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            # A display that breaks must not break the run.
            await asyncio.gather(self._task, return_exceptions=True)
        if self._screen is not None:
            self._screen.stop()
        self._print(self.last_lines())

    async def _loop(self) -> None:
        while True:
            if self._screen is not None:
                self._screen.update(self.table(), refresh=True)
                await asyncio.sleep(self.refresh_seconds)
            else:
                await asyncio.sleep(LINE_SECONDS)
                self._print(self.lines())

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._console.print(Text(line), soft_wrap=True)
