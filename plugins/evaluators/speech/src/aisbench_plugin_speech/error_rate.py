"""The evaluator ``wer``.

Errors are counted by jiwer (https://github.com/jitsi/jiwer); texts are normalised by the rules of
A. Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022,
arXiv:2212.04356, appendix C), as the package whisper-normalizer has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

from aisbench.api import Answer, DataError, Measure, Sample, Score, Verdict
from aisbench_plugin_speech.settings import ErrorRateSettings

# Han with its signs, kana, Bopomofo; Thai, Lao; Burmese; Khmer. Korean has blanks.
_UNSPACED = (
    "\u2e80-\u312f\u31a0-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
)
_BESIDE = re.compile(f" (?=[{_UNSPACED}])|(?<=[{_UNSPACED}]) ")
_EACH = re.compile(f"([{_UNSPACED}])")
_MORE = {
    "english": 'normalise = "basic" keeps more than the rules for English; ',
    "basic": 'normalise = "none" keeps what stands in brackets; ',
    "none": "",
}
_NAMES = {"words": "wer", "characters": "cer", "mixed": "mer"}
_KINDS = ("substitutions", "deletions", "insertions")


class ErrorRateEvaluator:
    """The rate over a whole data set is ``sum(errors) / sum(units of the references)``, and not
    the mean of the rates of rows: measures weigh each row by its units. It may be above 1.

    The score of a row is ``1 - rate``, and 0 where that is below.
    """

    def __init__(self, settings: ErrorRateSettings) -> None:
        self._settings = settings

    def check(self, sample: Sample) -> None:
        """Raises DataError for a reference without words."""
        self._reference(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for a reference without words."""
        import jiwer

        wanted = self._reference(sample)
        said = self._plain(answer.text)
        unit = self._settings.unit
        made = (jiwer.process_characters if unit == "characters" else jiwer.process_words)(
            wanted, said
        )
        counts = {kind: int(getattr(made, kind)) for kind in _KINDS}
        units = counts["substitutions"] + counts["deletions"] + int(made.hits)
        errors = sum(counts.values())
        name = _NAMES[unit]
        measures = {name: _rate(errors, units)}
        measures |= {f"{name}_{kind}": _rate(count, units) for kind, count in counts.items()}
        return Score(
            value=max(0.0, 1 - errors / units),
            verdict=Verdict.GRADED,
            extracted=said,
            measures=measures,
        )

    def _reference(self, sample: Sample) -> str:
        target = sample.target
        if isinstance(target, list) and len(target) == 1:
            target = target[0]
        if not isinstance(target, str):
            raise DataError(
                f"the target is {type(target).__name__}, and no transcript",
                hint="name the column of what is said as columns.answer",
            )
        plain = self._plain(target)
        if not plain:
            raise DataError(
                f"nothing is left of the reference {target[:60]!r}",
                hint=_MORE[self._settings.normalise] + "a row in which nothing is said has no "
                "error rate",
            )
        return plain

    def _plain(self, text: str) -> str:
        # Runs of blanks mean nothing, and cost the rules' patterns the square of their length.
        text = " ".join(text.split())
        try:
            said = self._normalise(text)
        except AssertionError:
            # The rules for numbers do not take every string of digits and letters.
            said = self._basic(text)
        return self._in_units(" ".join(said.split()))

    def _in_units(self, text: str) -> str:
        """Blanks beside characters of languages without them mean nothing, and stand only where
        rules put them in place of signs."""
        unit = self._settings.unit
        if unit == "characters":
            return _BESIDE.sub("", text)
        return " ".join(_EACH.sub(r" \1 ", text).split()) if unit == "mixed" else text

    @cached_property
    def _normalise(self) -> Callable[[str], str]:
        rules = self._settings.normalise
        if rules == "none":
            return str
        if rules == "basic":
            return self._basic
        from whisper_normalizer.english import (  # type: ignore[import-untyped]
            EnglishTextNormalizer,
        )

        made: Callable[[str], str] = EnglishTextNormalizer()
        return made

    @cached_property
    def _basic(self) -> Callable[[str], str]:
        from whisper_normalizer.basic import (  # type: ignore[import-untyped]
            BasicTextNormalizer,
        )

        made: Callable[[str], str] = BasicTextNormalizer()
        return made


def _rate(count: int, units: int) -> Measure:
    return Measure(value=count / units, weight=float(units), better="down")
