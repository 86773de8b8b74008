"""Runs the tests. The program is in another sandbox; it can neither read nor change what is here.

The verdict is the only thing that is written to standard output.
"""

from __future__ import annotations

import os
import sys

from .channel import DEEP, Channel, Garbled, Gone, parse, text_of
from .link import Link, Unsplittable
from .remote import TestNames
from .surroundings import describe, hush

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType as _Module
    from typing import Any, NoReturn
else:
    _Module = type(sys)  # without the package types

_SAME_PROCESS = {
    "getsource", "getsourcelines", "getclosurevars", "signature", "getfullargspec", "settrace",
    "setprofile", "__globals__", "get_objects",
}  # fmt: skip
_PATCHED = {"builtins.input", "sys.stdin", "sys.stdout"}


class Tests(_Module):
    """The module that test runners look into."""

    def __init__(self, names: TestNames) -> None:
        super().__init__("__main__")
        self.__dict__["_names"] = names

    def __getattr__(self, name: str) -> Any:
        try:
            return dict.__getitem__(self.__dict__["_names"], name)
        except KeyError:
            raise AttributeError(name) from None

    def __dir__(self) -> list[str]:
        return list(self.__dict__["_names"])


def main() -> NoReturn:
    """Standard input holds the tests, the prompt's own code and the name that is asked for."""
    given = parse(sys.stdin.buffer.read().decode())
    verdict_file = os.dup(1)
    hush()
    sys.path.pop(0)
    sys.argv = ["tests"]
    sys.setrecursionlimit(DEEP)
    verdict = verdict_of(given, Channel())
    waiting = memoryview(text_of(verdict).encode("utf-8", "backslashreplace"))
    while waiting:
        waiting = waiting[os.write(verdict_file, waiting) :]
    os._exit(0)


def verdict_of(given: dict[str, str], channel: Channel) -> dict[str, str]:
    """``verdict`` is "passed", "failed", "lost" (its program is gone), "tests" (they cannot be
    run), "unsplittable" (not in a process of their own), "unused" (they asked for nothing)."""
    link = Link(channel)
    names = TestNames(link, given["name"])
    dict.update(names, {"__name__": "__main__", "__builtins__": __builtins__})
    try:
        before = _compiled(given["before"], "the prompt")
        if before is not None:
            exec(before, names)
        code = _compiled(given["tests"], "tests")
    except Unsplittable as error:
        return {"verdict": "unsplittable", "reason": str(error)}
    except BaseException as error:
        return {"verdict": "tests", "reason": describe(error)}
    link.shared = {
        name: value
        for name, value in names.items()
        if isinstance(value, type) and value.__module__ == "__main__"
    }
    program = ""
    try:
        channel.send(["shared", list(link.shared)])
        _, program = channel.receive()
        head, _ = channel.receive()
        if head[0] == "failed":
            return {"verdict": "failed", "reason": str(head[-1]), "program": program}
        if head[0] != "loaded":
            raise Garbled("what it sent is not an answer: it was not asked")
    except Gone:
        return {"verdict": "lost", "reason": "gone", "program": program}
    except Garbled as error:
        return {"verdict": "lost", "reason": str(error), "program": program}
    sys.modules["__main__"] = Tests(names)
    return {**_run(code, names, link, given["tests"]), "program": program}


def _run(code: Any, names: TestNames, link: Link, tests: str) -> dict[str, str]:
    reason = ""
    try:
        exec(code, names)
    except BaseException as error:
        left = isinstance(error, SystemExit) and not link.raised(error)
        if not (left and not error.code):  # type: ignore[attr-defined]
            reason = _told(error, tests)
            if isinstance(error, ImportError) and not link.raised(error):
                return {"verdict": "tests", "reason": reason}
    if link.unsplittable:
        return {"verdict": "unsplittable", "reason": link.unsplittable}
    if not reason and link.used and not link.lost:
        # It must have lasted to the end, within its time.
        try:
            link.ask(["end"])
        except BaseException as error:
            reason = describe(error)
    if link.lost:
        return {"verdict": "lost", "reason": link.lost}
    if reason:
        return {"verdict": "failed", "reason": reason}
    if not link.used:
        return {"verdict": "unused", "reason": ""}
    return {"verdict": "passed", "reason": ""}


def _compiled(text: str, name: str) -> Any:
    """None for a prompt that is not Python. Raises SyntaxError for tests, Unsplittable."""
    try:
        code = compile(text, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        if name == "tests":
            raise
        return None
    if name == "tests" and any(word in text for word in (*_SAME_PROCESS, "patch", "sys.modules")):
        _refuse(text)
    return code


def _refuse(text: str) -> None:
    """Raises Unsplittable where tests look into the program's process, which is not theirs."""
    import ast

    for node in ast.walk(ast.parse(text)):
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
        whole = ast.unparse(node) if isinstance(node, ast.Attribute) else name
        found = name in _SAME_PROCESS or whole == "sys.modules"
        if isinstance(node, ast.Call) and _patches(ast.unparse(node.func)):
            target = node.args[0] if node.args else None
            found = not (isinstance(target, ast.Constant) and target.value in _PATCHED)
            whole = ast.unparse(node)[:60]
        if found:
            raise Unsplittable(f"{whole} in line {getattr(node, 'lineno', '?')}")


def _patches(function: str) -> bool:
    parts = function.split(".")
    return parts[-1] == "patch" or parts[-2:-1] == ["patch"]


def _told(error: BaseException, tests: str) -> str:
    """The error, and the last line of the tests that it came through."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "tests":
            line = trace.tb_lineno
        trace = trace.tb_next
    lines = tests.split("\n")
    text = describe(error)
    if 0 < line <= len(lines):
        text += f" (line {line} of the tests: {lines[line - 1].strip()[:160]})"
    return text
