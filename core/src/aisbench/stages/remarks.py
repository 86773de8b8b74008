"""What a reader of a task's figures must know of its answers."""

from __future__ import annotations

from collections import Counter

from attrs import define, field

from aisbench.codec.logprobs import asked_logprobs
from aisbench.config.plan import Model
from aisbench.reading.reasoning import left_over
from aisbench.reading.rule import KNOWN
from aisbench.types.json import JsonObject
from aisbench.types.response import Response
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Verdict


@define
class Remarks:
    """Counted over the answers of one model, each of them as evaluators see it."""

    model: Model
    generation: JsonObject = field(factory=dict)
    """What was asked of the model, as rows do not say otherwise."""
    unjudged: int = 0
    """Answers that the evaluator could not score, though their reference is there."""
    why_unjudged: str = ""
    _marks: Counter[str] = field(factory=Counter)
    _ignored: Counter[str] = field(factory=Counter)
    _untold: int = 0
    """Answers without the log-probabilities that were asked for."""

    def add(self, sample: Sample, response: Response, score: Score) -> None:
        """Look at one answer."""
        if score.verdict is Verdict.UNJUDGED and sample.target is not None:
            self.unjudged += 1
            self.why_unjudged = (
                self.why_unjudged or score.reason or "the evaluator does not say why"
            )
        self._ignored.update(response.ignored)
        if (response.text or response.reasoning) and not response.tokens:
            asked = asked_logprobs({**self.generation, **sample.generation})
            self._untold += asked is not None
        if self.model.common.reasoning.start != KNOWN and response.text:
            mark = left_over(response.text)
            if mark is not None:
                self._marks[mark] += 1

    def sentences(self) -> tuple[str, ...]:
        """Sentences for the report."""
        key = f"models.{self.model.name}.reasoning"
        found = [
            f"{_answers(count)} {mark}, which marks reasoning, and it was not taken off: {key} "
            f"names other marks, or none. Without {key}.start and .end all known marks are taken "
            "off, also from stored answers (aisbench evaluate)"
            for mark, count in self._marks.most_common()
        ]
        if self.unjudged:
            found.append(f"{self.unjudged} unjudged in spite of a reference: {self.why_unjudged}")
        found += [
            f"{_answers(count)} {what}, which is neither text nor reasoning and was left out"
            for what, count in self._ignored.most_common()
        ]
        if self._untold:
            found.append(
                f"{_answers(self._untold)} no log-probabilities, which generation.logprobs asked "
                "for: the server does not give them"
            )
        return tuple(found)


def _answers(count: int) -> str:
    return f"{count} answer{'s' if count > 1 else ''} hold{'' if count > 1 else 's'}"
