"""Essays as haystacks: sentences of a text, of which any number of words can be had."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

# The end of a sentence: RULER uses NLTK's punkt, whose model is a download; this rule differs
# from it at abbreviations, and is the same everywhere.
_END = re.compile(
    r"""(?<=[.!?])(?<!\b[A-Z]\.)(?<!\b[DJMS]r\.)(?<!\bMrs\.)["')\]]*\s+(?=["'(\[]*[A-Z0-9])"""
)


class Essay:
    """A long text. More words than it has are had by repeating it, as RULER does."""

    def __init__(self, text: str) -> None:
        plain = " ".join(text.split())
        self._sentences = [f" {one}" for one in _sentences(plain)]
        self._ends = list(accumulate(one.count(" ") for one in self._sentences))

    @property
    def words(self) -> int:
        """Words of the whole text."""
        return self._ends[-1]

    def pieces(self, words: int) -> list[str]:
        """The sentences of the first ``words`` words, each with the blank before it; the last may
        be cut."""
        whole, rest = divmod(words, self.words)
        found = self._sentences * whole
        count = bisect_right(self._ends, rest)
        found += self._sentences[:count]
        missing = rest - (self._ends[count - 1] if count else 0)
        if missing:
            found.append(" " + " ".join(self._sentences[count].split()[:missing]))
        return found


def _sentences(text: str) -> Sequence[str]:
    """Each up to and with the quotes behind its end."""
    found, start = [], 0
    for match in _END.finditer(text):
        end = match.end() - (len(match.group()) - len(match.group().rstrip()))
        found.append(text[start:end])
        start = match.end()
    return [*found, text[start:]]
