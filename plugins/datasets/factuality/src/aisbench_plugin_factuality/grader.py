"""What both graders have in common."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from typing import TypeVar

from aisbench.api import (
    Answer,
    DataError,
    JsonObject,
    Measure,
    Message,
    Prompt,
    Sample,
    Score,
    Verdict,
)
from aisbench_plugin_factuality.settings import GraderSettings

_PLACE = re.compile(r"\{(\w+)\}")
T = TypeVar("T")


class Grader:
    """Core's side of a judged evaluator, with a prompt of the package's own files."""

    def __init__(self, settings: GraderSettings, prompt: str) -> None:
        self._settings = settings
        self._prompt = (files(__package__) / prompt).read_text(encoding="utf-8").rstrip("\n")

    @property
    def judge(self) -> str:
        """See :class:`aisbench.api.JudgedEvaluator`."""
        return self._settings.judge

    @property
    def against(self) -> str:
        """Nobody."""
        return ""

    @property
    def judgements(self) -> int:
        """See :class:`aisbench.api.JudgedEvaluator`."""
        return self._settings.judgements

    @property
    def generation(self) -> JsonObject:
        """See :class:`aisbench.api.JudgedEvaluator`."""
        return self._settings.generation

    def check(self, sample: Sample) -> None:
        """Raises DataError without a question and a reference."""
        self._names(sample)

    def _names(self, sample: Sample) -> tuple[str, str]:
        question = sample.fields.get("question")
        if not isinstance(question, str) or not isinstance(sample.target, str):
            raise DataError(
                f"sample {sample.id} has no question, or no one reference, to judge an answer by",
                hint="the judge's prompt holds the field question, the reference and the answer",
            )
        return question, sample.target

    def _asked(self, sample: Sample, answer: Answer, *names: str) -> Sequence[Prompt]:
        """The prompt with the question, the reference and the answer in the places ``names``."""
        values = dict(zip(names, (*self._names(sample), answer.text), strict=True))
        text = _PLACE.sub(lambda place: values[place[1]], self._prompt)
        return [Prompt(messages=(Message(role="user", content=text),))]


def most(values: Sequence[T]) -> T | None:
    """What more of the judgements say than anything else; None in a tie."""
    ranked = Counter(values).most_common(2)
    tied = len(ranked) > 1 and ranked[0][1] == ranked[1][1]
    return ranked[0][0] if ranked and not tied else None


def unreadable(why: str, unread: Measure) -> Score:
    """No judgement could be read, or they are split."""
    return Score(
        value=0.0,
        verdict=Verdict.UNPARSED,
        reason=why,
        measures={"unreadable judgements": unread},
    )
