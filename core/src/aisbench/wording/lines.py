"""Finished English lines in the language of the reader.

Errors, hints and messages are made in hundreds of places, and end in files, too, which are
English. So they are translated where they are shown: a line is compared with the templates of all
of them (``lines.zh.json``: "{0} of {1} samples"), and what stands in its places is put into the
translation as it is, or translated in turn. A line that fits no template stays English.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from aisbench.wording.catalogue import templates
from aisbench.wording.language import Language, language

_PLACE = re.compile(r"\{(\d+)\}")
_GOT = "{0}, got {1}"
_DEPTH = 4
"""Of texts within texts: an error quotes a cause, which quotes a key."""
_LONGEST = 2000
"""Characters of a line that is looked at; longer ones are data."""


def translated(text: str, language_: Language | None = None, *, package: str | None = None) -> str:
    """A text in the language that AISBENCH_LANG names, or in ``language_``, line by line.

    Known are core's lines, and before them those in ``lines.zh.json`` of a ``package``
    (``__package__``). Raises LanguageError.
    """
    chosen = language_ or language()
    if chosen == "en":
        return text
    book = _book(chosen, package)
    if "\n" in text.strip() and (whole := book.whole(text, 0)) is not None:
        return whole
    return "\n".join(book.line(line, 0) for line in text.split("\n"))


@frozen
class _Template:
    pattern: re.Pattern[str]
    places: tuple[int, ...]
    """The number of each group of the pattern."""
    translation: str


@frozen
class _Book:
    """Translations, those with places apart: the ones with most words of their own first."""

    known: Mapping[str, str]
    patterns: tuple[_Template, ...]

    def line(self, line: str, depth: int) -> str:
        """A line; or what stands behind the place that it begins with (``suite.toml:3: KEY:``);
        or each of the things that it lists."""
        bare = line.strip()
        if not bare or len(line) > _LONGEST:
            return line
        indent = line[: len(line) - len(line.lstrip())]
        if bare not in self.known and (placed := self._placed(bare, depth)) is not None:
            return indent + placed
        if (whole := self.whole(bare, depth)) is not None:
            return indent + whole
        head, colon, rest = bare.partition(": ")
        if colon:
            begun = self.known.get(f"{head}:", f"{head}: ")  # Chinese colons bring their space
            return f"{indent}{begun}{self.line(rest, depth)}"
        wish, got, found_value = bare.rpartition(", got ")
        if got and (wished := self.whole(wish, depth)) is not None:
            template = self.known.get(_GOT, _GOT)
            return indent + _filled(template, {0: wished, 1: found_value})
        for mark in ("; ", ", "):
            parts = bare.split(mark)
            found = [self.whole(part, depth) for part in parts] if len(parts) > 1 else []
            if any(found):
                pairs = zip(parts, found, strict=True)
                return indent + mark.join(part if one is None else one for part, one in pairs)
        return line

    def _placed(self, text: str, depth: int) -> str | None:
        """A text that is known word for word, behind the place that it is about."""
        head, colon, rest = text.partition(": ")
        if not colon or (" " in head and not head.startswith("--")):
            return None  # a sentence of its own, and no place
        begun = self.known.get(f"{head}:", f"{head}: ")
        if rest in self.known:
            return begun + self.known[rest]
        behind = self._placed(rest, depth)
        return None if behind is None else begun + behind

    def whole(self, text: str, depth: int) -> str | None:
        """A text that fits a template as a whole; None for others."""
        if (exact := self.known.get(text)) is not None:
            return exact
        if depth == _DEPTH:
            return None
        for one in self.patterns:
            if found := one.pattern.fullmatch(text):
                values = dict(zip(one.places, found.groups(), strict=True))
                inner = {number: self.line(value, depth + 1) for number, value in values.items()}
                return _filled(one.translation, inner)
        return None


def _filled(template: str, values: Mapping[int, str]) -> str:
    return _PLACE.sub(lambda place: values[int(place[1])], template)


@functools.lru_cache
def _book(language_: Language, package: str | None) -> _Book:
    name = f"lines.{language_}.json"
    known = dict(templates(__package__, name))
    if package is not None:
        known |= templates(package, name)
    return book_of(known)


def book_of(known: Mapping[str, str]) -> _Book:
    """Translations by their English, ready to be looked up."""
    order = sorted(known.items(), key=lambda one: -len(_PLACE.sub("", one[0])))
    return _Book(known, tuple(_compiled(order)))


def _compiled(known: Sequence[tuple[str, str]]) -> Iterator[_Template]:
    for english, translation in known:
        places = tuple(int(one) for one in _PLACE.findall(english))
        if places:
            literal = [re.escape(part) for part in re.split(r"\{\d+\}", english)]
            # What a text begins with is one thing, and no list of them: "3 asked, 0 failed".
            alone = literal[0] == "" and not literal[1].startswith(":")
            first = "((?:(?![,;:] ).)*?)" if alone else "(.*?)"
            pattern = literal[0] + first + "(.*?)".join(literal[1:])
            yield _Template(re.compile(pattern), places, translation)
