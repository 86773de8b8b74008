"""Finished English lines in the language of the reader.

Errors, hints and messages are made in hundreds of places, and end in files, too, which are
English. So they are translated where they are shown: a line is compared with the templates of all
of them (``lines.zh.json``: "{0} of {1} samples"), and what stands in its places is put into the
translation as it is, or translated in turn. A line that fits no template stays English.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping

from attrs import frozen

from aisbench.wording.catalogue import templates
from aisbench.wording.language import Language, language

_PLACE = re.compile(r"\{(\d+)\}")
_DEPTH = 4
"""Of texts within texts: an error quotes a cause, which quotes a key."""
_LONGEST = 2000
"""Characters of a line that is looked at; longer ones are data."""


@frozen
class _Template:
    pattern: re.Pattern[str]
    places: tuple[int, ...]
    """The number of each group of the pattern."""
    translation: str


def translated(text: str, language_: Language | None = None) -> str:
    """A text in the language that AISBENCH_LANG names, or in ``language_``, line by line.

    Raises LanguageError.
    """
    chosen = language_ or language()
    if chosen == "en":
        return text
    known = templates(__package__, f"lines.{chosen}.json")
    if (whole := _whole(text, known, 0)) is not None:
        return whole
    return "\n".join(_line(line, known, 0) for line in text.split("\n"))


def _line(line: str, known: Mapping[str, str], depth: int) -> str:
    """A line, or what stands behind the place that it begins with (``suite.toml:3: KEY:``)."""
    bare = line.strip()
    if not bare or len(line) > _LONGEST:
        return line
    indent = line[: len(line) - len(line.lstrip())]
    if (whole := _whole(bare, known, depth)) is not None:
        return indent + whole
    head, colon, rest = bare.partition(": ")
    if colon:
        begun = known.get(f"{head}:", f"{head}: ")  # Chinese colons bring their own space
        return f"{indent}{begun}{_line(rest, known, depth)}"
    return line


def _whole(text: str, known: Mapping[str, str], depth: int) -> str | None:
    if (exact := known.get(text)) is not None:
        return exact
    if depth == _DEPTH:
        return None
    for one in _patterns(tuple(known.items())):
        if found := one.pattern.fullmatch(text):
            values = dict(zip(one.places, found.groups(), strict=True))
            inner = {number: _line(value, known, depth + 1) for number, value in values.items()}
            return _filled(one.translation, inner)
    return None


def _filled(template: str, values: Mapping[int, str]) -> str:
    return _PLACE.sub(lambda place: values[int(place[1])], template)


@functools.lru_cache(maxsize=4)
def _patterns(known: tuple[tuple[str, str], ...]) -> tuple[_Template, ...]:
    """Those with places, the ones with most words of their own first."""
    found = sorted(known, key=lambda one: -len(_PLACE.sub("", one[0])))
    return tuple(_compiled(found))


def _compiled(known: list[tuple[str, str]]) -> Iterator[_Template]:
    for english, translation in known:
        places = tuple(int(one) for one in _PLACE.findall(english))
        if places:
            literal = [re.escape(part) for part in re.split(r"\{\d+\}", english)]
            pattern = re.compile("(.*?)".join(literal))
            yield _Template(pattern, places, translation)
