"""Sub-commands: they say what they do, refuse what they do not know, and return an exit code."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Sequence
from typing import Any

from aisbench_testkit.checks.trial import told

Command = Callable[[Sequence[str]], Any]


def check_command(command: Command, arguments: Sequence[str] = ()) -> list[str]:
    """--help ends with 0 and says something; an unknown option is refused with another code.
    ``arguments`` are of a use that ends by itself."""
    problems: list[str] = []
    for words, wanted in ((["--help"], True), (["--no-such-option-at-all"], False)):
        what = f"the command with {words[0]}"
        code, said, problem = call(command, words)
        if problem:
            problems.append(f"{what} {problem}")
        elif not said.strip():
            problems.append(f"{what} says nothing")
        elif wanted and code != 0:
            problems.append(f"{what} ends with {code!r}, not 0")
        elif not wanted and (not isinstance(code, int) or not code):
            problems.append(f"{what} ends with {code!r}: it must refuse it, with a code above 0")
    if arguments:
        code, _, problem = call(command, arguments)
        if problem or not isinstance(code, int):
            problem = problem or f"returns {code!r}, no exit code"
            problems.append(f"the command with {' '.join(arguments)} {problem}")
    return problems


def call(command: Command, words: Sequence[str]) -> tuple[object, str, str]:
    """The exit code, what was said, and what went wrong."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            code: object = command(list(words))
        except SystemExit as end:
            code = 0 if end.code is None else end.code
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is reported
            return None, said.getvalue(), f"raises {told(error)}"
    if isinstance(code, bool) or (code is not None and not isinstance(code, (int, str))):
        return code, said.getvalue(), f"returns {code!r}, no exit code"
    return code, said.getvalue(), ""
