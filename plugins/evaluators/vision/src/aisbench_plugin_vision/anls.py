"""The evaluator ``anls``: average normalised Levenshtein similarity of texts in documents.

A. F. Biten et al., "Scene Text Visual Question Answering", ICCV 2019 (arXiv:1905.13648): 1 less
the edit distance divided by the length of the longer text, the best over the references, and 0
below a threshold of 0.5, where an answer is another one and no misread one. Those who compute it
differ in the length that they divide by, and in what becomes of exactly 0.5.
"""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from aisbench.api import Answer, Measure, Sample, Score, Verdict, between, setting
from aisbench_plugin_vision.references import reference_texts

AnlsDialect = Literal["raw-length", "normalised", "strict", "mp-docvqa"]


@frozen
class AnlsSettings:
    """Whose ANLS."""

    dialect: AnlsDialect = setting(
        default="raw-length",
        help="raw-length: the script of DocVQA's and InfographicVQA's challenge (RRC), lmms-eval "
        "and Qwen-VL: distance without case and doubled blanks, divided by the length as written; "
        "normalised: divided by the length of what is compared, as VLMEvalKit; strict: the same, "
        "and exactly the threshold is 0, as the package anls; mp-docvqa: blanks as written",
    )
    threshold: float = setting(
        default=0.5, check=between(0, 1), help="a similarity below it is 0", example=0.5
    )


class Anls:
    """The best similarity over the references."""

    def __init__(self, settings: AnlsSettings) -> None:
        self._settings = settings

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has no reference text."""
        reference_texts(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError when the sample has no reference text."""
        wanted = reference_texts(sample)
        text = answer.text
        if not text.strip():
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
        settings = self._settings
        best = max(similarity(one, text, settings.dialect) for one in wanted)
        kept = best > settings.threshold or (
            best == settings.threshold and settings.dialect != "strict"
        )
        exact = any(_even(one) == _even(text) for one in wanted)
        return Score(
            value=best if kept else 0.0,
            verdict=Verdict.GRADED,
            extracted=_even(text),
            reason=""
            if kept or not best
            else f"a similarity of {best:.3f} is below the threshold",
            measures={
                "exact match": Measure(value=100.0 * exact, unit="%"),
                "similarity": Measure(value=100 * best, unit="%"),
            },
        )


def similarity(wanted: str, given: str, dialect: AnlsDialect) -> float:
    """1 less the normalised edit distance, before any threshold; 0..1."""
    from rapidfuzz.distance import Levenshtein

    if dialect == "mp-docvqa":
        one, other = wanted.strip().lower(), given.strip().lower()
    else:
        one, other = _even(wanted), _even(given)
    distance = Levenshtein.distance(one, other)
    if dialect == "raw-length":
        # The script counts the letters of both in upper case, where a letter may become two.
        length = max(len(wanted.upper()), len(given.upper()))
    else:
        length = max(len(one), len(other))
    return max(0.0, 1 - distance / length) if length else 1.0


def _even(text: str) -> str:
    return " ".join(text.lower().split())
