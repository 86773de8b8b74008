"""A server's command with places for variables, and the command with their values."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from aisbench.types.tuning import TuneValue, TuneVariable

PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]*)\}")
OWN = ("port", "python")
"""What every command may name."""
SHOWN_PORT = "8000"


@frozen(kw_only=True)
class TunedVariable:
    """A variable, and how it is written into a command."""

    variable: TuneVariable
    flag: str = ""
    off: str = ""


def places(command: Sequence[str]) -> dict[str, int]:
    """The names in a command's words, each with its first word, but core's own."""
    found: dict[str, int] = {}
    for index, word in enumerate(command):
        for name in PLACE.findall(word):
            if name not in OWN:
                found.setdefault(name, index)
    return found


def command_with(
    command: Sequence[str],
    variables: Mapping[str, TunedVariable],
    values: Mapping[str, TuneValue],
) -> tuple[str, ...]:
    """The command at a point. A word that is "{NAME}" alone becomes the flag and the value, or
    nothing; one that holds a variable without a value is left out."""
    return tuple(word for one in command for word in _words(one, variables, values))


def _words(
    word: str, variables: Mapping[str, TunedVariable], values: Mapping[str, TuneValue]
) -> Iterator[str]:
    names = [name for name in PLACE.findall(word) if name in variables]
    if any(name not in values for name in names):
        return
    if len(names) == 1 and word == "{" + names[0] + "}":
        yield from _alone(variables[names[0]], values[names[0]])
        return
    for name in names:
        word = word.replace("{" + name + "}", text_of(values[name]))
    yield word


def _alone(one: TunedVariable, value: TuneValue) -> Iterator[str]:
    if isinstance(value, bool) and one.flag:
        if value:
            yield one.flag
        elif one.off:
            yield one.off
        return
    if one.flag:
        yield one.flag
    yield text_of(value)


def text_of(value: TuneValue) -> str:
    """A value as a command has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def shown(command: Sequence[str]) -> str:
    """A command to be copied into a shell."""
    filled = (one.replace("{port}", SHOWN_PORT).replace("{python}", "python") for one in command)
    return shlex.join(filled)
