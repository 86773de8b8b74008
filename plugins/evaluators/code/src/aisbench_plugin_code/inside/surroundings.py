"""What a program and its tests find around them: no input, no output, packages when wanted."""

from __future__ import annotations

import builtins
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import TextIOWrapper
    from typing import Any


class Packages:
    """Installed packages, looked for when the first of them is imported: Python is started
    without them, which halves its start."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> object:
        if self not in _finders():
            return None
        _finders().remove(self)
        import site

        before = (builtins.exit, builtins.quit)
        site.main()
        builtins.exit, builtins.quit = before
        for finder in _finders():
            found: object = finder.find_spec(name, path, target)
            if found is not None:
                return found
        return None


def _finders() -> list[Any]:
    return sys.meta_path


def hush() -> None:
    """What is printed goes nowhere, and there is nothing to read."""
    nothing, nowhere = os.open(os.devnull, os.O_RDONLY), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 0)
    os.dup2(nowhere, 1)
    os.close(nothing)
    os.close(nowhere)
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = _sink()  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _sink()  # type: ignore[misc]
    _finders().append(Packages())
    builtins.exit = builtins.quit = sys.exit  # type: ignore[assignment]


def _sink() -> TextIOWrapper:
    # As a stream in memory would, it takes any text.
    return open(os.devnull, "w", encoding="utf-8", errors="backslashreplace")


def describe(error: BaseException) -> str:
    """As the last line of a traceback."""
    try:
        text = str(error)
    except BaseException:
        text = ""
    name = type(error).__name__
    return f"{name}: {text[:1000]}" if text else name
