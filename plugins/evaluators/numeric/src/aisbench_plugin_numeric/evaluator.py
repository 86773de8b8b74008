"""The evaluator ``numeric``."""

from __future__ import annotations

import re
from decimal import Context, Decimal

from aisbench.api import (
    DataError,
    FinishReason,
    JsonValue,
    Reading,
    Sample,
    Score,
    Transcript,
    Verdict,
)
from aisbench_plugin_numeric.cleaning import clean, cut_next_question
from aisbench_plugin_numeric.extraction import Extraction
from aisbench_plugin_numeric.legacy import equal_aisbench, extract_aisbench
from aisbench_plugin_numeric.lenient import lenient_of_clean
from aisbench_plugin_numeric.numbers import canonical, parse_number
from aisbench_plugin_numeric.settings import NumericSettings
from aisbench_plugin_numeric.strict import strict_of_clean

_CONTEXT = Context(prec=100)


def equal(value: Decimal, reference: Decimal, tolerance: float) -> bool:
    """Integers exactly; else within ``tolerance`` of the reference, relative to it.

    For a reference of 0 the tolerance is absolute.
    """
    if value == reference:
        return True
    if value == value.to_integral_value() and reference == reference.to_integral_value():
        return False
    allowed = Decimal(str(tolerance)) * (abs(reference) or 1)
    return abs(_CONTEXT.subtract(value, reference)) <= allowed


def _reference(sample: Sample) -> tuple[str, Decimal]:
    target: JsonValue = sample.target
    usable = isinstance(target, (str, int, float)) and not isinstance(target, bool)
    value = parse_number(str(target)) if usable else None
    if value is None:
        raise DataError(
            f"sample {sample.id} has no number to score against: its target is {target!r}",
            hint='the evaluator "numeric" needs a target such as "18" or "-2.5"; '
            "name another evaluator for this data set",
        )
    return str(target), value


_HALF_NUMBER = re.compile(r"[-\d.,]{1,64}\Z")


class NumericEvaluator:
    """Compares the final number of an answer with the sample's target."""

    def __init__(self, settings: NumericSettings) -> None:
        self.settings = settings

    def score(self, sample: Sample, transcript: Transcript) -> Score:
        """Raises DataError when the sample's target is no number."""
        written, reference = _reference(sample)
        answer = transcript.response.text
        text = cut_next_question(clean(answer))
        cut = transcript.response.finish_reason is FinishReason.LENGTH
        if cut:
            # "#### 1" may be the first half of "#### 18".
            text = _HALF_NUMBER.sub("", text)
        strict = strict_of_clean(text)
        # What stands last in an answer that was cut short is a step on the way, not its end.
        lenient = strict if cut else lenient_of_clean(text, strict)
        readings = {"strict": self._read(strict, reference)}
        readings["lenient"] = self._read(lenient, reference)
        if self.settings.rule == "aisbench":
            return self._legacy(answer, written, readings)
        chosen = strict if self.settings.rule == "strict" else lenient
        reading = readings[self.settings.rule]
        if chosen is not None:
            reason = chosen.how
        elif cut or lenient is not None:
            reason = "no marked answer"
        else:
            reason = "no number in the answer"
        return _score(reading, reason, readings)

    def _read(self, found: Extraction | None, reference: Decimal) -> Reading:
        """ "$4 million" answers "how many dollars?" and "how many million?": both spellings
        count, and the one that is right is the one reported, so that votes agree."""
        if found is None:
            return Reading(value=0.0, extracted=None)
        for value in (found.value, found.written):
            if value is not None and equal(value, reference, self.settings.tolerance):
                return Reading(value=1.0, extracted=canonical(value))
        return Reading(value=0.0, extracted=canonical(found.value))

    def _legacy(self, answer: str, reference: str, readings: dict[str, Reading]) -> Score:
        found = extract_aisbench(answer)
        if found is None:
            return _score(Reading(value=0.0, extracted=None), "no number in the answer", readings)
        value = parse_number(found)
        extracted = found if value is None else canonical(value)
        right = equal_aisbench(found, reference)
        reading = Reading(value=float(right), extracted=extracted)
        return _score(reading, "last number of the answer (AISBench's rule)", readings)


def _score(reading: Reading, reason: str, readings: dict[str, Reading]) -> Score:
    if reading.extracted is None:
        verdict = Verdict.UNPARSED
    else:
        verdict = Verdict.RIGHT if reading.value else Verdict.WRONG
    return Score(
        value=reading.value,
        verdict=verdict,
        extracted=reading.extracted,
        reason=reason,
        readings=readings,
    )
