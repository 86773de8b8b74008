"""Words of a command line: flags by name, each taken once, the rest told."""

from __future__ import annotations

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
        **{str(one["short"]): {**one, "long": name} for name, one in flags.known.items() if "short" in one},
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
            flags.given.append(Flag(name, (value, *_values(rest, 8)) if arity == MANY else (value,)))
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
