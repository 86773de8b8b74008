"""The evaluator ``judge-rating``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean, pstdev

from aisbench.api import Answer, Measure, Prompt, Response, Sample, Score, Verdict
from aisbench_plugin_judge.judge import Judge
from aisbench_plugin_judge.judgements import rating, verdict
from aisbench_plugin_judge.prompting import Asked, make, names_of, templates
from aisbench_plugin_judge.settings import RatingSettings

PLAIN = Asked(
    0,
    "",
    "You are to judge an answer to a question, without favour. Weigh whether it is correct, "
    "helpful, relevant and complete; its length does not matter.\n\n"
    "## Question\n{question}\n\n## Answer\n{answer}\n\n"
    "Explain your judgement in a few sentences. Then write a last line with your rating from "
    "1 (useless) to 10 (excellent) in double brackets, such as: Rating: [[7]]",
)


class Rating(Judge):
    """The mean rating of all turns and judgements; ratings that cannot be read are counted."""

    def __init__(self, settings: RatingSettings) -> None:
        super().__init__(settings, settings.pattern)
        self._settings = settings

    def questions(self, sample: Sample, answer: Answer, rival: Answer | None) -> Sequence[Prompt]:
        """One for each turn that is judged."""
        return [
            make(asked, names_of(sample, answer, asked.turn), sample)
            for asked in self._asked(sample, answer)
        ]

    def conclude(
        self, sample: Sample, answer: Answer, judgements: Sequence[Sequence[Response]]
    ) -> Score:
        """The scale's share as the value; ratings, their spread and the unreadable as measures."""
        turns = [asked.turn for asked in self._asked(sample, answer)]
        found: dict[int, list[float]] = {turn: [] for turn in turns}
        unread = 0
        for responses in judgements:
            for turn, response in zip(turns, responses, strict=True):
                rating = self._rating(response.text)
                if rating is None:
                    unread += 1
                else:
                    found[turn].append(rating)
        ratings = [one for many in found.values() for one in many]
        asked = len(judgements) * len(turns)
        measures = {
            "unreadable judgements": Measure(
                value=100 * unread / asked, unit="%", weight=asked, better="down"
            )
        }
        if not ratings:
            return Score(
                value=0.0,
                verdict=Verdict.UNPARSED,
                reason="no judgement holds a rating",
                measures=measures,
            )
        settings = self._settings
        mean = fmean(ratings)
        measures = {"rating": Measure(value=mean, weight=len(ratings)), **measures}
        if len(turns) > 1:
            measures |= _by_turn(found)
        spreads = [pstdev(many) for many in found.values() if len(many) > 1]
        if len(judgements) > 1 and spreads:
            measures["spread of judgements"] = Measure(value=fmean(spreads), better="down")
        share = (mean - settings.low) / (settings.high - settings.low)
        return Score(
            value=min(1.0, max(0.0, share)),
            verdict=Verdict.GRADED,
            reason=f"rated {', '.join(f'{one:g}' for one in ratings)}",
            measures=measures,
        )

    def _asked(self, sample: Sample, answer: Answer) -> list[Asked]:
        return templates(self._settings, sample, len(answer.responses), "single", PLAIN)

    def _rating(self, text: str) -> float | None:
        settings = self._settings
        if settings.pattern:
            said = verdict(self._pattern, text)
            try:
                value = float(said) if said is not None else None
            except ValueError:
                return None
        else:
            value = rating(text, settings.high)
        inside = value is not None and self._settings.low <= value <= self._settings.high
        return value if inside else None


def _by_turn(found: Mapping[int, Sequence[float]]) -> dict[str, Measure]:
    """The mean rating of each turn that has one."""
    return {
        f"rating of turn {turn + 1}": Measure(value=fmean(many), weight=len(many))
        for turn, many in found.items()
        if many
    }
