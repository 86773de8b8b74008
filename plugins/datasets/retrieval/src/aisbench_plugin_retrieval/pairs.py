"""The evaluator ``similarity``: how alike two texts are by their vectors."""

from __future__ import annotations

import math

from aisbench.api import Answer, DataError, Measure, Sample, Score, Verdict
from aisbench_plugin_retrieval.search import prepared, table_of
from aisbench_plugin_retrieval.settings import SimilaritySettings


class SimilarityEvaluator:
    """The score is the likeness, from 0 (a cosine of -1) to 1; what counts are the metrics
    ``spearman`` and ``pearson`` over all pairs."""

    def __init__(self, settings: SimilaritySettings) -> None:
        self._likeness = settings.likeness

    def check(self, sample: Sample) -> None:
        """Raises DataError for a target that is no number."""
        _number(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for another number of vectors than two."""
        wanted = _number(sample)
        vectors = answer.response.vectors
        if vectors is None:
            said = "the answer has no vectors"
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason=said)
        if len(vectors) != 2:
            raise DataError(
                f"sample {sample.id} has {len(vectors)} vectors, and two are compared",
                hint='prompt.texts = ["{sentence1}", "{sentence2}"]; an empty one is not sent',
            )
        one, other = prepared(table_of(vectors), self._likeness, ["the first", "the second"])
        found = float(one @ other)
        cosine = self._likeness == "cosine"
        value = (1 + found) / 2 if cosine else 1 / (1 + math.exp(-max(-500.0, min(500.0, found))))
        return Score(
            value=min(1.0, max(0.0, value)),
            verdict=Verdict.GRADED,
            extracted=f"{found:.4f}",
            measures={self._likeness: Measure(value=found, better=None)},
            details={"likeness": found, "reference": wanted},
        )


def _number(sample: Sample) -> float:
    target = sample.target
    try:
        found = float(target) if isinstance(target, (int, float, str)) else math.nan
    except ValueError:
        found = math.nan
    if isinstance(target, bool) or not math.isfinite(found):
        raise DataError(
            f"the target {target!r} is no number", hint="it says how alike the two texts are"
        )
    return found
