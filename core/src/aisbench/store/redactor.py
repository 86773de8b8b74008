"""Keeping secret values out of every file and off the terminal.

A server may repeat a key in any of its answers, and in many forms: as it is, in JSON or HTML, in a
URL, in Base64 alone or within a longer text (``Basic`` credentials). All forms of the secrets of a
run are known before it begins; what is written passes the redactor.
"""

from __future__ import annotations

import base64
import contextlib
import html
import json
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import orjson

from aisbench.types.response import Fault

HIDDEN = "[secret]"

_SHORTEST = 6
"""Shorter values would hide ordinary words everywhere."""
_WORD = 8
"""Up to so many letters alone, or digits alone, may be a model's own word or number."""
_PIECE = 8
"""So many characters of a secret are enough to be hidden in an error, wherever it was cut."""
_TAIL = 4
"""And so many at the very place where a text was cut."""
_SCHEME = re.compile(
    r"(?:bearer|basic|token|digest|negotiate|api-?key|key) +(\S.*)\Z", re.DOTALL | re.IGNORECASE
)
_NESTED = 3
"""JSON in HTML in JSON, and the like."""
_LEAST_RUN = 3
_RUN = re.compile("[A-Za-z0-9]+")
_CUT = r"(?=\Z|…|\.\.\.|['\"])"


class Redactor:
    """Replaces known secrets, in all their forms, in text and in rows of JSON."""

    def __init__(self) -> None:
        self._forms: list[str] = []
        self._ordinary: set[str] = set()
        self._needles: list[bytes] = []
        self._pieces: list[tuple[str, str]] = []
        self._tails: re.Pattern[str] | None = None

    def add(self, values: Iterable[str]) -> None:
        """Values to hide from now on."""
        for value in values:
            for part in _parts(value):
                if len(part) >= _SHORTEST:
                    found = [one for one in _forms(part) if one not in self._forms]
                    self._forms += found
                    if is_word(part):
                        self._ordinary.update(found)
        self._forms.sort(key=len, reverse=True)
        self._prepare()

    def clean(self, text: str) -> str:
        """``text`` of an error without the secrets, and without what a cut left of them."""
        text = self.whole(text)
        for piece, form in self._pieces:
            if piece in text:
                text = _without(text, piece, form)
        return self._tails.sub(HIDDEN, text) if self._tails is not None else text

    def fault(self, fault: Fault) -> Fault:
        """A failure whose words were cleaned before anybody cuts them."""
        body = None if fault.body is None else self.clean(fault.body)
        return attrs.evolve(fault, message=self.clean(fault.message), body=body)

    def whole(self, text: str) -> str:
        """``text`` without the secrets that stand in it as a whole."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, HIDDEN)
        return text

    def answer(self, text: str) -> str:
        """``text`` of a model without the secrets; plain words stay, for they may be its own."""
        for form in self._forms:
            if form in text and form not in self._ordinary:
                text = text.replace(form, HIDDEN)
        return text

    def error(self, value: Any) -> Any:
        """A value as JSON has it, its strings (keys too) treated by :meth:`clean`."""
        return _mapped(value, self.clean)

    def row(self, line: bytes) -> bytes:
        """A line of JSON, its strings treated by :meth:`answer`.

        Costs a search of the bytes for each secret unless one is in it.
        """
        for needle in self._needles:
            if needle in line:
                return self._cleaned(line)
        return line

    def scrub(self, path: Path) -> None:
        """Clean what another program wrote into a file, once it has ended. Raises OSError."""
        content = path.read_bytes()
        text = content.decode("utf-8", "surrogateescape")
        cleaned = self.whole(text)
        if cleaned != text:
            path.write_bytes(cleaned.encode("utf-8", "surrogateescape"))

    def _cleaned(self, line: bytes) -> bytes:
        # Not in the bytes: a secret of digits may stand in a number, or span what JSON adds.
        made = orjson.dumps(_mapped(orjson.loads(line), self.answer))
        return made + b"\n" if line.endswith(b"\n") else made

    def _prepare(self) -> None:
        self._needles = _needles(one for one in self._forms if one not in self._ordinary)
        self._pieces = []
        for form in self._forms:
            if len(form) > _PIECE:
                self._pieces += [(form[:_PIECE], form), (form[-_PIECE:], form)]
        begun = {
            form[:length]
            for form in self._forms
            for length in range(_TAIL, min(len(form), _PIECE))
        }
        tails = "|".join(re.escape(one) for one in sorted(begun, key=len, reverse=True))
        self._tails = re.compile(f"(?:{tails}){_CUT}") if tails else None


def is_word(value: str) -> bool:
    """Whether a secret is so plain that a model may say it without knowing it."""
    return len(value) <= _WORD and (value.isalpha() or value.isdigit())


def _parts(value: str) -> Iterator[str]:
    """A header's value, or its credentials alone, and what Basic ones are made of (RFC 7617)."""
    if (found := _SCHEME.match(value)) is None:
        yield value
        return
    yield found[1]
    if value.lower().startswith("basic "):
        try:
            pair = base64.b64decode(found[1], validate=True).decode("utf-8")
        except ValueError:
            return
        yield pair
        yield pair.partition(":")[2]


