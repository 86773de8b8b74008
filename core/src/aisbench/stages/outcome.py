"""The outcome of one answer: what core decides, and what it leaves to the evaluator."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from aisbench.config.plan import Component, ScoringPlan
from aisbench.contract.evaluators import Evaluator, Postprocessor
from aisbench.conversation.blame import PLUGIN_ERRORS
from aisbench.stages.checking import checked_by_name
from aisbench.store.long_texts import with_long_texts
from aisbench.types.answer import Answer, ending
from aisbench.types.response import FinishReason
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Verdict


class StepError(Exception):
    """What a postprocessor raised, and ``whose`` it is."""

    def __init__(self, whose: str, error: BaseException) -> None:
        super().__init__(whose)
        self.whose = whose
        self.error = error


def outcome_of(answer: Answer) -> Score | None:
    """The score of an answer that no evaluator is asked about, see
    :func:`~aisbench.types.answer.ending`; else None."""
    if (ended := ending(answer.responses)) is None:
        return None
    verdict, reason = ended
    return Score(value=0.0, verdict=verdict, reason=reason)


def score_answer(scoring: ScoringPlan, sample: Sample, answer: Answer) -> Score:
    """The score of one answer.

    Failed, unfinished, withheld, declined and truncated answers are decided here, alike for all
    data sets. Raises PluginError for a score that cannot be, and whatever the evaluator raises.
    """
    if (decided := outcome_of(answer)) is not None:
        return decided
    component = scoring.evaluator
    if sample.target is None and component.reference == "needed":
        return Score(value=0.0, verdict=Verdict.UNJUDGED, reason="the row has no reference")
    sample = with_long_texts(sample)
    prepared = _prepared(scoring.postprocessors, sample, answer)
    if isinstance(prepared, str):
        score = Score(value=0.0, verdict=Verdict.UNPARSED, reason=prepared)
    else:
        evaluator: Evaluator = component.instance
        score = checked_by_name(component, sample.id, evaluator.score(sample, prepared))
    cut = answer.response.finish_reason is FinishReason.LENGTH
    if cut and score.verdict in (Verdict.WRONG, Verdict.UNPARSED):
        reason = f"cut at max_tokens; {score.reason}" if score.reason else "cut at max_tokens"
        return attrs.evolve(score, verdict=Verdict.TRUNCATED, reason=reason)
    return score


def _prepared(steps: Sequence[Component], sample: Sample, answer: Answer) -> Answer | str:
    """The answer with its last answer processed, or why there is nothing to score."""
    if not steps:
        return answer
    text = answer.response.text
    for step in steps:
        processor: Postprocessor = step.instance
        try:
            processed = processor.process(text, sample)
        except PLUGIN_ERRORS as error:
            raise StepError(f"postprocessor {step.owner}", error) from error
        if processed is None:
            return f"{step.listed.offer.name} found nothing"
        text = processed
    *before, last = answer.responses
    return attrs.evolve(answer, responses=(*before, attrs.evolve(last, text=text)))
