"""One file for each format that is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from attrs import frozen

from aisbench.api import SuiteResult, Summary, not_empty, setting
from aisbench_plugin_files import loads
from aisbench_plugin_files.documents import to_json
from aisbench_plugin_files.markdown import to_markdown
from aisbench_plugin_files.tables import to_csv

WRITERS: Mapping[str, Callable[[SuiteResult], str]] = {
    "csv": to_csv,
    "md": to_markdown,
    "json": to_json,
}


@frozen
class FilesSettings:
    """Which files."""

    formats: tuple[Literal["csv", "md", "json"], ...] = setting(
        default=("csv", "md", "json"),
        help="the files to write",
        example=["csv", "json"],
        check=not_empty,
    )


class FilesSummarizer:
    """Writes ``summary.FORMAT`` for each format."""

    def __init__(self, settings: FilesSettings) -> None:
        self._formats = settings.formats

    def summarize(self, results: SuiteResult, folder: Path, width: int) -> Summary:
        """Write into ``folder``; nothing for the terminal."""
        paths = []
        for name in dict.fromkeys(self._formats):
            path = folder / f"summary.{name}"
            path.write_text(WRITERS[name](results), encoding="utf-8")
            paths.append(path)
        if results.performance and "csv" in self._formats:
            # Another shape of table: a file of its own.
            path = folder / "summary.performance.csv"
            path.write_text(loads.to_csv(results), encoding="utf-8")
            paths.append(path)
        return Summary(files=tuple(paths))
