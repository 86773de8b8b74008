"""What a person searches for, and how SQLite's full-text search is asked for it."""

from __future__ import annotations

import re

from attrs import frozen

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
GRAM = 3
"""Characters that the index of parts knows together."""
MOST_GRAMS = 32
"""Of one term: more would leave out hardly anything else."""


@frozen(kw_only=True)
class Term:
    """A part of a query; a text must hold all of them."""

    text: str
    """What a text holds, without case and with single blanks."""
    words: str
    """An expression for the index of words that finds it surely, also as the beginning of a word;
    "" where only its characters count."""
    grams: str
    """An expression for the index of parts that finds every text that may hold it; "" where it is
    too short for that index."""
    inner: str
    """An expression for the index of words that every text fits that may hold it: its words but
    for one that may be the end of a longer one; "" where that would be nothing."""

    def is_in(self, text: str) -> bool:
        """Whether a text without case holds it."""
        if self.text in text:
            return True
        return " " in self.text and self.text in " ".join(text.split())


def sendable(text: str) -> str:
    """Half a surrogate pair, which a JSON escape may hold, is no text for SQLite."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def spaced(text: str) -> str:
    """The text with blanks around letters that are words of their own."""
    text = text[:LONGEST]
    return text if text.isascii() else _SINGLE.sub(r" \1 ", sendable(text))


def terms(query: str) -> list[Term]:
    """The terms of a query: what stands between blanks, or in quotation marks with its blanks.

    Everything is quoted for FTS5: nothing of a query is an operator.
    """
    found = []
    for exact, loose in _TERM.findall(query):
        text = " ".join((exact or loose).split())
        if text:
            words = _words(loose)
            found.append(
                Term(
                    text=text.casefold(),
                    words=words,
                    grams=_grams(text),
                    inner="" if words else _inner(text),
                )
            )
    return found


def _words(text: str) -> str:
    """Of a term that is nothing but letters and digits: the words that begin with it."""
    parts = _WORD.findall(text)
    if parts != [text] or "_" in text:
        return ""
    # A blank before the star would make it a prefix of nothing.
    return '"' + " ".join(_WORD.findall(spaced(text))) + '"*'


def _inner(text: str) -> str:
    if not text.isascii():
        return ""  # Python and SQLite do not agree on what a letter is
    found = _WORD.findall(text.replace("_", " "))
    if text[0].isalnum():
        del found[:1]
    return f'"{" ".join(found)}"*' if found else ""


def _grams(text: str) -> str:
    text = sendable(text)
    if _words(text) and not _SINGLE.sub("", text):
        return ""  # the words are these very letters
    # Which blanks stand between words is not known.
    found = list(
        dict.fromkeys(
            word[at : at + GRAM] for word in text.split() for at in range(len(word) - GRAM + 1)
        )
    )
    step = -(-len(found) // MOST_GRAMS) or 1
    return " AND ".join('"' + one.replace('"', '""') + '"' for one in found[::step])
