"""The outcome of one transcript: what core decides, and what it leaves to the evaluator."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from aisbench.config.plan import Part
from aisbench.contract import Evaluator, Postprocessor
from aisbench.types.response import FinishReason, Thinking
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Transcript, Verdict


def outcome_of(transcript: Transcript) -> Score | None:
    """What needs no evaluator: a request that failed, thinking that never ended."""
    for response in transcript.responses:
        if response.fault is not None:
            return Score(value=0.0, verdict=Verdict.FAILED, reason=response.fault.message)
    last = transcript.response
    if last.thinking is Thinking.UNFINISHED:
        cut = last.finish_reason is FinishReason.LENGTH
        reason = "cut at max_tokens while thinking" if cut else "ended while thinking"
        return Score(value=0.0, verdict=Verdict.UNFINISHED, reason=reason)
    return None


def judge(
    evaluator: Evaluator, sample: Sample, transcript: Transcript, steps: Sequence[Part] = ()
) -> Score:
    """Failed, unfinished and truncated are outcomes of their own, whatever the data set."""
    if (decided := outcome_of(transcript)) is not None:
        return decided
    prepared = _prepared(steps, sample, transcript)
    if isinstance(prepared, str):
        score = Score(value=0.0, verdict=Verdict.UNPARSED, reason=prepared)
    else:
        score = evaluator.score(sample, prepared)
    cut = transcript.response.finish_reason is FinishReason.LENGTH
    if cut and score.verdict in (Verdict.WRONG, Verdict.UNPARSED):
        reason = f"cut at max_tokens; {score.reason}" if score.reason else "cut at max_tokens"
        return attrs.evolve(score, verdict=Verdict.TRUNCATED, reason=reason)
    return score


def _prepared(steps: Sequence[Part], sample: Sample, transcript: Transcript) -> Transcript | str:
    """The transcript with its last answer processed, or why there is nothing to judge."""
    if not steps:
        return transcript
    text = transcript.response.text
    for step in steps:
        processor: Postprocessor = step.made
        made = processor.process(text, sample)
        if made is None:
            return f"{step.listed.offer.name} found nothing"
        text = made
    *before, last = transcript.responses
    return attrs.evolve(transcript, responses=(*before, attrs.evolve(last, text=text)))
