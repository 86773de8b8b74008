"""Words of a command line: flags by name, each taken once, the rest told."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from aisbench_plugin_migrate.draft import Draft, Section
from aisbench_plugin_migrate.tables.reading import table
from aisbench_plugin_migrate.words import noted, words

MANY = 9


@frozen
class Flag:
    """A flag as it was given."""

    name: str
    values: tuple[str, ...]


@define
class Flags:
    """A command line of a tool whose flags are in its table."""

    tool: str
    """The table's name."""
    place: str
    given: list[Flag] = field(factory=list)
    words: list[str] = field(factory=list)
    """Those that belong to no flag."""
    _taken: set[str] = field(factory=set)

    @property
    def known(self) -> Mapping[str, Mapping[str, Any]]:
        flags: Mapping[str, Mapping[str, Any]] = table(self.tool)["flags"]
        return flags

    def has(self, name: str) -> bool:
        """Whether the switch was given; it counts as taken."""
        self._taken.add(name)
        return any(one.name == name for one in self.given)

    def all(self, name: str) -> list[str]:
        """All values of a flag, over its repetitions."""
        self._taken.add(name)
        return [value for one in self.given if one.name == name for value in one.values]

    def one(self, name: str) -> str | None:
        """The last value of a flag, as argparse has it; None where it was not given."""
        values = self.all(name)
        return values[-1] if values else None

    def first(self, *names: str) -> str | None:
        """The value of the first of these flags that was given; all of them count as taken."""
        values = [self.one(name) for name in names]
        return next((one for one in values if one is not None), None)

    def switch(self, name: str) -> bool | None:
        """What a switch that may have a value says; None where it was not given."""
        values = self.all(name)
        if values:
            return scalar(values[-1]) is not False
        return True if self.has(name) else None

    def told(self, draft: Draft) -> None:
        """Count what was taken as carried over."""
        for one in self.given:
            if one.name in self._taken:
                here = str(self.known.get(one.name, {}).get("here", ""))
                draft.carry(one.name, self.place, here)

    def leave_rest(self, draft: Draft, section: Section | None) -> None:
        """Tell what was given and not taken."""
        for one in self.given:
            if one.name in self._taken:
                continue
            why = self.known.get(one.name, {}).get("why", "")
            reason = noted(why) if why else _no_counterpart(one.name in self.known, self.tool)
            draft.leave(section, one.name, " ".join(one.values), self.place, reason)

    def leave(self, draft: Draft, section: Section | None, name: str, why: str) -> None:
        """Tell a flag whose value has no place here."""
        self._taken.discard(name)
        draft.leave(section, name, " ".join(self.all(name)), self.place, why)
        for index, one in enumerate(self.given):
            if one.name == name:
                self.given[index] = Flag("", one.values)


def _no_counterpart(known: bool, tool: str) -> str:
    if known:
        return words().text("there is nothing of the kind here")
    return words().text("{tool} is not known to have this flag", tool=tool)


def read_flags(tool: str, given: Sequence[str], place: str) -> Flags:
    """The flags of a command line whose first words (the program) are gone already."""
    flags = Flags(tool, place)
    known = {
        **flags.known,
        **{
            str(one["short"]): {**one, "long": name}
            for name, one in flags.known.items()
            if "short" in one
        },
    }
    rest = list(given)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-" or _is_number(word):
            flags.words.append(word)
            continue
        name, equals, value = word.partition("=")
        spec = known.get(name) or known.get(name.replace("_", "-")) or {}
        name = str(spec.get("long") or _spelled(name, known))
        arity = spec.get("values")
        if equals:
            flags.given.append(
                Flag(name, (value, *_values(rest, 8)) if arity == MANY else (value,))
            )
        else:
            flags.given.append(Flag(name, tuple(_values(rest, _most(arity, rest)))))
    return flags


def _spelled(name: str, known: Mapping[str, Any]) -> str:
    other = name.replace("_", "-")
    return other if name not in known and other in known else name


def _most(arity: object, rest: Sequence[str]) -> int:
    """How many words follow a flag: of an unknown one, one that is no flag."""
    if arity is None:
        return 1
    return {0: 0, 1: 1, 2: 1}.get(int(str(arity)), len(rest))


def _values(rest: list[str], most: int) -> Iterator[str]:
    while rest and most > 0 and (not rest[0].startswith("-") or _is_number(rest[0])):
        yield rest.pop(0)
        most -= 1


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def flags_of(tool: str, given: Mapping[str, Any], place: str) -> Flags:
    """The keys of a config file as the flags that they are the same as."""
    flags = Flags(tool, place)
    known = flags.known
    for key, value in given.items():
        name = f"--{key}"
        if name not in known:
            name = next(
                (
                    one
                    for one in (f"--{key.replace('_', '-')}", f"--{key.replace('-', '_')}")
                    if one in known
                ),
                name,
            )
        if value is None or value is False:
            continue
        flags.given.append(Flag(name, _as_words(value)))
    return flags


def _as_words(value: Any) -> tuple[str, ...]:
    if value is True:
        return ()
    if isinstance(value, list):
        return tuple(
            one if isinstance(one, str) else json.dumps(one, default=str) for one in value
        )
    return (value if isinstance(value, str) else json.dumps(value, default=str),)


def mapping_of(text: str) -> dict[str, Any]:
    """A table in a flag: JSON, Python's own form, or ``a=1,b=2``; nothing where it is none."""
    stripped = text.strip()
    if stripped.startswith("{"):
        for read in (json.loads, ast.literal_eval):
            try:
                value = read(stripped)
            except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
                continue
            return value if isinstance(value, dict) else {}
        return {}
    pairs = (one.partition("=") for one in _split(stripped))
    return {key.strip(): scalar(value.strip()) for key, sign, value in pairs if sign}


def _split(text: str) -> Iterator[str]:
    """At commas that stand in no brackets."""
    depth, begun = 0, 0
    for index, one in enumerate(text):
        depth += (one in "[{(") - (one in "]})")
        if one == "," and depth <= 0:
            yield text[begun:index]
            begun = index + 1
    yield text[begun:]


def scalar(text: str) -> Any:
    """A number, a truth value or the text itself."""
    lowered = text.lower()
    if lowered in ("true", "false"):
        return lowered == "true"
    if lowered in ("none", "null"):
        return None
    if text[:1] in "[{":
        try:
            return json.loads(text)
        except ValueError:
            return text
    for read in (int, float):
        try:
            number = read(text)
        except (ValueError, OverflowError):
            continue
        return number if math.isfinite(number) else text
    return text


def number(text: str | None) -> float | None:
    """A number; None where it is none, and for infinity."""
    if text is None:
        return None
    value = scalar(text)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def whole(text: str | None) -> int | None:
    """A whole number, cut; None where it is none."""
    value = number(text)
    return None if value is None else int(value)


def items(texts: Sequence[str]) -> list[str]:
    """Values of a flag that may be parted by commas, too."""
    return [part.strip() for text in texts for part in _split(text) if part.strip()]
