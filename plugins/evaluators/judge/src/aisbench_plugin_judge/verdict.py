"""The evaluator ``judge-verdict``."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.api import Answer, DataError, Measure, Prompt, Response, Sample, Score, Verdict
from aisbench_plugin_judge.judge import Judge
from aisbench_plugin_judge.judgements import verdict
from aisbench_plugin_judge.prompting import Asked, make, names_of, templates
from aisbench_plugin_judge.settings import VerdictSettings

PLAIN = Asked(
    0,
    "",
    "You are to decide whether an answer to a question is right, by comparing it with the "
    "reference. Differences in wording, form or length do not matter; what it says does. If it "
    "gives no final answer, or several that differ, it is wrong.\n\n"
    "## Question\n{question}\n\n## Reference\n{reference}\n\n## Answer\n{answer}\n\n"
    "Explain your decision in a few sentences. Then write a last line with [[RIGHT]] or "
    "[[WRONG]].",
)


class VerdictJudge(Judge):
    """Right when most judgements say so."""

    def __init__(self, settings: VerdictSettings) -> None:
        super().__init__(settings, settings.pattern)
        self._settings = settings
        self._words = {
            **{word.upper(): True for word in settings.right},
            **{word.upper(): False for word in settings.wrong},
        }

    def check(self, sample: Sample) -> None:
        """Raises DataError without a reference to compare with."""
        if sample.target is None and not self._settings.prompt:
            raise DataError(
                f"sample {sample.id} has no reference for the judge to compare with",
                hint="name its column, or set evaluation.prompt to one that needs none",
            )

    def questions(self, sample: Sample, answer: Answer, rival: Answer | None) -> Sequence[Prompt]:
        """One, of the last answer. Raises DataError without a reference to compare with."""
        self.check(sample)
        turn = len(answer.responses) - 1
        asked = templates(self._settings, sample, turn + 1, "verdict", PLAIN)[-1]
        return [make(asked, names_of(sample, answer, turn), sample)]

    def conclude(
        self, sample: Sample, answer: Answer, judgements: Sequence[Sequence[Response]]
    ) -> Score:
        """A tie of judgements is wrong; how far they agree is a measure."""
        said = [self._read(responses[0].text) for responses in judgements]
        known = [one for one in said if one is not None]
        unread = len(said) - len(known)
        measures = {
            "unreadable judgements": Measure(
                value=100 * unread / len(said), unit="%", weight=len(said), better="down"
            )
        }
        if not known:
            return Score(
                value=0.0,
                verdict=Verdict.UNPARSED,
                reason="no judgement holds a verdict",
                measures=measures,
            )
        share = sum(known) / len(known)
        if len(known) > 1:
            agreed = max(share, 1 - share)
            measures["agreement of judgements"] = Measure(value=100 * agreed, unit="%")
        right = share > 0.5
        return Score(
            value=float(right),
            verdict=Verdict.RIGHT if right else Verdict.WRONG,
            reason=f"{sum(known)} of {len(known)} judgements say right",
            measures=measures,
        )

    def _read(self, text: str) -> bool | None:
        said = verdict(self._pattern, text)
        return None if said is None else self._words.get(said.strip().upper())
