"""A suite while it is made: its keys, where each comes from, and what had no place in it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field, frozen

from aisbench_plugin_migrate.literal import fits, key_of, literal
from aisbench_plugin_migrate.secret import shown
from aisbench_plugin_migrate.static.values import plain
from aisbench_plugin_migrate.words import words

Header = tuple[str, ...]
_WIDTH = 98
_ODD = re.compile(r"[^A-Za-z0-9_.-]+")


@frozen
class Left:
    """A key that has no place in the suite."""

    key: str
    value: str
    """As it is shown: shortened, without secrets."""
    place: str
    why: str

    def line(self) -> str:
        """In one line, for the terminal and for the comment."""
        given = " = ".join(one for one in (self.key, self.value) if one)
        where = f"{self.place}: " if self.place else ""
        return f"{where}{given}: {self.why}"


@define
class Line:
    """A key of a section, or a comment alone."""

    key: str = ""
    value: Any = None
    comment: str = ""


@define
class DraftSection:
    """One table of the suite."""

    header: Header
    lines: list[Line] = field(factory=list)
    is_list: bool = False
    """Whether it is one of several, as [[exclude]]."""

    def put(self, key: str, value: Any, comment: str = "") -> None:
        """Set a key; a second time it is replaced."""
        for line in self.lines:
            if line.key == key:
                line.value, line.comment = value, comment or line.comment
                return
        self.lines.append(Line(key, value, comment))

    def put_given(self, key: str, value: Any, comment: str = "") -> None:
        """Set a key where there is a value: not None, no empty text or table."""
        if value is not None and value != "" and value != {} and value != []:
            self.put(key, value, comment)

    def get(self, key: str) -> Any:
        return next((line.value for line in self.lines if line.key == key), None)

    def say(self, comment: str) -> None:
        """A comment alone; the same one is made once."""
        if comment and all(line.key or line.comment != comment for line in self.lines):
            self.lines.append(Line(comment=comment))


@define
class Draft:
    """A suite that is being made from what another tool was told."""

    tool: str
    """The tool's name."""
    source: str
    """What was read: a file, or a command."""
    sections: dict[Header, DraftSection] = field(factory=dict)
    lists: list[DraftSection] = field(factory=list)
    carried: dict[tuple[str, str], str] = field(factory=dict)
    """(key, its place) -> the key here."""
    left: list[Left] = field(factory=list)

    @property
    def author(self) -> str:
        """Whose configs they are."""
        return "OpenCompass" if self.tool.lower() == "opencompass" else "AISBench"

    def section(self, *header: str) -> DraftSection:
        """The table of that name, made when it is first asked for."""
        return self.sections.setdefault(header, DraftSection(header))

    def more(self, *header: str) -> DraftSection:
        """A further table of a list of tables."""
        self.lists.append(DraftSection(header, is_list=True))
        return self.lists[-1]

    def carry(self, key: str, place: object, here: str) -> None:
        """Note that a key has its place in the suite."""
        self.carried[key, str(place)] = here

    def leave(
        self, section: DraftSection | None, key: str, value: Any, place: object, why: str
    ) -> None:
        """Note that a key has none; ``why`` says why, and what is nearest."""
        one = Left(key, shown(key, plain(value)), str(place), why)
        if one not in self.left:
            self.left.append(one)
        if section is not None:
            section.say(one.line())

    def names(self, kind: str) -> list[str]:
        """The sections of a kind: models, or datasets."""
        return [header[1] for header in self.sections if header[0] == kind and len(header) > 1]

    def free_name(self, kind: str, wanted: str) -> str:
        """``wanted`` as the name of a section, made different where it is taken."""
        base = _ODD.sub("-", wanted).strip("-.") or kind.rstrip("s")
        taken, number, name = self.names(kind), 1, base
        while name in taken:
            number += 1
            name = f"{base}-{number}"
        return name

    def tables(self) -> dict[str, Any]:
        """The suite as a mapping."""
        made: dict[str, Any] = {}
        for section in self._ordered():
            into = made
            for part in section.header[:-1]:
                into = into.setdefault(part, {})
            values = {line.key: line.value for line in section.lines if line.key}
            if section.is_list:
                into.setdefault(section.header[-1], []).append(values)
            else:
                into.setdefault(section.header[-1], {}).update(values)
        return made

    def _ordered(self) -> Iterator[DraftSection]:
        order = ["suite", "models", "datasets", "load", "summarizers", "exclude"]
        every = [*self.sections.values(), *self.lists]
        yield from sorted(every, key=lambda one: order.index(one.header[0]))

    def text(self) -> str:
        """The suite as TOML."""
        head = words().text(
            "Made by `aisbench migrate` from {source} ({tool}).",
            source=shown("", self.source),
            tool=self.tool,
        )
        if self.left:
            head += " " + words().text(
                "Keys without a place here: {left}; each is a comment, and says why.",
                left=len(self.left),
            )
        parts = ["\n".join(_comment(head))]
        parts += ["\n".join(_section(one)) for one in self._ordered() if one.lines]
        return "\n\n".join(parts) + "\n"


def _section(section: DraftSection) -> Iterator[str]:
    name = ".".join(map(key_of, section.header))
    yield f"[[{name}]]" if section.is_list else f"[{name}]"
    for line in section.lines:
        if not line.key:
            yield from _comment(line.comment)
            continue
        made = f"{key_of(line.key)} = {literal(line.value)}"
        if (
            line.comment
            and len(made) + len(line.comment) + 5 <= _WIDTH
            and "\n" not in line.comment
        ):
            yield f"{made}  # {_clean(line.comment)}"
        else:
            yield from _comment(line.comment)
            yield made


def _comment(text: str) -> list[str]:
    """Lines of a comment. Nothing of ``text`` can end it."""
    lines = textwrap.wrap(_clean(text), _WIDTH, break_long_words=False, break_on_hyphens=False)
    return [f"# {line}" for line in lines]


def _clean(text: str) -> str:
    """One line without control characters, as TOML wants its comments."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def without_none(value: Mapping[str, Any]) -> dict[str, Any]:
    """What of a table has a form in TOML."""
    return {key: one for key, one in value.items() if one is not None and fits(one)}
