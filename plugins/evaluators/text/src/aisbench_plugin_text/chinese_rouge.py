"""ROUGE over the words of jieba, as Chinese benchmarks count it: rouge-chinese's definition."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from aisbench.api import AisbenchError

_ALMOST_NOTHING = 1e-8
"""What rouge-chinese adds to a sum that it divides by."""


class ChineseRouge:
    """ROUGE-1, -2 and -L of two Chinese texts, cut into words by jieba.

    The way of LawBench (Z. Fei et al. 2023, arXiv:2309.16289), LongBench (Y. Bai et al. 2023,
    arXiv:2308.14508) and OpenCompass's LCSTS: ``Rouge().get_scores(" ".join(jieba.cut(...)))`` of
    rouge-chinese, whose n-grams are sets. Its table for the longest common subsequence is not
    used: a runaway answer of 30,000 words would fill gigabytes. Raises AisbenchError when the two
    libraries are not installed.
    """

    def __init__(self) -> None:
        try:
            with warnings.catch_warnings():
                # jieba 0.42.1 has escapes that newer Pythons warn of, and asks for pkg_resources.
                warnings.simplefilter("ignore")
                import jieba
                from rouge_chinese import Rouge
        except ImportError as error:
            raise AisbenchError(
                f'rouge: words = "jieba" needs the module {error.name!r}, which is not installed',
                hint='pip install "aisbench-plugin-text[zh]"',
            ) from error
        jieba.setLogLevel(logging.WARNING)
        # A tokenizer of our own: words that other code adds to jieba's would change scores.
        self._jieba: Any = jieba.Tokenizer()
        self._rouge: Any = Rouge(metrics=["rouge-1", "rouge-2"])

    def score(self, reference: str, text: str) -> Mapping[str, float]:
        """F-measures in 0..1: ``rouge1``, ``rouge2``, ``rougeL``. Neither text may be blank."""
        said, wanted = (" ".join(self._jieba.cut(one)) for one in (text, reference))
        (scores,) = self._rouge.get_scores(said, wanted)
        found = {kind: scores[f"rouge-{kind[-1]}"]["f"] for kind in ("rouge1", "rouge2")}
        return {**found, "rougeL": self._rouge_l(said, wanted)}

    def _rouge_l(self, said: str, wanted: str) -> float:
        one, other = self._words(said), self._words(wanted)
        common = longest_common(one, other)
        precision, recall = common / len(one), common / len(other)
        return 2 * precision * recall / (precision + recall + _ALMOST_NOTHING)

    def _words(self, text: str) -> list[str]:
        """What rouge-chinese counts: words of sentences, as it cuts them."""
        sentences = [" ".join(one.split()) for one in self._rouge.cut_sent(text) if one]
        return [word for one in sentences for word in one.split(" ")]


def longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence, with a bit for each place of ``one``.

    M. Crochemore et al. 2001, "A fast and practical bit-vector algorithm for the longest common
    subsequence problem": time ``len(one) * len(other) / 64``, and no table.
    """
    places: dict[str, int] = {}
    for place, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << place
    full = (1 << len(one)) - 1
    row = full
    for word in other:
        matches = row & places.get(word, 0)
        row = (row + matches | row - matches) & full
    return (~row & full).bit_count()
