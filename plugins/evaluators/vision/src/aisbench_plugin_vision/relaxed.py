"""The evaluator ``relaxed``: answers read off charts, where a number may be off by a little.

A. Masry et al., "ChartQA", 2022 (arXiv:2203.10244, section 5.1), after N. Methani et al. 2020: a
number is right within 5 % of the reference, a text where it is the same but for case. What is a
number, the paper does not say; pix2struct's code, which all others have taken over, says: what
Python reads as one, and with a ``%`` behind it a hundredth of that. So 62 is not 62%, 3% is 0.03,
977,633 is no number, 2013 is right for 2014, and a reference of 0 is a text.
"""

from __future__ import annotations

import re

from attrs import frozen

from aisbench.api import Answer, Reading, Sample, Score, Verdict, between, setting
from aisbench_plugin_vision.references import reference_texts

_YEAR = re.compile(r"(1[5-9]|20|21)\d\d")
_DRESS = re.compile(r"[\s,$€£¥%]")


@frozen
class RelaxedSettings:
    """How much a number may be off."""

    tolerance: float = setting(
        default=0.05, check=between(0, 1), help="share of the reference that a number may be off"
    )
    strip: bool = setting(
        default=True,
        help="blanks around an answer do not count, as VLMEvalKit has it; lmms-eval and Qwen-VL "
        "compare what was said as it is",
    )


class RelaxedAccuracy:
    """Right where it is right for any reference; the readings say what other rules make of it."""

    def __init__(self, settings: RelaxedSettings) -> None:
        self._settings = settings

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has no reference text."""
        reference_texts(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError when the sample has no reference text."""
        wanted = reference_texts(sample)
        text = answer.text.strip() if self._settings.strip else answer.text
        if not text.strip():
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
        within = self._settings.tolerance
        fits = [one for one in wanted if relaxed(one, text, within)]
        exact = any(one.strip().lower() == text.strip().lower() for one in wanted)
        plain = any(in_plain_terms(one, text, within) for one in wanted)
        return Score(
            value=float(bool(fits)),
            verdict=Verdict.RIGHT if fits else Verdict.WRONG,
            extracted=text.strip().lower(),
            reason=_remark(wanted, fits, text, plain, exact),
            readings={
                "exact": Reading(value=float(exact), extracted=text.strip()),
                "plain": Reading(value=float(plain), extracted=bare(text)),
            },
        )


def relaxed(wanted: str, given: str, tolerance: float) -> bool:
    """The published rule."""
    reference, number = as_number(wanted), as_number(given)
    if number is not None and reference:
        return abs(number - reference) / abs(reference) <= tolerance
    return given.lower() == wanted.lower()


def as_number(text: str) -> float | None:
    """What the published rule takes for a number."""
    percent = text.endswith("%")
    try:
        # Python reads "1_000" and digits of all scripts as numbers too, and so does the rule.
        number = float(text.rstrip("%") if percent else text)
    except ValueError:
        return None
    return number / 100 if percent else number


def in_plain_terms(wanted: str, given: str, tolerance: float) -> bool:
    """What a reader of the chart would say: thousands' commas, currencies, ``%`` and a full stop
    at the end do not count, a year is right or wrong, and 0 is a number."""
    one, other = bare(wanted), bare(given)
    if _YEAR.fullmatch(one) and _YEAR.fullmatch(other):
        return one == other
    reference, number = as_number(one), as_number(other)
    if reference is None or number is None:
        return one == other
    if not reference:
        return number == 0
    return abs(number - reference) / abs(reference) <= tolerance


def bare(text: str) -> str:
    """A number without what is written around one; else the text in lower case."""
    text = text.strip().lower()
    without = _DRESS.sub("", text).removesuffix(".")
    return without if as_number(without) is not None else text.removesuffix(".")


def _remark(wanted: list[str], fits: list[str], text: str, plain: bool, exact: bool) -> str:
    """Where the published rule says another thing than a reader would."""
    if fits and not plain:
        if _YEAR.fullmatch(bare(text)) and not exact:
            return (
                f"the year {text} counts for {fits[0]}: the published rule takes years as numbers"
            )
        return f"{text:.40} counts for {fits[0]:.40}: the published rule divides by 100 at a %"
    if plain and not fits:
        return (
            f"{text:.40} is {wanted[0]:.40} to a reader, and wrong by the published rule (of %, "
            "commas in numbers, a full stop at the end, and 0)"
        )
    return ""
