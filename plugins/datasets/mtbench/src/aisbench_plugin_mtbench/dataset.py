"""The data set ``mtbench``: questions of two turns, and what a judge reads about them.

Layout and use after fastchat/llm_judge of github.com/lm-sys/FastChat: questions of mathematics,
reasoning and coding are judged beside a reference; temperatures by category.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from aisbench.api import (
    DataError,
    JsonObject,
    JsonValue,
    Message,
    Prompt,
    Response,
    Sample,
    Variant,
    load_variants,
    setting,
)
from aisbench.data import Row, folder_of, read_table, require_file

NAME = "mtbench"
SOURCE = "github.com/lm-sys/FastChat, fastchat/llm_judge/data"
_AGAIN = f"the file is not as published; get it anew: aisbench datasets fetch {NAME}"

WITH_REFERENCE = ("math", "reasoning", "coding")
TEMPERATURES: Mapping[str, float] = {
    "writing": 0.7,
    "roleplay": 0.7,
    "extraction": 0.0,
    "math": 0.0,
    "coding": 0.0,
    "reasoning": 0.0,
    "stem": 0.1,
    "humanities": 0.1,
}
_PROMPTS = {
    ("single", False): ("single-v1", "single-v1-multi-turn"),
    ("single", True): ("single-math-v1", "single-math-v1-multi-turn"),
    ("pair", False): ("pair-v2", "pair-v2-multi-turn"),
    ("pair", True): ("pair-math-v1", "pair-math-v1-multi-turn"),
}


@frozen
class MtBenchSettings:
    """Where the files are."""

    path: Path | None = setting(
        default=None,
        help="folder with question.jsonl, judge_prompts.jsonl and gpt-4.jsonl (or "
        "reference_answer/gpt-4.jsonl); default: where `datasets fetch` puts them",
        example="data/mtbench",
    )
    temperatures: bool = setting(
        default=True,
        help="the authors' temperature for each category (0.7 writing and roleplay, 0.1 stem and "
        "humanities, else 0); they win over the suite's",
    )


class MtBench:
    """Each question is asked, and then the one that builds on its answer."""

    def __init__(self, settings: MtBenchSettings) -> None:
        self._settings = settings
        self._folder = folder_of(NAME, settings.path)

    def variants(self) -> Mapping[str, Variant]:
        return load_variants("aisbench_plugin_mtbench")

    def files(self) -> Sequence[Path]:
        return [self._file("question.jsonl"), self._file("judge_prompts.jsonl"), self._answers()]

    def samples(self) -> Sequence[Sample]:
        prompt_rows = self._table(self._file("judge_prompts.jsonl"))
        prompts = {str(row.cells.get("name")): row for row in prompt_rows}
        references = {_number(row): _reference(row) for row in self._table(self._answers())}
        found = []
        seen: dict[str, str] = {}
        for row in self._table(self._file("question.jsonl")):
            number = _number(row)
            if number in seen:
                raise DataError(
                    f"{row.place}: the question_id {number} is that of {seen[number]} already",
                    hint=_AGAIN,
                )
            seen[number] = row.place
            found.append(self._sample(row, number, prompts, references))
        return found

    def examples(self) -> Sequence[Sample]:
        raise DataError(f"{NAME} has no few-shot examples", hint="set shots = 0")

    def play(self, sample: Sample, first: Prompt) -> Generator[Prompt, Response, None]:
        """The history is what the model itself answered, without its reasoning."""
        response = yield first
        messages = first.messages or (Message(role="user", content=first.text or ""),)
        turns: Any = sample.fields["turns"]
        for turn in turns[1:]:
            answered = Message(role="assistant", content=response.text)
            messages = (*messages, answered, Message(role="user", content=turn))
            response = yield attrs.evolve(first, text=None, messages=messages)

    # -- files

    def _file(self, name: str) -> Path:
        return require_file(self._folder / name, NAME, source=SOURCE)

    def _answers(self) -> Path:
        official = self._folder / "reference_answer" / "gpt-4.jsonl"
        return official if official.is_file() else self._file("gpt-4.jsonl")

    def _table(self, file: Path) -> list[Row]:
        return read_table(file, hint=_AGAIN)

    # -- rows

    def _sample(
        self,
        row: Row,
        number: str,
        prompts: Mapping[str, Row],
        references: Mapping[str, list[str]],
    ) -> Sample:
        turns = _texts(row, "turns", row.cells.get("turns"))
        category = row.cells.get("category")
        if not isinstance(category, str) or not category:
            raise DataError(f"{row.place}: no category", hint=_AGAIN)
        referred = category in WITH_REFERENCE
        if referred and number not in references:
            raise DataError(
                f"{row.place}: question {number} ({category}) has no reference answer",
                hint="gpt-4.jsonl holds those of mathematics, reasoning and coding; " + _AGAIN,
            )
        judging: dict[str, JsonValue] = {}
        for kind in ("single", "pair"):
            names = _PROMPTS[kind, referred][: len(turns)]
            judging[kind] = [_prompt(prompts, name, self._folder) for name in names]
        temperature = TEMPERATURES.get(category)
        generation: JsonObject = {}
        if self._settings.temperatures and temperature is not None:
            generation = {"temperature": temperature}
        target: JsonValue = list(references[number]) if referred else None
        return Sample(
            id=number,
            fields={
                "question": turns[0],
                "turns": list(turns),
                "category": category,
                "judging": judging,
            },
            target=target,
            part=category,
            generation=generation,
        )


def _number(row: Row) -> str:
    number = row.cells.get("question_id")
    if isinstance(number, bool) or not isinstance(number, (str, int)) or number == "":
        raise DataError(f"{row.place}: no question_id", hint=_AGAIN)
    return str(number)


def _reference(row: Row) -> list[str]:
    choices = row.cells.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    turns = first.get("turns") if isinstance(first, dict) else None
    return _texts(row, "choices[0].turns", turns)


def _texts(row: Row, key: str, value: Any) -> list[str]:
    if (
        not isinstance(value, list)
        or not value
        or not all(isinstance(text, str) and text.strip() for text in value)
    ):
        raise DataError(f"{row.place}: {key} is not a list of texts", hint=_AGAIN)
    return value


def _prompt(prompts: Mapping[str, Row], name: str, folder: Path) -> dict[str, JsonValue]:
    row = prompts.get(name)
    if row is None:
        raise DataError(f"{folder / 'judge_prompts.jsonl'}: no prompt {name!r}", hint=_AGAIN)
    system, prompt = row.cells.get("system_prompt"), row.cells.get("prompt_template")
    if not isinstance(system, str) or not isinstance(prompt, str):
        raise DataError(f"{row.place}: no system_prompt or prompt_template", hint=_AGAIN)
    return {"system": system, "prompt": prompt}
