"""Texts as words that SQLite's full-text search can find, in scripts without blanks, too."""

from __future__ import annotations

import re

_SINGLE = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff])"
)
"""Letters of scripts that put no blanks between words: each is a word of its own here, and a word
of several is a phrase."""
_WORD = re.compile(r"\w+")
_TERM = re.compile(r'"([^"]*)"?|(\S+)')
LONGEST = 200_000
"""Characters of one text that are searched; what loops for ever is not worth more."""


def spaced(text: str) -> str:
    """The text with blanks around letters that are words of their own."""
    text = text[:LONGEST]
    # Half a surrogate pair, which a JSON escape may hold, is no text for SQLite.
    if text.isascii():
        return text
    return _SINGLE.sub(r" \1 ", text.encode("utf-8", "replace").decode("utf-8"))


def expression(query: str) -> str:
    """What FTS5 is asked for a query of a person: all words, the last letters of which may be
    missing; in quotation marks exactly these, one after the other. "" where it holds no word.

    Every word is quoted for FTS5: nothing of a query is an operator.
    """
    terms = []
    for exact, loose in _TERM.findall(query):
        words = _WORD.findall(spaced(exact or loose).replace("_", " "))
        if words:
            # A blank before the star would make it a prefix of nothing.
            terms.append('"' + " ".join(words) + '"' + ("" if exact else "*"))
    return " AND ".join(terms)
