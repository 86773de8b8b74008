"""The evaluator ``math``."""

from __future__ import annotations

from typing import Any

from aisbench.api import DataError, Reading, Sample, Score, Transcript, Verdict
from aisbench_plugin_math.boxes import last_box
from aisbench_plugin_math.normalised import find, normalise, same
from aisbench_plugin_math.settings import MathSettings
from aisbench_plugin_math.verifying import Verifier


class MathEvaluator:
    """Compares the stated answer with the sample's target."""

    def __init__(self, settings: MathSettings) -> None:
        self._settings = settings
        self._verifier: Verifier | None = None

    def score(self, sample: Sample, transcript: Transcript) -> Score:
        """Raises DataError when the target cannot be read as mathematics."""
        reference = _reference(sample)
        text = transcript.response.text
        box = last_box(text)
        found = find(text)
        old = Reading(
            value=float(bool(found.strip()) and same(found, reference)),
            extracted=normalise(found) or None,
        )
        rule = self._settings.rule
        if rule == "normalised":
            return _score(old, "in a box" if box is not None else "in a sentence", {})
        anywhere = self._verified(sample, reference, text, boxed=False)
        boxed = anywhere if box is not None else Reading(value=0.0, extracted=None)
        readings = {"boxed": boxed, "normalised": old}
        if rule == "boxed":
            return _score(boxed, "in a box", {**readings, "verify": anywhere})
        return _score(anywhere, "in a box" if box is not None else "stated", readings)

    def _verified(self, sample: Sample, reference: str, text: str, *, boxed: bool) -> Reading:
        if self._verifier is None:
            self._verifier = Verifier(self._settings.digits, self._settings.seconds)
        wanted = self._verifier.reference(reference)
        if not wanted:
            raise DataError(
                f"sample {sample.id}: the target {reference!r} cannot be read as mathematics",
                hint='write LaTeX or a number; for words, name the evaluator "exact"',
            )
        given = self._verifier.answer(text, boxed=boxed)
        if not given:
            return Reading(value=0.0, extracted=None)
        return Reading(value=float(self._verifier.equal(wanted, given)), extracted=_shown(given))


def _reference(sample: Sample) -> str:
    target = sample.target
    if isinstance(target, bool) or not isinstance(target, (str, int, float)):
        raise DataError(
            f"sample {sample.id} has no text to compare with: its target is {target!r}",
            hint="the evaluator math needs a number or LaTeX",
        )
    return str(target)


def _shown(parsed: list[Any]) -> str:
    """A canonical text: what math-verify read, as sympy writes it."""
    first = parsed[0]
    try:
        return str(first)
    except Exception:  # noqa: BLE001 - sympy prints what it made of anything, or fails in any way
        return str(parsed[-1])


def _score(reading: Reading, reason: str, readings: dict[str, Reading]) -> Score:
    if reading.extracted is None:
        return Score(
            value=0.0, verdict=Verdict.UNPARSED, reason="no answer is stated", readings=readings
        )
    return Score(
        value=reading.value,
        verdict=Verdict.RIGHT if reading.value else Verdict.WRONG,
        extracted=reading.extracted,
        reason=reason,
        readings=readings,
    )
