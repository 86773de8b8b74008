"""The score of one answer."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Literal

from attrs import field, frozen

from aisbench.types.json import JsonObject


class Verdict(str, enum.Enum):
    """The outcome of one sample; each is counted apart."""

    RIGHT = "right"
    WRONG = "wrong"
    UNPARSED = "unparsed"
    """No answer could be found in the text."""
    TRUNCATED = "truncated"
    """Cut at max_tokens before a right answer was given."""
    UNFINISHED = "unfinished"
    """The model never finished thinking."""
    FILTERED = "filtered"
    """The server's content filter withheld the answer, or its end."""
    REFUSED = "refused"
    """The model declined to answer, and its server says so outside of the text."""
    GRADED = "graded"
    """Scored on a scale, on which nothing is simply right or wrong."""
    UNJUDGED = "unjudged"
    """An answer was found, but its reference is not known here: somebody else keeps it."""
    FAILED = "failed"
    """The request failed: there is nothing to score."""


@frozen(kw_only=True)
class Reading:
    """What one extraction rule made of an answer. ``value`` is in 0..1."""

    value: float
    extracted: str | None


@frozen(kw_only=True)
class Measure:
    """A further number that an evaluator finds for an answer, such as ROUGE-L or the share of
    instructions that were followed.

    ``weight`` is what it is a mean over: figures divide the sum of ``value * weight`` by the sum
    of the weights (an instruction-level share has the number of instructions as its weight).
    """

    value: float
    unit: str = ""
    weight: float = 1.0
    better: Literal["up", "down"] | None = "up"


@frozen(kw_only=True)
class Score:
    """The score of one answer. Core refuses scores that contradict this, naming the evaluator.

    ``value`` is in 0..1: above 0 when right, below 1 when wrong, 0 when unparsed or unjudged.
    Evaluators give the verdicts right, wrong, unparsed, graded and unjudged; the others are
    core's. ``extracted`` is the answer found, in a canonical form, so that equal answers are
    equal strings (majority votes rely on it); None when unparsed. ``readings`` are the results of
    further extraction rules by name (such as strict and lenient), reported beside the figure
    where they differ. ``measures`` are further numbers by name, for reducers that use them.
    ``details`` is what else the evaluator's own reducer, or its data set's ``figures``, needs of
    the answer: plain JSON, which core keeps and no report shows.
    """

    value: float
    verdict: Verdict
    extracted: str | None = None
    reason: str = ""
    readings: Mapping[str, Reading] = field(factory=dict)
    measures: Mapping[str, Measure] = field(factory=dict)
    details: JsonObject = field(factory=dict)

    @classmethod
    def of_reading(
        cls,
        reading: Reading,
        *,
        reason: str = "",
        readings: Mapping[str, Reading] | None = None,
        right_is_known: bool = True,
    ) -> Score:
        """The score of what one rule read: unparsed where it found nothing, else right or wrong
        by its value, or unjudged where nobody here knows what is right."""
        if reading.extracted is None:
            verdict = Verdict.UNPARSED
        elif not right_is_known:
            verdict = Verdict.UNJUDGED
        else:
            verdict = Verdict.RIGHT if reading.value else Verdict.WRONG
        return cls(
            value=reading.value,
            verdict=verdict,
            extracted=reading.extracted,
            reason=reason,
            readings=readings or {},
        )


@frozen(kw_only=True)
class ScoreGroup:
    """The scores of one sample over its repeats, in the order of the repeats; or those of all
    samples that ask one question (:attr:`Sample.question_id`), one sample after the other."""

    sample_id: str
    scores: tuple[Score, ...]
    part: str = ""
