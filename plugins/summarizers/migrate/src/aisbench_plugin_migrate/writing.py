"""Suites are written, and what became of every key is told."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from aisbench import Problem
from aisbench.api import DataError, ExitCode, translated
from aisbench_plugin_migrate.draft import Draft
from aisbench_plugin_migrate.inputs import drafts_of
from aisbench_plugin_migrate.mend import mended
from aisbench_plugin_migrate.options import FlagValues
from aisbench_plugin_migrate.words import words

_FILES = ("path", "meta", "examples")
"""Keys of data sets that name files."""


def migrate(
    inputs: Sequence[str],
    given: Sequence[str] = (),
    *,
    output: Path | None = None,
    roots: Sequence[Path] = (),
    data: Path | None = None,
    force: bool = False,
) -> int:
    """Read, write, tell. Returns the exit code.

    :param inputs: files and command lines.
    :param given: the words of one command line.
    :param output: the suite's file; None: it is printed.
    :param roots: checkouts in which imports are looked up.
    :param data: the folder of data sets.
    :param force: whether a file that is there is replaced.

    Raises DataError.
    """
    missing = next((one for one in roots if not one.is_dir()), None)
    if missing is not None:
        raise DataError(words().text("--root {path}: there is no such folder", path=missing))
    options = FlagValues(roots=tuple(roots), data=data.absolute() if data else None)
    drafts = drafts_of(inputs, given, options)
    paths = [_path(output, number) for number in range(1, len(drafts) + 1)]
    _check_paths(paths, force)
    for draft, path in zip(drafts, paths, strict=True):
        if not draft.names("models") or not draft.names("datasets"):
            raise nothing(draft)
        if path is not None:
            _from_there(draft, path.parent, [Path(), *(Path(one).parent for one in inputs)])
        problems = mended(draft)
        text = draft.text()
        if path is None:
            sys.stdout.write(text)
        else:
            _write(path, text)
        sys.stdout.flush()
        for line in summary(draft, path, problems):
            sys.stderr.write(f"{line}\n")
    return ExitCode.OK


def _from_there(draft: Draft, folder: Path, bases: Sequence[Path]) -> None:
    """Files that are named from where the command stood, named from the suite's folder."""
    for header, section in draft.sections.items():
        for line in section.lines if header[0] == "datasets" else ():
            named = line.value if line.key in _FILES else None
            if not isinstance(named, str) or len(named) > 500 or (folder / named).exists():
                continue
            base = next((one for one in bases if (one / named).exists()), None)
            if base is not None:
                line.value = os.path.relpath(base / named, folder)


def _path(output: Path | None, number: int) -> Path | None:
    if output is None or number == 1:
        return output
    return output.with_name(f"{output.stem}-{number}{output.suffix}")


def _check_paths(paths: Sequence[Path | None], force: bool) -> None:
    if len(paths) > 1 and paths[0] is None:
        raise DataError(
            words().text("the input makes {n} suites", n=len(paths)),
            hint=words().text("-o FILE writes them: FILE, FILE-2, ..."),
        )
    there = next((path for path in paths if path is not None and path.exists()), None)
    if there is not None and not force:
        raise DataError(
            words().text("{path} is there already", path=there),
            hint=words().text("another -o, or --force to replace it"),
        )


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataError(
            words().text("{path}: {reason}", path=path, reason=error.strerror or error)
        ) from error


def nothing(draft: Draft) -> DataError:
    """The error for an input of which no suite can be made, with all reasons."""
    reasons = "\n  ".join(one.line() for one in draft.left)
    return DataError(
        words().text("no suite can be made of this:\n  {reasons}", reasons=reasons or draft.source)
    )


def summary(draft: Draft, path: Path | None, problems: Sequence[Problem]) -> list[str]:
    """What the terminal says: how many keys were carried over, and which were not, and why."""
    lines = [
        words().text(
            "{carried} keys carried over, {left} not",
            carried=len(draft.carried),
            left=len(draft.left),
        )
    ]
    lines += [f"  {one.line()}" for one in draft.left]
    for problem in problems:
        where = ".".join(map(str, problem.path))
        lines.append(
            words().text(
                "  to do: {where}: {message}", where=where, message=translated(problem.message)
            )
        )
        if problem.hint:
            lines.append(f"    {translated(problem.hint)}")
    if path is not None:
        lines.append(words().text("{path} is written; next: aisbench validate {path}", path=path))
    return lines
