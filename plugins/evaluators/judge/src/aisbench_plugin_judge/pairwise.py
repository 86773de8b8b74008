"""The evaluator ``judge-pairwise``.

Both orders are asked because judges favour a place (L. Zheng et al. 2023, arXiv:2306.05685,
section 3.4): a win counts when it holds in both, anything else is a tie.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from aisbench.api import Answer, Measure, Prompt, Response, Sample, Score, Verdict
from aisbench_plugin_judge.judge import Judge
from aisbench_plugin_judge.judgements import verdict
from aisbench_plugin_judge.prompting import Asked, make, names_of, templates
from aisbench_plugin_judge.settings import PairwiseSettings

PLAIN = Asked(
    0,
    "",
    "You are to decide which of two answers to a question is better, without favour for either. "
    "Weigh whether they are correct, helpful, relevant and complete; neither their order nor "
    "their length matters.\n\n"
    "## Question\n{question}\n\n## Answer A\n{answer_a}\n\n## Answer B\n{answer_b}\n\n"
    "Explain your decision in a few sentences. Then write a last line with [[A]] or [[B]] for the "
    "better one, or [[C]] for a tie.",
)
_OUTCOMES = {"A": 1.0, "B": 0.0, "C": 0.5}


class Pairwise(Judge):
    """The share of wins, ties counting half."""

    def __init__(self, settings: PairwiseSettings) -> None:
        super().__init__(settings, settings.pattern)
        self._settings = settings

    @property
    def against(self) -> str:
        """See :class:`aisbench.api.JudgedEvaluator`."""
        return self._settings.against

    def questions(self, sample: Sample, answer: Answer, rival: Answer | None) -> Sequence[Prompt]:
        """For each turn: our answer as A, then (with ``swap``) as B."""
        assert rival is not None
        prompts = []
        for asked in self._asked(sample, answer):
            for first, second in ((answer, rival), (rival, answer))[: self._orders]:
                names = names_of(sample, answer, asked.turn)
                for letter, side in (("a", first), ("b", second)):
                    for number, response in enumerate(side.responses, 1):
                        names[f"answer_{letter}_{number}"] = response.text
                    names[f"answer_{letter}"] = side.responses[asked.turn].text
                prompts.append(make(asked, names, sample))
        return prompts

    def conclude(
        self, sample: Sample, answer: Answer, judgements: Sequence[Sequence[Response]]
    ) -> Score:
        """Wins, ties, the agreement of the two orders, and what could not be read."""
        outcomes: list[float] = []
        same: list[bool] = []
        unread = asked = 0
        for responses in judgements:
            for at in range(0, len(responses), self._orders):
                read = [self._read(one.text) for one in responses[at : at + self._orders]]
                asked += len(read)
                unread += read.count(None)
                known = [one for one in read if one is not None]
                if len(known) < len(read):
                    continue
                if len(known) == 2:
                    ours, swapped = known[0], 1 - known[1]
                    same.append(ours == swapped)
                    outcomes.append(ours if ours == swapped else 0.5)
                else:
                    outcomes.append(known[0])
        measures = {
            "unreadable judgements": Measure(
                value=100 * unread / asked, unit="%", weight=asked, better="down"
            )
        }
        if same:
            measures["agreement of both orders"] = Measure(
                value=100 * fmean(same), unit="%", weight=len(same)
            )
        if not outcomes:
            return Score(
                value=0.0,
                verdict=Verdict.UNPARSED,
                reason="no judgement says who is better",
                measures=measures,
            )
        count = len(outcomes)
        value = fmean(outcomes)
        for name, wanted in (("wins", 1.0), ("ties", 0.5), ("losses", 0.0)):
            share = 100 * outcomes.count(wanted) / count
            measures[name] = Measure(value=share, unit="%", weight=count, better=None)
        measures = {"win rate": Measure(value=100 * value, unit="%", weight=count), **measures}
        return Score(value=value, verdict=Verdict.GRADED, measures=measures)

    @property
    def _orders(self) -> int:
        return 2 if self._settings.swap else 1

    def _asked(self, sample: Sample, answer: Answer) -> list[Asked]:
        return templates(self._settings, sample, len(answer.responses), "pair", PLAIN)

    def _read(self, text: str) -> float | None:
        said = verdict(self._pattern, text)
        return None if said is None else _OUTCOMES.get(said.upper())
