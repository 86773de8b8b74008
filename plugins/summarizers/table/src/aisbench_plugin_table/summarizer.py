"""The table, for the terminal and as a file."""

from __future__ import annotations

from pathlib import Path

from aisbench.api import SuiteResult, Summary
from aisbench_plugin_table.layout import render
from aisbench_plugin_table.speaking import readers

FILE_WIDTH = 200
"""Columns of summary.txt: files are scrolled, terminals wrap."""


class TableSummarizer:
    """Shows the results as people compare them: a column a model."""

    def summarize(self, results: SuiteResult, folder: Path, width: int) -> Summary:
        """Write ``summary.txt``, and return the text at the terminal's width."""
        path = folder / "summary.txt"
        text = render(results, FILE_WIDTH, everything=True)
        path.write_text(text + "\n", encoding="utf-8")
        return Summary(files=(path,), text=render(results, width, say=readers()))
