"""The outcome of one transcript: what core decides, and what it leaves to the evaluator."""

from __future__ import annotations

import attrs

from aisbench.contract import Evaluator
from aisbench.types.response import FinishReason, Thinking
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Transcript, Verdict


def judge(evaluator: Evaluator, sample: Sample, transcript: Transcript) -> Score:
    """Failed, unfinished and truncated are outcomes of their own, whatever the data set."""
    for response in transcript.responses:
        if response.fault is not None:
            return Score(value=0.0, verdict=Verdict.FAILED, reason=response.fault.message)
    last = transcript.response
    cut = last.finish_reason is FinishReason.LENGTH
    if last.thinking is Thinking.UNFINISHED:
        reason = "cut at max_tokens while thinking" if cut else "ended while thinking"
        return Score(value=0.0, verdict=Verdict.UNFINISHED, reason=reason)
    score = evaluator.score(sample, transcript)
    if cut and score.verdict in (Verdict.WRONG, Verdict.UNPARSED):
        reason = f"cut at max_tokens; {score.reason}" if score.reason else "cut at max_tokens"
        return attrs.evolve(score, verdict=Verdict.TRUNCATED, reason=reason)
    return score
