"""Rows of large files one at a time, so that a file is not in memory beside its rows."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from aisbench.data.text import cannot_read, empty_cell, not_utf8

LARGE = 16 << 20
"""Bytes from which on a JSON file is read in pieces."""

PIECE = 4 << 20
"""Bytes that are read at once."""

_GAP = re.compile(r"[ \t\r\n]*")


def text_lines(file: Path, *, hint: str = "") -> Iterator[str]:
    """The lines of ``file`` without their LF, as :func:`~aisbench.data.text.read_text` reads it.
    Raises DataError."""
    encoding = "utf-8-sig"
    with _read_errors(file, hint), _opened(file) as stream:
        for number, line in enumerate(stream, 1):
            try:
                text = line.removesuffix(b"\n").decode(encoding)
            except UnicodeDecodeError as error:
                raise not_utf8(file, number, hint) from error
            yield text
            encoding = "utf-8"


def json_items(file: Path, piece: int = PIECE) -> list[Any] | None:
    """The objects, or lists, of a large JSON file that is a list of such; None for any other file,
    as for one with faults, of which reading it whole tells more."""
    with contextlib.suppress(ValueError, RecursionError, EOFError, zlib.error, OSError):
        if file.stat().st_size >= LARGE:
            with _opened(file) as stream:
                return list(_Items(stream, piece))
    return None


class _Items:
    """Walks through a list that it reads piece by piece."""

    def __init__(self, stream: IO[bytes], piece: int) -> None:
        self._stream = stream
        self._piece = piece
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._json = json.JSONDecoder(parse_constant=empty_cell)
        self._text = ""
        self._at = 0
        self._whole = False

    def __iter__(self) -> Iterator[Any]:
        """Raises ValueError for what is no such list."""
        self._expect("[")
        if self._sign() != "]":
            yield self._item()
            while self._sign() != "]":
                self._expect(",")
                self._sign()
                yield self._item()
        self._expect("]")
        if self._sign():
            raise ValueError("something stands behind the list")

    def _item(self) -> Any:
        if self._text[self._at] not in "{[":
            raise ValueError("neither an object nor a list")
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                # It may go on in the next piece.
                if self._whole:
                    raise
                self._more()
                continue
            if self._text.find("\\u", self._at, end) >= 0:
                # json accepts half of a surrogate pair, which no request can carry.
                json.dumps(value, ensure_ascii=False).encode()
            self._at = end
            return value

    def _sign(self) -> str:
        """The next character that is no blank; "" at the end."""
        while True:
            found = _GAP.match(self._text, self._at)
            assert found is not None
            self._at = found.end()
            if self._at < len(self._text) or self._whole:
                return self._text[self._at : self._at + 1]
            self._more()

    def _expect(self, sign: str) -> None:
        if self._sign() != sign:
            raise ValueError(f"no {sign}")
        self._at += 1

    def _more(self) -> None:
        """At least as much again as there is, so that no part is read over and over."""
        rest = self._text[self._at :]
        content = self._stream.read(max(self._piece, len(rest)))
        self._whole = not content
        self._text, self._at = rest + self._decode(content, final=self._whole), 0


def _opened(file: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(file)) if file.suffix == ".gz" else file.open("rb")


@contextlib.contextmanager
def _read_errors(file: Path, hint: str) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, OSError) as error:
        raise cannot_read(file, error, hint) from error
