"""Short answers of OCRBench v2: words, choices, numbers, formulas. Pure.

L. Fu et al. 2025 (arXiv:2501.00321), github.com/Yuliang-Liu/MultimodalOCR,
``OCRBench_v2/eval_scripts/vqa_metric.py`` and ``eval.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_SHORT = 5
"""Words of a reference that is compared by its letters."""
_FEW = 4
"""Parts between commas of a Chinese one."""
_CLOSE = 0.5
_BETWEEN = ("", ".", ". ", ",", ", ", "、", ";", "; ", " ", "和")
"""What may stand between the letters of a choice in handwriting."""
_TEXT = re.compile(r"\\text\{([^{}]*)\}")


def words_score(said: str, wanted: Sequence[str], *, case: bool = False) -> float:
    """1 where a reference of fewer than five words is in the answer; else how close the answer is
    to one, from 0.5 on."""
    return _best(
        said, wanted, lambda text: _line(text, case), lambda one: len(one.split()) < _SHORT
    )


def chinese_words_score(said: str, wanted: Sequence[str]) -> float:
    """The same without blanks; short is a reference of fewer than four parts."""
    return _best(
        said,
        wanted,
        lambda text: _line(text, case=False).replace(" ", ""),
        lambda one: len(one.split(",")) < _FEW,
    )


def _line(text: str, case: bool) -> str:
    text = text.strip().replace("\n", " ")
    return text if case else text.lower()


def _best(
    said: str, wanted: Sequence[str], form: Callable[[str], str], short: Callable[[str], bool]
) -> float:
    from rapidfuzz.distance import Levenshtein

    answer, score = form(said), 0.0
    for one in map(form, wanted):
        if short(one):
            if one in answer:
                return 1.0
        else:
            close = Levenshtein.normalized_similarity(answer, one)
            score = max(score, close if close >= _CLOSE else 0.0)
    return score


def choice_score(said: str, wanted: Sequence[str]) -> float:
    """1 where the letters of the answer, put together, are the reference: "(B)" is, "B. y" not."""
    return float("".join(filter(str.isalpha, said)) == wanted[0])


def handwritten_choice_score(said: str, wanted: Sequence[str]) -> float:
    """1 where the letters of the reference stand in the answer in a row."""
    return float(any(between.join(wanted[0]) in said for between in _BETWEEN))


def counting_score(said: str, wanted: Sequence[str], method: str) -> float:
    """By "exact match" 1 where a reference is in the answer; by "regression" how near the first
    number comes, from half of the reference on."""
    if method != "regression":
        return float(any(one.lower().strip().replace("\n", " ") in said for one in wanted))
    found = re.search(r"\d{1,15}", said)
    number = int(found[0]) if found else 0
    scores = [_near(number, int(one)) for one in wanted if one.strip().isdigit()]
    return max(scores, default=0.0)


def _near(number: int, wanted: int) -> float:
    if not 0 < number < 2 * wanted:
        return 0.0
    near = 1 - abs(number - wanted) / wanted
    return near if near > _CLOSE else 0.0


def formula_score(said: str, wanted: Sequence[str]) -> float:
    """1 where a reference is in the answer, both without blanks."""
    answer = _packed(said)
    return float(any(_packed(one) in answer for one in wanted))


def chinese_formula_score(said: str, wanted: Sequence[str]) -> float:
    r"""The same, and what stands in ``\text{}`` stands alone."""
    return formula_score(_TEXT.sub(r"\1", said), [_TEXT.sub(r"\1", one) for one in wanted])


def _packed(text: str) -> str:
    return text.strip().replace("\n", " ").replace(" ", "")
