"""ROUGE-L as LongBench counts it: by distinct words, of sentences that end at full stops.

That is the summary level of the package ``rouge`` (github.com/pltrdy/rouge, 1.0.1), that LongBench
uses: the union of the longest common subsequences of every sentence of one text with every one of
the other (C.-Y. Lin 2004), where words count once. Its table and its recursion are not used: texts
of a thousand words in one sentence exceed Python's recursion there, and LongBench counts 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_ALMOST_NOTHING = 1e-8
"""What the package adds to a sum that it divides by."""


def rouge_l(answer: str, reference: str) -> float:
    """F-measure in 0..1; 0 where either has no sentence."""
    said, wanted = sentences(answer), sentences(reference)
    if not said or not wanted:
        return 0.0
    tables = [(other, _places(other)) for other in said]
    common: set[str] = set()
    for one in wanted:
        # Only what is not common yet can become so: of most pairs of sentences nothing.
        new = set(one) - common
        for other, places in tables:
            if not new.isdisjoint(places):
                found = common_words(one, other, places)
                common |= found
                new -= found
    precision = len(common) / len({word for one in said for word in one})
    recall = len(common) / len({word for one in wanted for word in one})
    return 2 * (precision * recall / (precision + recall + _ALMOST_NOTHING))


def sentences(text: str) -> list[list[str]]:
    """What stands between full stops, as words between blanks. A sentence of blanks alone has one
    word, the empty one, as in the package."""
    return [" ".join(one.split()).split(" ") for one in text.split(".") if one]


def _places(words: Sequence[str]) -> dict[str, int]:
    """Of each word the bits of its places."""
    places: dict[str, int] = {}
    for place, word in enumerate(words):
        places[word] = places.get(word, 0) | 1 << place
    return places


def common_words(one: Sequence[str], other: Sequence[str], places: Mapping[str, int]) -> set[str]:
    """The words of a longest common subsequence; of several the one that the package finds, which
    prefers to go back in ``other``, whose ``places`` are known.

    Rows of the table are bits, after M. Crochemore et al. 2001, "A fast and practical bit-vector
    algorithm for the longest common subsequence problem": bit ``j`` of row ``i`` is 0 where the
    subsequence of the first ``i`` and ``j + 1`` words is longer than that of ``i`` and ``j``. Time
    is ``len(one) * len(other) / 64``.
    """
    full = (1 << len(other)) - 1
    rows = [full]
    for word in one:
        row = rows[-1]
        matches = row & places.get(word, 0)
        rows.append((row + matches | row - matches) & full)
    found: set[str] = set()
    i, j = len(one), len(other)
    while i and j:
        if one[i - 1] == other[j - 1]:
            found.add(one[i - 1])
            i, j = i - 1, j - 1
        elif rows[i] >> (j - 1) & 1:
            j -= 1
        else:
            i -= 1
    return found
