"""The evaluator ``continuation``: whether a model goes on as a text does."""

from __future__ import annotations

from aisbench.api import Answer, Measure, Sample, Score, Verdict
from aisbench_plugin_text.normal import squad
from aisbench_plugin_text.perplexity import GENERATED, measured, unparsed
from aisbench_plugin_text.references import references


class ContinuationEvaluator:
    """Of a text that was scored: right where each of its tokens is the model's first choice, as
    "acc" of lm-evaluation-harness's ``loglikelihood`` tasks. Of an answer: right where it begins
    with the words of a reference, whatever their case and punctuation, as D. Paperno et al. 2016
    (arXiv:1606.06031) count the last word of LAMBADA."""

    def check(self, sample: Sample) -> None:
        """Raises DataError for a reference that is no text."""
        if sample.target is not None:
            references(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError where words are to be compared and the sample has no reference."""
        if answer.response.scored is not None or answer.prompts[-1].continuation is not None:
            return self._scored(answer)
        return self._said(sample, answer.text)

    def _scored(self, answer: Answer) -> Score:
        found = measured(answer)
        if isinstance(found, Score):
            return found
        scored = answer.response.scored
        greedy = None if scored is None else scored.greedy
        if greedy is None:
            return unparsed("the server does not tell whether each token is the first choice")
        text = (answer.prompts[-1].continuation or "").strip()
        return Score(
            value=float(greedy),
            verdict=Verdict.RIGHT if greedy else Verdict.WRONG,
            extracted=text if greedy else "(another)",
            reason="" if greedy else "the model's first choice is another token",
            measures=found,
        )

    def _said(self, sample: Sample, text: str) -> Score:
        if sample.target is None:
            return Score(value=0.0, verdict=Verdict.UNJUDGED, reason="the row has no reference")
        wanted = [squad(one).split() for one in references(sample)]
        # A long answer is not normalised whole, for its beginning counts.
        words = squad(" ".join(text.split(maxsplit=_MOST)[:_MOST])).split()
        if not words:
            return unparsed("the answer holds no word")
        right = any(one and words[: len(one)] == one for one in wanted)
        return Score(
            value=float(right),
            verdict=Verdict.RIGHT if right else Verdict.WRONG,
            extracted=" ".join(words[: max(map(len, wanted))]),
            measures={GENERATED: Measure(value=len(words), better=None)},
        )


_MOST = 100
