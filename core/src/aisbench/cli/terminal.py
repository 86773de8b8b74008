"""The terminal as what a run is shown by."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from attrs import Factory, field, frozen
from rich.console import Console

from aisbench.base.visible import visible
from aisbench.cli.live_table import LiveTable
from aisbench.cli.live_view import LiveView
from aisbench.cli.load_display import LoadDisplay
from aisbench.cli.request_display import RequestDisplay
from aisbench.loadgen.live import LiveLoad
from aisbench.runs.guard import clean_streams
from aisbench.runs.interrupts import Interrupts
from aisbench.runs.logs import RunLog
from aisbench.runs.session import Host
from aisbench.runs.signals import stop_signals
from aisbench.stages.loads_progress import LoadsProgress
from aisbench.stages.progress import Progress
from aisbench.store.redactor import Redactor
from aisbench.wording.lines import translated

WIDTH = 160
"""Of summaries that go into a file or a pipe."""


@frozen
class TerminalDisplay:
    """Shows a run on the standard output."""

    console: Console = field(factory=Console)
    view: LiveView = field(
        init=False, default=Factory(lambda self: LiveView(self.console), takes_self=True)
    )

    @property
    def width(self) -> int:
        """That of the terminal."""
        return self.console.width if self.console.is_terminal else WIDTH

    def say(self, text: str) -> None:
        """Print a line."""
        shown = visible(translated(text))
        if not self.view.told(text):
            self.view.release()
        if self.view.showing:
            self.view.log.add(text)
        self.console.print(shown, markup=False, highlight=False, soft_wrap=True)

    @contextlib.contextmanager
    def hiding(self, redactor: Redactor) -> Iterator[None]:
        """Within it nothing that the process prints holds a secret."""
        self.view.redactor = redactor
        with clean_streams(redactor):
            try:
                yield
            finally:
                self.view.close()

    def around_requests(self, progress: Progress) -> LiveTable:
        """A row for each task."""
        return RequestDisplay(progress, self.view)

    def around_load(self, live: LiveLoad, loads: LoadsProgress) -> LiveTable:
        """The load that runs."""
        return LoadDisplay(live, loads, self.view)


def warn(text: str) -> None:
    """Print a line of the log."""
    print(translated(text), file=sys.stderr)


def resume_command(run: Path) -> str:
    """How a run is continued from the command line."""
    return f"aisbench run --resume {run}"


def terminal_host(log: RunLog) -> Host:
    """The command line as the program that a run is made in."""
    return Host(
        display=TerminalDisplay(),
        interrupts=Interrupts(stop_signals()),
        log=log,
        arguments=tuple(sys.argv[1:]),
        resume_words=resume_command,
    )
