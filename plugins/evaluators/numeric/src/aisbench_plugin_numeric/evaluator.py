"""The evaluator ``numeric``."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal

from aisbench.answers import question_of
from aisbench.api import (
    Answer,
    DataError,
    FinishReason,
    Reading,
    Sample,
    Score,
)
from aisbench_plugin_numeric.aisbench_rules import equal_aisbench, extract_aisbench
from aisbench_plugin_numeric.exact import canonical
from aisbench_plugin_numeric.final_number import Extraction, read_text
from aisbench_plugin_numeric.numbers import parse_number
from aisbench_plugin_numeric.references import reference_of
from aisbench_plugin_numeric.settings import NumericSettings

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


def _rounded(value: Decimal, places: int) -> Decimal:
    """To ``places`` decimals, halves away from zero; a value too large for that as it is."""
    if value.adjusted() > 50:
        return value
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_CONTEXT)


# "#### 1" may be the first half of "#### 18", "twenty" of "twenty-one".
_HALF_TOKEN = re.compile(r"[-\w.,]{1,64}\Z")


_DIGIT = re.compile(r"\d")


class NumericEvaluator:
    """Compares the final number of an answer with the sample's target."""

    def __init__(self, settings: NumericSettings) -> None:
        self.settings = settings

    def check(self, sample: Sample) -> None:
        """Raises DataError where the sample's target is not a number."""
        reference_of(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError when the sample's target is not a number."""
        try:
            written, reference = reference_of(sample)
        except DataError as error:
            raise DataError(f"sample {sample.id}: {error.message}", hint=error.hint) from error
        whole = answer.text
        cut = answer.response.finish_reason is FinishReason.LENGTH
        text = _HALF_TOKEN.sub("", whole) if cut else whole
        places = self._places(sample)
        read = read_text(text, question=question_of(sample), cut=cut)
        strict, lenient = read.strict, read.lenient
        readings = {
            "strict": self._read(strict, reference, places),
            "lenient": self._read(lenient, reference, places),
        }
        if self.settings.rule == "aisbench":
            return self._legacy(whole, written, readings)
        chosen = strict if self.settings.rule == "strict" else lenient
        reading = readings[self.settings.rule]
        if chosen is not None:
            reason = chosen.how
        elif cut or lenient is not None:
            reason = "no marked answer"
        elif _DIGIT.search(whole) is not None:
            reason = "no number is stated plainly: a range, a bound, or several"
        else:
            reason = "no number in the answer"
        return Score.of_reading(reading, reason=reason, readings=readings)

    def _places(self, sample: Sample) -> int | None:
        """The decimal places that count; None where all do. Raises DataError."""
        value = sample.fields.get(self.settings.places) if self.settings.places else None
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
            raise DataError(
                f"sample {sample.id}: {self.settings.places!r} is {value!r:.40}, and no number of "
                "decimal places",
                hint="name another field as evaluation.places, or none",
            )
        return int(value)

    def _read(self, found: Extraction | None, reference: Decimal, places: int | None) -> Reading:
        """ "$4 million" answers "how many dollars?" and "how many million?": both spellings
        count, and the one that is right is the one reported, so that votes agree."""
        if found is None:
            return Reading(value=0.0, extracted=None)
        for value in (found.value, found.written):
            if value is not None and self._same(value, reference, places):
                return Reading(value=1.0, extracted=canonical(value))
        return Reading(value=0.0, extracted=canonical(found.value))

    def _same(self, value: Decimal, reference: Decimal, places: int | None) -> bool:
        if places is not None:
            value, reference = (_rounded(one, places) for one in (value, reference))
        return equal(value, reference, self.settings.tolerance)

    def _legacy(self, answer: str, reference: str, readings: dict[str, Reading]) -> Score:
        found = extract_aisbench(answer)
        if found is None:
            nothing = Reading(value=0.0, extracted=None)
            return Score.of_reading(nothing, reason="no number in the answer", readings=readings)
        value = parse_number(found)
        extracted = found if value is None else canonical(value)
        right = equal_aisbench(found, reference)
        reading = Reading(value=float(right), extracted=extracted)
        reason = "last number of the answer (AISBench's rule)"
        return Score.of_reading(reading, reason=reason, readings=readings)