def _forms(value: str) -> list[str]:
    """The value itself, and how it looks inside of other texts, and those inside of others."""
    found = dict.fromkeys([value])
    level = [value]
    for _ in range(_NESTED):
        level = [one for below in level for one in _written(below) if one not in found]
        found |= dict.fromkeys(level)
    for encoding in ("utf-8", "latin-1"):
        with contextlib.suppress(UnicodeEncodeError):
            found |= dict.fromkeys(_base64(value.encode(encoding)))
    return list(found)


def _written(value: str) -> Iterator[str]:
    """A text as JSON, HTML and URLs have it."""
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield html.escape(value)
    yield html.escape(value, quote=False)
    for safe in ("", "/", "~()*!.'-_:@"):
        quoted = urllib.parse.quote(value, safe, errors="replace")
        yield quoted
        yield re.sub("%[0-9A-F]{2}", lambda hit: hit.group().lower(), quoted)
    yield urllib.parse.quote_plus(value, errors="replace")


def _needles(forms: Iterable[str]) -> list[bytes]:
    """What is in a row of JSON if any of the forms is in one of its strings."""
    found = set()
    for form in forms:
        # Nothing escapes letters and digits: a run of them stands for all that holds it. A short
        # one is in many rows, which then are looked at closely; that is cheaper than all forms.
        run = max(_RUN.findall(form), key=len, default="")
        texts = [run] if len(run) >= _LEAST_RUN else [form, *_written(form)]
        found |= {text.encode("utf-8", "surrogatepass") for text in texts}
    kept: list[bytes] = []
    for needle in sorted(found, key=len):
        if not any(other in needle for other in kept):
            kept.append(needle)
    return kept


def _base64(value: bytes) -> Iterator[str]:
    """The characters that stand for ``value`` wherever it lies in a text that is encoded."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + value).decode()
        first = -(-before * 8 // 6)
        made = whole[first : (before + len(value)) * 8 // 6]
        if len(made) >= _PIECE:
            yield made
            yield made.translate(_URL_SAFE)
    # Short ones can be told as a whole alone.
    if len(whole := base64.b64encode(value).decode()) >= _PIECE:
        yield whole


_URL_SAFE = str.maketrans("+/", "-_")


def _without(text: str, piece: str, form: str) -> str:
    """``text`` without what is left of ``form`` around each ``piece``, its beginning or end."""
    made, begin = "", 0
    while (at := text.find(piece, begin)) >= 0:
        start, end = at, at + len(piece)
        if form.startswith(piece):
            while end < len(text) and end - start < len(form) and text[end] == form[end - start]:
                end += 1
        else:
            while (
                start > begin
                and end - start < len(form)
                and (text[start - 1] == form[len(form) - (end - start) - 1])
            ):
                start -= 1
        made += text[begin:start] + HIDDEN
        begin = end
    return made + text[begin:]


def _mapped(value: Any, clean: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {_mapped(key, clean): _mapped(one, clean) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mapped(one, clean) for one in value]
    return value
