"""Summarizers: they show any result, and write into the folder they are given and nowhere else."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from aisbench.api import Summarizer, Summary
from aisbench_testkit import canned
from aisbench_testkit.canned import CannedResult
from aisbench_testkit.checks.trial import elsewhere, trial

_NOT_A_NUMBER = re.compile(r"\b(nan|none|inf)\b", re.IGNORECASE)
WIDTHS = (160, 80, 20)


def check_summarizer(make: Callable[[], Summarizer]) -> list[str]:
    """All canned results, each in a folder of its own."""
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        sandbox = Path(name).resolve()
        for index, one in enumerate(canned.results(sandbox / "run")):
            folder = sandbox / "run" / f"summary-{index}"
            folder.mkdir(parents=True)
            with trial(problems, f"summarize() of {one.name}"):
                problems += _check_one(make(), one, folder, sandbox)
    return list(dict.fromkeys(problems))


def _check_one(
    summarizer: Summarizer, one: CannedResult, folder: Path, sandbox: Path
) -> list[str]:
    outside = elsewhere(sandbox, folder)
    summary: object = summarizer.summarize(one.result, folder, WIDTHS[0])
    if not isinstance(summary, Summary):
        return [f"summarize() returns {type(summary).__name__}, not Summary"]
    problems = []
    if written := elsewhere(sandbox, folder) - outside:
        names = ", ".join(sorted(map(str, written)))
        problems.append(f"summarize() of {one.name} writes outside its folder: {names}")
    files = _files(folder)
    problems += _check_named(files, summary, one.name)
    if not summary.files and summary.text is None:
        problems.append(f"summarize() of {one.name} shows nothing: no file and no text")
    for file in sorted(files):
        problems += _check_file(file, one.name)
    if summary.text is not None and (odd := _NOT_A_NUMBER.search(summary.text)):
        problems.append(f"the text for {one.name} says {odd[0]!r} where a number is unknown")
    contents = {file: file.read_bytes() for file in files}
    again = summarizer.summarize(one.result, folder, WIDTHS[0])
    if again != summary:
        problems.append(f"summarize() of {one.name} gives another summary the second time")
    if contents != {file: file.read_bytes() for file in _files(folder)}:
        problems.append(f"summarize() of {one.name} writes other files the second time")
    for width in WIDTHS[1:]:
        summarizer.summarize(one.result, folder, width)
    return problems


def _files(folder: Path) -> set[Path]:
    return {file for file in folder.rglob("*") if file.is_file()}


def _check_named(files: set[Path], summary: Summary, name: str) -> list[str]:
    """That a summary names the files that were written, and no others."""
    named = {Path(file).resolve() for file in summary.files}
    missing = [
        f"summarize() of {name} names {file.name}, which is not in the folder"
        for file in sorted(named - files)
    ]
    unnamed = [
        f"summarize() of {name} writes {file.name} and does not name it in Summary.files"
        for file in sorted(files - named)
    ]
    return missing + unnamed


def _check_file(file: Path, name: str) -> list[str]:
    data = file.read_bytes()
    if file.suffix not in (".json", ".csv", ".md", ".txt", ".html", ".tsv"):
        return []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return [f"{file.name} of {name} is not UTF-8"]
    if file.suffix == ".json":

        def refuse(word: str) -> None:
            raise ValueError(f"{word} is not JSON")

        try:
            json.loads(text, parse_constant=refuse)
        except ValueError as error:
            return [f"{file.name} of {name} is not JSON: {error}"]
    elif file.suffix != ".html" and (odd := _NOT_A_NUMBER.search(text)):
        return [f"{file.name} of {name} says {odd[0]!r} where a number is unknown"]
    return []
