"""CMRC 2018's scores: Y. Cui et al. 2019 (arXiv:1810.07366), ``cmrc2018_evaluate.py`` in
github.com/ymcui/cmrc2018.

Texts are compared in characters of Chinese, and in words of other scripts, without punctuation;
F1 is that of the longest run that both share.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from aisbench.api import Answer, DataError, Measure, Sample, Score, Verdict

_PUNCTUATION = re.compile(r"[-:_*^/\\~`+=，。：？！“”；’《》……·、「」（）－～『』]")
# The authors cut words with nltk's tokenizer; runs of letters, and numbers, come to the same.
_UNITS = re.compile(r"[\u4e00-\u9fa5]|\d+(?:[.,]\d+)*|[^\W\d\u4e00-\u9fa5]+|[^\w\s]")


def score(sample: Sample, answer: Answer) -> Score:
    """The best F1 over the annotators' answers; the exact match is a measure beside it. Raises
    DataError when the sample has no reference text."""
    text = answer.text
    target = sample.target
    wanted = [
        str(one) for one in (target if isinstance(target, (list, tuple)) else [target]) if one
    ]
    if not wanted:
        raise DataError(f"sample {sample.id} has no text to compare with")
    if not text.strip():
        return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
    value = max(span_f1(text, one) for one in wanted)
    exact = bare(text) in map(bare, wanted)
    return Score(
        value=value,
        verdict=Verdict.GRADED,
        extracted=text.strip(),
        measures={
            "f1": Measure(value=100 * value, unit="%"),
            "exact match": Measure(value=100.0 * exact, unit="%"),
        },
    )


def bare(text: str) -> str:
    """Lower case, without punctuation."""
    return _PUNCTUATION.sub("", text.lower().strip())


def units(text: str) -> list[str]:
    """Characters of Chinese, words and numbers, and other signs, without punctuation."""
    return _UNITS.findall(_PUNCTUATION.sub("", text.lower().strip()))


def span_f1(answer: str, reference: str) -> float:
    """``2 p r / (p + r)`` with the longest run that both share, 0..1."""
    given, wanted = units(answer), units(reference)
    matcher = SequenceMatcher(None, given, wanted, autojunk=False)
    shared = matcher.find_longest_match(0, len(given), 0, len(wanted)).size
    return 2 * shared / (len(given) + len(wanted)) if shared else 0.0
