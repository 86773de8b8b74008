"""Longer texts of OCRBench v2: the mean of BLEU, METEOR, F1 of the words as sets, and 1 less the
edit distance (``eval.py``, ``cal_per_metrics``), by NLTK; Chinese is cut into words by jieba.

METEOR counts synonyms, which it takes from WordNet: NLTK's data, which is the user's to install.
"""

from __future__ import annotations

import logging
import re
import warnings
from typing import Any

from aisbench.api import DataError

_CHINESE = re.compile("[\u4e00-\u9fa5]")


class NoSynonyms:
    """A WordNet that knows no word."""

    def synsets(self, word: str) -> list[Any]:
        """None."""
        return []


def wordnet() -> Any:
    """NLTK's WordNet. Raises DataError where its data is not installed."""
    from nltk.corpus import wordnet as found

    try:
        found.ensure_loaded()
    except LookupError:
        raise DataError(
            "METEOR, a part of OCRBench v2's scores of longer texts, needs WordNet, which is not "
            "installed",
            hint="python -m nltk.downloader wordnet (NLTK_DATA names another folder); or set "
            'synonyms = "none": words alone, a little lower than the published scores',
        ) from None
    return found


def text_score(said: str, wanted: str, synonyms: Any) -> float:
    """0..1; ``synonyms`` is a WordNet."""
    from nltk.translate import bleu
    from nltk.translate.meteor_score import meteor_score
    from rapidfuzz.distance import Levenshtein

    reference, answer = _words(said, wanted)
    with warnings.catch_warnings():
        # That short texts have no n-grams of four words: their BLEU is 0 in the authors' code too.
        warnings.simplefilter("ignore")
        found = float(bleu([reference], answer)) if answer else 0.0
    meteor = float(meteor_score([reference], answer, wordnet=synonyms))
    close = 1 - Levenshtein.normalized_distance(said, wanted)
    return (found + meteor + _shared(set(reference), set(answer)) + close) / 4


def _words(said: str, wanted: str) -> tuple[list[str], list[str]]:
    if not (_CHINESE.search(said) or _CHINESE.search(wanted)):
        return wanted.split(), said.split()
    import jieba

    jieba.setLogLevel(logging.WARNING)
    return jieba.lcut(wanted), jieba.lcut(said)


def _shared(reference: set[str], answer: set[str]) -> float:
    """F1 of two sets; 0 where one is empty."""
    same = len(reference & answer)
    return 2 * same / (len(reference) + len(answer)) if same else 0.0
