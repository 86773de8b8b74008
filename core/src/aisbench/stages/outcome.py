"""The outcome of one transcript: what core decides, and what it leaves to the evaluator."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from aisbench.config.plan import Component
from aisbench.contract.evaluators import Evaluator, Postprocessor
from aisbench.stages.checking import checked_by_name
from aisbench.types.response import FinishReason, Thinking
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Transcript, Verdict


def outcome_of(transcript: Transcript) -> Score | None:
    """The outcome of an answer that no evaluator is asked about: the request failed, the answer
    was withheld or declined, or the thinking never ended; else None. One failed or refused turn
    decides a whole conversation.
    """
    for response in transcript.responses:
        if response.fault is not None:
            return Score(value=0.0, verdict=Verdict.FAILED, reason=response.fault.message)
    for response in transcript.responses:
        if response.refusal is not None or response.finish_reason is FinishReason.REFUSAL:
            words = f": {response.refusal}" if response.refusal else ""
            return Score(value=0.0, verdict=Verdict.REFUSED, reason=f"the model declined{words}")
        if response.finish_reason is FinishReason.CONTENT_FILTER:
            what = "the rest of the answer" if response.text.strip() else "the answer"
            return Score(
                value=0.0,
                verdict=Verdict.FILTERED,
                reason=f"the server's content filter withheld {what}",
            )
    last = transcript.response
    if last.thinking is Thinking.UNFINISHED:
        cut = last.finish_reason is FinishReason.LENGTH
        reason = "cut at max_tokens while thinking" if cut else "ended while thinking"
        return Score(value=0.0, verdict=Verdict.UNFINISHED, reason=reason)
    return None


def score_transcript(
    component: Component, sample: Sample, transcript: Transcript, steps: Sequence[Component] = ()
) -> Score:
    """The score of one answer by the evaluator ``component``.

    Failed, unfinished, withheld, declined and truncated answers are decided here, alike for all
    data sets. Raises PluginError for a score that cannot be, and whatever the evaluator raises.
    """
    if (decided := outcome_of(transcript)) is not None:
        return decided
    if sample.target is None and component.reference == "needed":
        return Score(value=0.0, verdict=Verdict.UNJUDGED, reason="the row has no reference")
    prepared = _prepared(steps, sample, transcript)
    if isinstance(prepared, str):
        score = Score(value=0.0, verdict=Verdict.UNPARSED, reason=prepared)
    else:
        evaluator: Evaluator = component.instance
        score = checked_by_name(component, sample.id, evaluator.score(sample, prepared))
    cut = transcript.response.finish_reason is FinishReason.LENGTH
    if cut and score.verdict in (Verdict.WRONG, Verdict.UNPARSED):
        reason = f"cut at max_tokens; {score.reason}" if score.reason else "cut at max_tokens"
        return attrs.evolve(score, verdict=Verdict.TRUNCATED, reason=reason)
    return score


def _prepared(
    steps: Sequence[Component], sample: Sample, transcript: Transcript
) -> Transcript | str:
    """The transcript with its last answer processed, or why there is nothing to score."""
    if not steps:
        return transcript
    text = transcript.response.text
    for step in steps:
        processor: Postprocessor = step.instance
        processed = processor.process(text, sample)
        if processed is None:
            return f"{step.listed.offer.name} found nothing"
        text = processed
    *before, last = transcript.responses
    return attrs.evolve(transcript, responses=(*before, attrs.evolve(last, text=text)))
