"""The evaluator ``label``: whether a classifier's label is the right one."""

from __future__ import annotations

from aisbench.api import Answer, DataError, Sample, Score, Verdict
from aisbench_plugin_retrieval.settings import LabelSettings


class LabelEvaluator:
    """Compares names without regard to blanks around them and to case."""

    def __init__(self, settings: LabelSettings) -> None:
        self._names = {_plain(one): other for one, other in settings.names.items()}

    def check(self, sample: Sample) -> None:
        """Raises DataError for a target that is no name."""
        _target(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for an answer about several texts."""
        wanted = _target(sample)
        classes = answer.response.classes
        if len(classes) > 1:
            raise DataError(f"sample {sample.id} has {len(classes)} labels, and one is scored")
        said = classes[0].label if classes else answer.text.strip()
        if not said:
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer has no label")
        label = self._names.get(_plain(said), said)
        right = _plain(label) == _plain(wanted)
        return Score(
            value=float(right),
            verdict=Verdict.RIGHT if right else Verdict.WRONG,
            extracted=_plain(label),
            details={"label": _plain(label), "reference": _plain(wanted)},
        )


def _target(sample: Sample) -> str:
    target = sample.target
    if isinstance(target, bool) or not isinstance(target, (str, int)) or not str(target).strip():
        raise DataError(f"the target {target!r} is no label", hint="it is the name of a label")
    return str(target)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
