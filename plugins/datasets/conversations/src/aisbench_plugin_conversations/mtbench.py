"""The data set ``mtbench-turns``: MT-Bench's questions (Zheng et al. 2023, arXiv:2306.05685).

Questions: ``{"question_id", "category", "turns": [...], "reference": [...]}``. Answers:
``{"question_id", "choices": [{"index": 0, "turns": [...]}]}``. Both a JSON object a line, as in
fastchat/llm_judge of github.com/lm-sys/FastChat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench_plugin_conversations.choosing import ConversationChooser
from aisbench_plugin_conversations.dataset import Conversations, UniqueNames
from aisbench_plugin_conversations.files import read_objects
from aisbench_plugin_conversations.settings import MtBenchTurnsSettings
from aisbench_plugin_conversations.talk import Talk


class MtBenchTurns(Conversations):
    """Two turns a question; the second builds on the answer to the first."""

    name = "mtbench-turns"
    wanted = "question.jsonl"

    def __init__(self, settings: MtBenchTurnsSettings) -> None:
        super().__init__(settings, settings.path)
        self.settings = settings

    def files(self) -> Sequence[Path]:
        self._check_answers()
        return [*super().files(), *([self.settings.answers] if self.settings.answers else [])]

    def _talks(self, chooser: ConversationChooser) -> Iterator[Talk]:
        self._check_answers()
        recorded = _answers(self.settings.answers) if self.settings.answers else None
        names = UniqueNames()
        for place, row in read_objects(self._file()):
            number = _id(row, place)
            turns = _texts(row.get("turns"), "turns", place)
            answers: Sequence[str | None] = [None] * len(turns)
            if recorded is not None:
                if number not in recorded:
                    chooser.unusable["have no recorded answer"] += 1
                    continue
                answers = recorded[number]
                if len(answers) != len(turns):
                    raise DataError(
                        f"{self.settings.answers}: question {number} has {len(turns)} turns, and "
                        f"its answer {len(answers)}",
                        hint="the answers are of other questions",
                    )
            yield Talk(
                id=names.unique(number),
                turns=tuple(turns),
                answers=tuple(answers),
                fields={"category": str(row.get("category", ""))},
                target=row.get("reference"),
            )

    def _check_answers(self) -> None:
        wants = self.settings.history != "real" or self.settings.limit_output
        if wants and self.settings.answers is None:
            what = "limit_output" if self.settings.history == "real" else "history"
            raise DataError(
                f"{self.name}: {what} needs recorded answers, and question.jsonl has none",
                hint='set answers, e.g. to the fetched gpt-4.jsonl, or history = "real"',
            )


def _answers(file: Path) -> Mapping[str, Sequence[str]]:
    found = {}
    for place, row in read_objects(file):
        choices = row.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else None
        turns = first.get("turns") if isinstance(first, dict) else None
        found[_id(row, place)] = _texts(turns, "choices[0].turns", place)
    return found


def _id(row: dict[str, Any], place: str) -> str:
    number = row.get("question_id")
    if not isinstance(number, (str, int)) or number == "":
        raise DataError(f"{place}: no question_id", hint="the layout is that of FastChat's files")
    return str(number)


def _texts(value: Any, key: str, place: str) -> list[str]:
    if (
        not isinstance(value, list)
        or not value
        or not all(isinstance(text, str) and text.strip() for text in value)
    ):
        raise DataError(
            f"{place}: {key} is not a list of texts",
            hint="the layout is that of FastChat's question.jsonl and answer files",
        )
    return value
