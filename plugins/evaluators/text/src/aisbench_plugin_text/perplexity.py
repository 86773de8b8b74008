"""The evaluator ``perplexity`` of a text that was scored, and its figures over a whole set."""

from __future__ import annotations

import math
from collections.abc import Sequence

from aisbench.api import Answer, Figure, Measure, Sample, Score, ScoreGroup, Verdict

GENERATED = "generated words"
"""The measure of an answer that was generated, by an evaluator that knows scored texts too."""
_NOTHING = (Verdict.FAILED, Verdict.FILTERED, Verdict.REFUSED)
"""Outcomes of requests that no evaluator has seen."""


class PerplexityEvaluator:
    """Adds up what the model found of the text; ``value`` is the mean probability of a token."""

    def score(self, sample: Sample, answer: Answer) -> Score:
        found = measured(answer)
        if isinstance(found, Score):
            return found
        nats, tokens = found["nats"].value, found["tokens"].value
        return Score(
            value=min(1.0, math.exp(-nats / tokens)), verdict=Verdict.GRADED, measures=found
        )


def measured(answer: Answer) -> dict[str, Measure] | Score:
    """What the model found of the text; or the score of an answer that does not tell."""
    scored = answer.response.scored
    text = answer.prompts[-1].continuation or ""
    if scored is None or not scored.logprobs:
        return unparsed("the text was not scored: use the template text-score")
    nats = -scored.total
    if not math.isfinite(nats):
        return unparsed(f"the log-probabilities add up to {-nats}")
    return {
        "nats": Measure(value=nats, unit="nat", better="down"),
        "tokens": Measure(value=len(scored.logprobs), better=None),
        "bytes": Measure(value=len(text.encode()), better=None),
        "words": Measure(value=len(text.split()), better=None),
        "windows": Measure(value=scored.windows, better=None),
    }


def unparsed(reason: str) -> Score:
    return Score(value=0.0, verdict=Verdict.UNPARSED, reason=reason)


class Perplexity:
    """``exp(sum of nats / sum of tokens)``, the same by words, and bits by bytes.

    The last two do not depend on the tokenizer (L. Gao et al. 2020, arXiv:2101.00027, section
    3.1). Failed requests are left out: a text without a log-probability has no perplexity.
    """

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """None of answers that were generated where texts may be scored, nor where no request
        succeeded. Raises ValueError where no text can have been scored."""
        each = [score for group in groups for score in group.scores]
        scores = [score for score in each if "nats" in score.measures]
        if _of_none(each):
            return []
        if not scores:
            raise ValueError(
                'no text was scored: perplexity needs the evaluator "perplexity" or "continuation"'
            )
        sums = {
            name: math.fsum(score.measures[name].value for score in scores)
            for name in ("nats", "tokens", "bytes", "words")
        }
        method = _method(scores, sum(len(group.scores) for group in groups))
        figures = [("perplexity", math.exp(sums["nats"] / sums["tokens"]), "")]
        if sums["words"]:
            figures.append(("word perplexity", _exp(sums["nats"] / sums["words"]), ""))
        if sums["bytes"]:
            bits = sums["nats"] / sums["bytes"] / math.log(2)
            figures.append(("bits per byte", bits, "bit/B"))
        return [
            Figure(name=name, value=value, unit=unit, n=len(scores), better="down", method=method)
            for name, value, unit in figures
        ]


def _of_none(scores: Sequence[Score]) -> bool:
    """Whether there is no figure to be had: answers were generated, or no request succeeded."""
    generated = any(GENERATED in score.measures for score in scores)
    return generated or (bool(scores) and all(one.verdict in _NOTHING for one in scores))


def _method(scores: Sequence[Score], asked: int) -> str:
    """What the figure alone does not say: texts in pieces, and texts that are not in it."""
    cut = sum("windows" in one.measures and one.measures["windows"].value > 1 for one in scores)
    found = []
    if cut:
        found.append(
            f"{cut} of {len(scores)} texts, longer than the model's context, in windows of it: "
            "each token is foretold once, by those before it in its window"
        )
    if asked > len(scores):
        found.append(f"{asked - len(scores)} of {asked} texts failed and are left out")
    return "; ".join(found)


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf
