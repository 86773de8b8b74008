"""The few lines of shell that pages have, so that most of them need neither a shell nor a new
interpreter: `aisbench ...` is started by :mod:`warm`. Everything else is bash's."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

_ASSIGNMENT = re.compile(r"(?P<name>[A-Z]+)=(?P<value>\$\(.*\))\Z")
_OPERATORS = frozenset("|&;<>()`")


def lines_of(script: str) -> Iterator[str]:
    """The commands of a script, continued lines joined; comments and blank lines left out."""
    for line in script.replace("\\\n", " ").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()


def assignment(line: str) -> tuple[str, str] | None:
    """``NAME=$(COMMAND)``: the name, and what bash makes the value of."""
    match = _ASSIGNMENT.match(line)
    return (match["name"], match["value"]) if match else None


def plain_words(line: str, variables: dict[str, str]) -> list[str] | None:
    """The words of a command that needs no shell, with ``variables`` put in; None of another."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found = []
    for word in lexer:
        if set(word) <= _OPERATORS:
            return None
        for name, value in variables.items():
            word = word.replace(f"${name}", value)
        if "$" in word or ("*" in word and not word.startswith("datasets.")):
            return None
        found.append(word)
    return found
