"""The evaluator ``ranking``: documents in the order that a rerank model gives them."""

from __future__ import annotations

from aisbench.api import Answer, DataError, Sample, Score, Verdict
from aisbench_plugin_retrieval.judged import documents_of, grades_of, without_own
from aisbench_plugin_retrieval.measures import in_order, score_of
from aisbench_plugin_retrieval.settings import RankedSettings


class RankedEvaluator:
    """Recall and nDCG are those of all judged documents, whether or not they were candidates."""

    def __init__(self, settings: RankedSettings) -> None:
        self._settings = settings

    def check(self, sample: Sample) -> None:
        """Raises DataError for a target that is no grades, and without ids of documents."""
        grades_of(sample)
        documents_of(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for an answer about another number of documents."""
        grades = grades_of(sample)
        scores = answer.response.relevance
        if not scores:
            said = "the answer has no scores of documents"
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason=said)
        names = documents_of(sample, len(scores))
        ranked = in_order(dict(zip(names, scores, strict=True)))
        kept = without_own(ranked, sample, self._settings.ignore_identical_ids)
        if not kept:
            raise DataError(f"sample {sample.id} has no candidate but the query itself")
        return score_of(kept, grades, self._settings.cuts)
