"""Questions with several right options: the letters that a written answer takes together.

AGIEval counts such an answer by its whole set of letters (``evaluation.py`` in
github.com/ruixiangcui/AGIEval, W. Zhong et al. 2023, arXiv:2304.06364). Read are a text that is
letters and nothing else, and the last statement that is marked as the answer. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_uppercase

from aisbench.answers import SURE, Act, WrittenAnswer

_LETTERS = re.compile(
    r"[\s(（\[【{\"'*$:：]{0,8}([A-Z](?:(?:[\s,，、;；/&+.)）(（\[\]*\"']|and|和|与|及){0,12}[A-Z])*)"
    r"(?![A-Za-z])(.*)",
    re.DOTALL,
)
_END = re.compile(r"[\s)）\]】}\"'*$.。,，;；!]*(?:because|since|as\b|因为|由于|$)", re.IGNORECASE)


_TWO = re.compile(r"[A-Z][\s)）\]】、,，;；/&+.*\"'(（\[]{1,12}[A-Z](?![A-Za-z'])")


def several_stated(text: str, question: str, options: Sequence[str], count: int) -> bool:
    """Whether several letters are stated as the answer (``Answer: (A)(D)``), where one is asked.

    Never of options that are letters themselves, or such as "A and B": the further letters may be
    the text of the first.
    """
    if not _TWO.search(text) or any(_letters(one, 26) is not None for one in options):
        return False
    return len(letters_taken(text, question, count) or "") > 1


def letters_taken(text: str, question: str, count: int) -> str | None:
    """The letters, sorted and each once (``"AD"``), of ``count`` options; None where none are
    stated, or the last marked statement says something else."""
    answer = WrittenAnswer.read(text, question=question)
    if (whole := _letters(answer.masked, count)) is not None:
        return whole
    for one in answer.backwards():
        if one.act is Act.RETRACTS:
            return None
        sure = [mark for mark in one.marks if mark.kind in SURE]
        if one.act is Act.TELLS and sure:
            return _letters(one.text[sure[-1].end :], count)
    return None


def _letters(text: str, count: int) -> str | None:
    match = _LETTERS.match(text)
    if match is None or not _END.match(match.group(2)):
        return None
    found = {one for one in match.group(1) if one in ascii_uppercase}
    return "".join(sorted(found)) if found <= set(ascii_uppercase[:count]) else None
