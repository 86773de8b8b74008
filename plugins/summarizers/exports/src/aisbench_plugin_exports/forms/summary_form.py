"""JSON and Markdown: the documents of the summarizer ``files``, which is their one source."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Literal

from aisbench import RunResult, summarize
from aisbench_plugin_exports.forms.csv_form import Runs
from aisbench_plugin_exports.schema import VERSION
from aisbench_plugin_exports.writing import text_to

SUMMARIZER = "files"


def write_json(runs: Runs, count: int, path: Path | None) -> None:
    """The document of a run as it stands in its ``summary/summary.json``; of several
    ``{"schema": 2, "runs": [...]}``. Raises AisbenchError."""
    with text_to(path) as out:
        if count > 1:
            out.write(f'{{"schema": {VERSION}, "runs": [\n')
        for number, run in enumerate(runs()):
            out.write(",\n" if number else "")
            out.write(document(run, "json").rstrip("\n"))
        out.write("\n]}\n" if count > 1 else "\n")


def write_markdown(runs: Runs, path: Path | None) -> None:
    """The tables of each run, one after the other. Raises AisbenchError."""
    with text_to(path) as out:
        for number, run in enumerate(runs()):
            out.write("\n" if number else "")
            out.write(document(run, "md"))


def document(run: RunResult, form: Literal["json", "md"]) -> str:
    """What the summarizer writes of a run. Raises AisbenchError, also where it is missing."""
    with tempfile.TemporaryDirectory() as folder:
        made = summarize(run, SUMMARIZER, folder, {"formats": [form]})
        (file,) = (one for one in made.files if one.name == f"summary.{form}")
        return file.read_text(encoding="utf-8")
