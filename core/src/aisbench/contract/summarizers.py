"""From results to a report."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from attrs import frozen

from aisbench.types.results import SuiteResult


@frozen(kw_only=True)
class Summary:
    """What a summarizer made: files in the run's summary folder, and text for the terminal."""

    files: tuple[Path, ...] = ()
    text: str | None = None


class Summarizer(Protocol):
    """Shows results."""

    def summarize(self, results: SuiteResult, folder: Path, width: int) -> Summary:
        """Write into ``folder`` (which exists); ``width`` is the terminal's, in columns."""
