"""The evaluator ``math``."""

from __future__ import annotations

from attrs import frozen

from aisbench.api import (
    Answer,
    DataError,
    FinishReason,
    Reading,
    Sample,
    Score,
)
from aisbench_plugin_math.arithmetic import TooLarge
from aisbench_plugin_math.comparing import Comparison
from aisbench_plugin_math.meanings import Meanings, read
from aisbench_plugin_math.nodes import KnownSet, UnreadableMath, Words
from aisbench_plugin_math.normalised import find, normalise, same
from aisbench_plugin_math.rendering import rendered
from aisbench_plugin_math.settings import MathSettings
from aisbench_plugin_math.stated_answer import Contested, StatedAnswer, last_boxed, stated


@frozen
class Compared:
    """``right`` is None where that is not known, for the reason in ``why``."""

    right: bool | None
    extracted: str | None
    why: str

    @property
    def reading(self) -> Reading:
        if self.right is None:
            return Reading(value=0.0, extracted=None)
        return Reading(value=float(self.right), extracted=self.extracted)


class MathEvaluator:
    """Compares the stated answer with the sample's target."""

    def __init__(self, settings: MathSettings) -> None:
        self._settings = settings
        self._comparison = Comparison(settings.digits)
        self._roughly = Comparison(min(settings.digits, 2))

    def check(self, sample: Sample) -> None:
        """Raises DataError when the target cannot be read as mathematics."""
        _reference(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError when the target cannot be read as mathematics."""
        reference = _reference(sample)
        text = answer.text
        cut = answer.response.finish_reason is FinishReason.LENGTH
        question = sample.fields.get("question")
        found = stated(text, question=question if isinstance(question, str) else "", cut=cut)
        anywhere = self._compared(reference, found)
        boxed = self._compared(reference, last_boxed(text, cut=cut))
        old = _normalised(text, str(sample.target))
        readings = {"verify": anywhere, "boxed": boxed, "normalised": old}
        chosen = readings.pop(self._settings.rule)
        shown = {name: one.reading for name, one in readings.items()}
        reason = f"it {chosen.why}" if chosen.right is None else chosen.why
        return Score.of_reading(chosen.reading, reason=reason, readings=shown)

    def _compared(self, reference: Meanings, found: StatedAnswer) -> Compared:
        if isinstance(found, Contested):
            first, second = (self._of(reference, one) for one in (found, found.also))
            both = first.right is not None and second.right is not None
            boxed, also = found.read, found.also.read
            if both and boxed and also and not self._mean_same(boxed, also):
                return Compared(None, None, "states two values that differ")
            return first
        return self._of(reference, found)

    def _mean_same(self, one: Meanings, other: Meanings) -> bool:
        """Also of a value and the same rounded."""
        try:
            return self._same(one, other, self._roughly) or self._same(other, one, self._roughly)
        except (UnreadableMath, TooLarge):
            return False

    def _of(self, reference: Meanings, found: StatedAnswer) -> Compared:
        if found.written and found.written == reference.text:
            shown = (
                rendered(found.read.nodes[0], self._comparison.arithmetic)
                if found.read
                else found.written
            )
            return Compared(True, shown, found.how)
        if found.read is None:
            return Compared(None, None, found.why)
        if found.how not in ("in a box", "in boxes") and not _comparable(reference, found.read):
            return Compared(None, None, "states nothing that can be read")
        try:
            right = self._same(reference, found.read, self._comparison)
        except UnreadableMath as error:
            return Compared(None, None, str(error))
        except TooLarge:
            return Compared(None, None, "states a value that would take too long to compute")
        return Compared(
            right, rendered(found.read.nodes[0], self._comparison.arithmetic), found.how
        )

    def _same(self, reference: Meanings, given: Meanings, comparison: Comparison) -> bool:
        doubt: UnreadableMath | TooLarge | None = None
        for one in reference.nodes:
            for other in given.nodes:
                try:
                    if comparison.same(one, other):
                        return True
                except (UnreadableMath, TooLarge) as error:
                    doubt = error
        if doubt is not None:
            raise doubt
        return False


def _comparable(reference: Meanings, given: Meanings) -> bool:
    """Words that stand outside of a box are an answer only where words are asked for."""
    words = isinstance(given.nodes[0], Words)
    return not words or isinstance(reference.nodes[0], (Words, KnownSet))


def _normalised(text: str, reference: str) -> Compared:
    found = find(text)
    extracted = normalise(found) or None
    if extracted is None:
        return Compared(None, None, "states no answer")
    return Compared(bool(found.strip()) and same(found, reference), extracted, "as a text")


def _reference(sample: Sample) -> Meanings:
    target = sample.target
    if isinstance(target, bool) or not isinstance(target, (str, int, float)):
        raise DataError(
            f"the target is {target!r}, not a number or text",
            hint="the evaluator math needs a number or LaTeX",
        )
    try:
        return read(str(target))
    except UnreadableMath as error:
        raise DataError(
            f"the target {target!r} cannot be read as mathematics: it {error}",
            hint='write LaTeX or a number; for words, name the evaluator "exact"',
        ) from None
