"""The simulator's tokenizer: word pieces by one regular expression.

Of a text that is given and scored, or whose ids are asked for, the pieces with other than ASCII
characters are cut into fragments of a few bytes, as byte-level tokenizers do: characters span
tokens, and tokens hold the end of one character and the beginning of the next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Six letters, three digits: an English text gets about as many tokens as a real tokenizer
# would give it. Every character belongs to exactly one token.
_PIECE = re.compile(r" ?(?:[^\W\d_]{1,6}|\d{1,3}|[^\w\s]{1,3}|_{1,3})|\s{1,4}")


def split_tokens(text: str) -> list[str]:
    """The tokens of ``text``; joined they are ``text`` again."""
    return _PIECE.findall(text)


def count_tokens(text: str) -> int:
    """How many tokens the server counts for ``text`` in its usage."""
    return len(_PIECE.findall(text))


def fragments(text: str) -> list[bytes]:
    """The tokens of a given text; joined they are its UTF-8."""
    if text.isascii():
        return [piece.encode() for piece in _PIECE.findall(text)]
    found = []
    for piece in _PIECE.findall(text):
        # Half of a surrogate pair, which JSON may hold, is three bytes like any other.
        data = piece.encode("utf-8", "surrogatepass")
        if len(data) == len(piece):
            found.append(data)
            continue
        found.append(data[:2])
        found += [data[at : at + 3] for at in range(2, len(data), 3)]
    return found


def shown(tokens: Sequence[bytes]) -> list[str]:
    """Their texts as vLLM 0.32 has them in log-probabilities: of a token that ends inside a
    character "", and the whole character (with what preceded it) of the one that completes it."""
    found, pending = [], b""
    for token in tokens:
        alone = raw(token)
        if not alone.endswith(_BROKEN):
            found.append(alone)
            pending = b""
            continue
        whole = raw(pending + token)
        complete = not whole.endswith(_BROKEN)
        found.append(whole if complete else "")
        pending = b"" if complete else pending + token
    return found


_BROKEN = "\ufffd"


def raw(token: bytes) -> str:
    """Its text alone, with U+FFFD for what is not a whole character."""
    return token.decode("utf-8", "replace")


def id_of(token: bytes) -> int:
    """A number for each token, below 2 to the power of 57: its bytes behind a 1."""
    return int.from_bytes(b"\x01" + token, "big")


def text_of(ids: Sequence[int]) -> str | None:
    """The text that tokens stand for; None where a number is none of a token."""
    parts = []
    for one in ids:
        data = one.to_bytes((one.bit_length() + 7) // 8, "big") if one > 0 else b""
        if data[:1] != b"\x01":
            return None
        parts.append(data[1:])
    return b"".join(parts).decode("utf-8", "replace")
