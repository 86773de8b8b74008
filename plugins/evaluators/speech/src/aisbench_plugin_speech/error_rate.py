"""The evaluator ``wer``.

Errors are counted by jiwer (https://github.com/jitsi/jiwer); texts are normalised by the rules of
A. Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022,
arXiv:2212.04356, appendix C), as the package whisper-normalizer has them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from aisbench.api import Answer, DataError, Measure, Sample, Score, Verdict
from aisbench_plugin_speech.settings import ErrorRateSettings

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
        words = self._settings.unit == "words"
        made = (jiwer.process_words if words else jiwer.process_characters)(wanted, said)
        counts = {kind: int(getattr(made, kind)) for kind in _KINDS}
        units = counts["substitutions"] + counts["deletions"] + int(made.hits)
        errors = sum(counts.values())
        name = "wer" if words else "cer"
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
                hint='normalise = "basic" keeps more than the rules for English; a row in which '
                "nothing is said has no error rate",
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
        return " ".join(said.split())

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
