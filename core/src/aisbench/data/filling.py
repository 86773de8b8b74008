"""Texts with places for a sample's fields, as prompt templates have them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.data.cells import why_unusable
from aisbench.data.paths import DataPath, MissingPart, quoted, read_path, value_at
from aisbench.media.values import is_media
from aisbench.store.long_texts import is_long_text, text_of
from aisbench.types.sample import Sample

T = TypeVar("T")

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|\{([^\W\d]\w*)")
_LETTER = re.compile(r"[^\W\d_]")
_JSON = re.compile(r"\s*([\"']).*?\1\s*:")
PROMPT = "the prompt template"
"""What messages call a text, unless it has a name."""
_BRACES = "write {{ and }} for literal braces"


@frozen
class _Unclosed:
    """A brace with a name behind it and none that closes it: a mistake where it is a field's."""

    name: str


@frozen
class _Misspelt:
    """Braces around something that cannot be a name."""

    body: str


_Piece = str | DataPath | _Unclosed | _Misspelt


def fill_places(text: str, sample: Sample, whose: str = PROMPT) -> str:
    """``text`` with the sample's fields where it names them in braces; doubled braces stand for
    one, and braces in what is filled in stay as they are.

    A place is a name or a path: ``{question}``, ``{question.stem}``, ``{choices[0].text}``,
    ``{'Correct Answer'}``. Braces that cannot be meant as a place are left alone: empty ones
    (``\\boxed{}``), those without a letter, JSON (``{"answer": 1}``), those over several lines.
    Nothing is put in for a value that is None. Raises DataError for a place that names nothing;
    its message calls the text ``whose``.
    """
    if "{" not in text and "}" not in text:
        return text
    fields = sample.fields
    found: list[str] = []
    for piece in _pieces(text):
        if isinstance(piece, str):
            found.append(piece)
        elif isinstance(piece, DataPath):
            value = fields.get(piece.head) if not piece.steps else None
            found.append(value if type(value) is str else _shown(_value(piece, sample, whose)))
        else:
            found.append(_literal(piece, sample, whose))
    return "".join(found)


def fill_around(
    text: str, sample: Sample, standing: Callable[[DataPath], Sequence[T] | None]
) -> list[str | T]:
    """Like :func:`fill_places`, but what ``standing`` gives for a place stands there itself,
    between the pieces of text around it; None leaves the place to the sample's fields."""
    found: list[str | T] = []
    for piece in _pieces(text):
        own = standing(piece) if isinstance(piece, DataPath) else None
        if own is not None:
            found += own
        elif isinstance(piece, str):
            found.append(piece)
        elif isinstance(piece, DataPath):
            found.append(_shown(_value(piece, sample)))
        else:
            found.append(_literal(piece, sample))
    return found


def only_place(text: str) -> DataPath | None:
    """The path in a text that is one place and nothing else."""
    pieces = _pieces(text)
    return pieces[0] if len(pieces) == 1 and isinstance(pieces[0], DataPath) else None


def places_of(text: str) -> tuple[DataPath, ...]:
    """All places in a text, in order."""
    return tuple(one for one in _pieces(text) if isinstance(one, DataPath))


def misspelt_place(text: str) -> str | None:
    """What is wrong with the first braces of a text that can name nothing, whatever the sample;
    None when nothing is."""
    for one in _pieces(text):
        if isinstance(one, _Misspelt):
            return f"{{{one.body}}} names nothing ({_advice(one.body)})"
    return None


def usable_field(sample: Sample, path: DataPath) -> Any:
    """What a place names. Raises DataError when it is not there, or holds nothing that a prompt
    can show."""
    return _value(path, sample)


def field_at(sample: Sample, path: DataPath) -> Any:
    """What a place names, also what only a picture's place can show. Raises DataError when it is
    not there, or cannot be used at all."""
    value = _there(path, sample)
    return value if is_media(value) else _value(path, sample)


def _value(path: DataPath, sample: Sample, whose: str = PROMPT) -> Any:
    value = _there(path, sample, whose)
    if type(value) is not str and (why := why_unusable(value)):
        raise DataError(
            f"{whose} names {{{path.text}}}: {why}",
            hint="columns that no prompt names do no harm",
        )
    return value


def _there(path: DataPath, sample: Sample, whose: str = PROMPT) -> Any:
    fields = sample.fields
    if path.head not in fields:
        raise DataError(
            f"{whose} names {{{path.text}}}, which sample {sample.id} does not have",
            hint=f"fields of this data set: {', '.join(map(quoted, sorted(fields)))}; {_BRACES}",
        )
    if is_long_text(held := fields[path.head]):
        fields = {**fields, path.head: text_of(held)}
    try:
        return value_at(path, fields)
    except MissingPart as error:
        own = "{target} is the reference; rows.rename calls a column of that name otherwise; "
        raise DataError(
            f"{whose} names {{{path.text}}}, but of sample {sample.id} {error}",
            hint=f"{own if path.head == 'target' else ''}correct the path; {_BRACES}",
        ) from None


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _literal(piece: _Unclosed | _Misspelt, sample: Sample, whose: str = PROMPT) -> str:
    if isinstance(piece, _Unclosed):
        if piece.name not in sample.fields:
            return f"{{{piece.name}"
        raise DataError(
            f"{whose} begins a place with {{{piece.name} and does not close it",
            hint=f"write {{{piece.name}}}; {_BRACES}",
        )
    raise DataError(
        f"{whose} holds {{{piece.body}}}, which names nothing",
        hint=_advice(piece.body, sample.fields),
    )


def _advice(body: str, fields: Mapping[str, Any] | None = None) -> str:
    name = body.strip()
    try:
        meant = read_path(name).text
    except ValueError:
        meant = quoted(name)
    known = ""
    if fields is not None:
        known = f"fields of this data set: {', '.join(map(quoted, sorted(fields)))}; "
    return f"a field is written {{{meant}}}; {known}{_BRACES}"


@lru_cache(maxsize=2048)
def _pieces(text: str) -> tuple[_Piece, ...]:
    """A text as what stays and what is filled in."""
    pieces: list[_Piece] = []
    kept = ""
    end = 0
    for match in _PLACE.finditer(text):
        kept += text[end : match.start()]
        end = match.end()
        if match[1] is None and match[2] is None:
            kept += match[0][0]
            continue
        piece = _Unclosed(match[2]) if match[1] is None else _place(match[1])
        if isinstance(piece, str):
            kept += piece
            continue
        if kept:
            pieces.append(kept)
            kept = ""
        pieces.append(piece)
    kept += text[end:]
    return (*pieces, kept) if kept or not pieces else tuple(pieces)


def _place(body: str) -> _Piece:
    try:
        return read_path(body)
    except ValueError:
        if _LETTER.search(body) is None or _JSON.match(body):
            return f"{{{body}}}"
        return _Misspelt(body)
