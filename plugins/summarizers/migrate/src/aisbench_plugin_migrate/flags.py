"""Words of a command line: flags by name, each taken once, the rest told."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from aisbench_plugin_migrate.draft import Draft, DraftSection
from aisbench_plugin_migrate.secret import is_secret
from aisbench_plugin_migrate.tables.reading import table
from aisbench_plugin_migrate.words import noted, words

MANY = 9
_VARIABLE = re.compile(r"\$\{[^}]*\}|\$\([^)]*\)?|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%")


@frozen
class Flag:
    """A flag as it was given."""

    name: str
    """As its table has it."""
    values: tuple[str, ...]
    written: str = ""
    """As it was written, where that is another of its names."""

    @property
    def shown(self) -> str:
        return self.written or self.name


@define
class Flags:
    """A command line of a tool whose flags are in its table."""

    tool: str
    """The table's name."""
    place: str
    """Where they stood, for comments."""
    given: list[Flag] = field(factory=list)
    words: list[str] = field(factory=list)
    """Those that belong to no flag."""
    missing: tuple[str, str] | None = None
    """A flag whose file is not here, and what is said of it."""
    _taken: set[str] = field(factory=set)

    @property
    def known(self) -> Mapping[str, Mapping[str, Any]]:
        flags: Mapping[str, Mapping[str, Any]] = table(self.tool)["flags"]
        return flags

    def add(self, name: str, value: Any, written: str = "") -> None:
        """A flag that says the same as something that was given in another form."""
        if value is not None and value is not False:
            self.given.append(Flag(name, _as_words(value), written))

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
        if self.missing is not None:
            self.leave(draft, draft.section("suite"), *self.missing)
        for one in self.given:
            self._open(draft, one)
            if one.name in self._taken:
                here = str(self.known.get(one.name, {}).get("here", ""))
                draft.carry(one.name, self.place, here)

    def _open(self, draft: Draft, flag: Flag) -> None:
        """Say that a value is a variable of the shell that nothing gave a value."""
        found = next(filter(None, map(_VARIABLE.search, flag.values)), None)
        if found is not None and not is_secret(flag.name) and "header" not in flag.name:
            said = words().text(
                "{flag}: {value} is a variable without a value here: put its value in",
                flag=flag.shown,
                value=found[0],  # alone: what stands around it may be secret
            )
            draft.section("suite").say(said)

    def leave_rest(self, draft: Draft, section: DraftSection | None) -> None:
        """Tell what was given and not taken."""
        for one in self.given:
            if one.name in self._taken:
                continue
            why = self.known.get(one.name, {}).get("why", "") or self._why(one.name)
            reason = noted(why) if why else _no_counterpart(one.name in self.known, self.tool)
            draft.leave(section, one.shown, " ".join(one.values), self.place, reason)
        if self.words and "words" not in self._taken:
            why = words().text("this word belongs to no flag")
            draft.leave(section, " ".join(self.words), "", self.place, why)

    def _why(self, name: str) -> str:
        """What is said of all flags that begin alike."""
        alike: Mapping[str, Any] = table(self.tool).get("beginnings", {})
        return next(
            (str(one["why"]) for begin, one in alike.items() if name.startswith(begin)), ""
        )

    def take_words(self) -> list[str]:
        """Words that belong to no flag; they count as taken."""
        self._taken.add("words")
        return self.words

    def leave(self, draft: Draft, section: DraftSection | None, name: str, why: str) -> None:
        """Tell a flag whose value has no place here."""
        self._taken.discard(name)
        written = next((one.shown for one in self.given if one.name == name), name)
        draft.leave(section, written, " ".join(self.all(name)), self.place, why)
        self._taken.discard(name)
        self.given = [one for one in self.given if one.name != name]


def _no_counterpart(known: bool, tool: str) -> str:
    if known:
        return words().text("there is nothing of the kind here")
    return words().text("{tool} is not known to have this flag", tool=tool)


def _names(flags: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Every name of a flag -> the one that its table has."""
    names = {name: name for name in flags}
    for name, about in flags.items():
        for other in (about.get("short"), *about.get("also", ())):
            if other:
                names[str(other)] = name
    return names


def read_flags(tool: str, given: Sequence[str], place: str) -> Flags:
    """The flags of a command line whose first words (the program) are gone already."""
    flags = Flags(tool, place)
    names = _names(flags.known)
    rest = list(given)
    while rest:
        word = rest.pop(0)
        if word == "--":  # what is behind is another program's
            flags.words += rest
            break
        if not word.startswith("-") or word == "-" or _is_number(word):
            flags.words.append(word)
            continue
        written, equals, value = word.partition("=")
        name = _spelled(written, names)
        most = _most(flags.known.get(name, {}).get("values"), rest)
        if equals:
            values = (value, *_values(rest, 8)) if most == len(rest) and most > 1 else (value,)
        else:
            values = tuple(_values(rest, most))
        flags.given.append(Flag(name, values, _other(written, name)))
    return flags


def _spelled(written: str, names: Mapping[str, str]) -> str:
    """The name that a table has of a flag, with - or _ within."""
    for one in (written, written.replace("_", "-"), f"--{written[2:].replace('-', '_')}"):
        if one in names:
            return names[one]
    return written


def _other(written: str, name: str) -> str:
    """What was written, where it is another long name than the table's."""
    same = written.replace("_", "-") == name.replace("_", "-")
    return "" if same or not written.startswith("--") else written


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
    names = _names(flags.known)
    for key, value in given.items():
        name = _spelled(f"--{key}", names)
        if value is False and flags.known.get(name, {}).get("values") == 2:
            value = "false"  # of a switch that is on unless it is told otherwise
        flags.add(name, value, _other(f"--{key}", name))
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
        value = _structure(stripped)
        return value if isinstance(value, dict) else {}
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
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    if text[:1] in ("[", "{"):
        return _structure(text)
    for read in (int, float):
        try:
            number = read(text)
        except (ValueError, OverflowError):
            continue
        return number if math.isfinite(number) else text
    return text


def _structure(text: str) -> Any:
    """A list or a table in JSON's or Python's form; else the text itself."""
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(text)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            continue
        return value if isinstance(value, (list, dict)) else text
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
