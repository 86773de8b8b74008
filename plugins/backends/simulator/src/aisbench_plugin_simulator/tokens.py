"""The simulator's tokenizer: word pieces by one regular expression."""

from __future__ import annotations

import re

# Six letters, three digits: an English text gets about as many tokens as a real tokenizer
# would give it. Every character belongs to exactly one token.
_PIECE = re.compile(r" ?(?:[^\W\d_]{1,6}|\d{1,3}|[^\w\s]{1,3}|_{1,3})|\s{1,4}")


def split_tokens(text: str) -> list[str]:
    """The tokens of ``text``; joined they are ``text`` again."""
    return _PIECE.findall(text)


def count_tokens(text: str) -> int:
    """How many tokens the server counts for ``text`` in its usage."""
    return len(_PIECE.findall(text))
