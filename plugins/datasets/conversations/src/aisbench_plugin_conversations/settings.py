"""What a suite may set."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from attrs import frozen

from aisbench.api import PathOrName, at_least, setting

History = Literal["real", "recorded", "last"]
Tools = Literal["text", "drop"]


@frozen
class ConversationSettings:
    """How conversations are played, and which of them."""

    history: History = setting(
        default="real",
        help="earlier answers in later turns: the model's own, those in the data, or (last) those "
        "in the data in one single request",
    )
    turns: int | None = setting(
        default=None,
        unit="turns",
        check=at_least(1),
        help="play at most so many, leave the rest",
        example=4,
    )
    limit_output: bool = setting(
        default=False,
        help="max_tokens of each turn = tokens of the answer in the data; needs tokenizer",
    )
    ignore_eos: bool = setting(
        default=False,
        help="with limit_output: ask the server not to stop earlier (vLLM, SGLang)",
    )
    tokenizer: PathOrName = setting(
        default=PathOrName(),
        help="the model's tokenizer: a folder with tokenizer.json, that file, or a hub name",
        example="./models/qwen",
    )
    min_turns: int | None = setting(
        default=None,
        unit="turns",
        check=at_least(1),
        help="leave out conversations with fewer",
        example=2,
    )
    max_turns: int | None = setting(
        default=None,
        unit="turns",
        check=at_least(1),
        help="leave out conversations with more",
        example=12,
    )
    min_prompt_characters: int | None = setting(
        default=None,
        unit="characters",
        check=at_least(0),
        help="leave out conversations whose last prompt, by the data, is shorter",
        example=10,
    )
    max_prompt_characters: int | None = setting(
        default=None,
        unit="characters",
        check=at_least(1),
        help="leave out conversations whose last prompt, by the data, is longer",
        example=20000,
    )
    min_prompt_tokens: int | None = setting(
        default=None,
        unit="tokens",
        check=at_least(0),
        help="the same by tokens, without what a chat template adds; needs tokenizer",
        example=4,
    )
    max_prompt_tokens: int | None = setting(
        default=None,
        unit="tokens",
        check=at_least(1),
        help="the same by tokens, without what a chat template adds; needs tokenizer",
        example=8192,
    )
    take: int | None = setting(
        default=None,
        unit="conversations",
        check=at_least(1),
        help="keep the first so many that pass; the rest is not even counted, which saves time",
        example=2000,
    )


@frozen
class ShareGptSettings(ConversationSettings):
    """The data set ``sharegpt``."""

    path: Path | None = setting(
        default=None,
        help="the file, JSON or JSONL; default: where `datasets fetch` puts it",
        example="ShareGPT_V3_unfiltered_cleaned_split.json",
    )
    tools: Tools = setting(
        default="text",
        help="function calls and their results: texts of assistant and user, or leave those "
        "conversations out",
    )


@frozen
class MtBenchTurnsSettings(ConversationSettings):
    """The data set ``mtbench-turns``."""

    path: Path | None = setting(
        default=None,
        help="question.jsonl; default: where `datasets fetch` puts it",
        example="data/mtbench/question.jsonl",
    )
    answers: Path | None = setting(
        default=None,
        help="recorded answers in FastChat's layout (model_answer, reference_answer); questions "
        "without any are left out; unset: none",
        example="data/mtbench/gpt-4.jsonl",
    )
