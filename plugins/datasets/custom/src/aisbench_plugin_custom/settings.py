"""What a suite may set."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from attrs import frozen

from aisbench.api import at_least, not_empty, setting

Kind = Literal["auto", "qa", "mcq", "messages", "batch"]


@frozen
class CustomColumns:
    """What the columns of the file are called."""

    question: str = setting(
        default="question", check=not_empty, help="the question", example="text"
    )
    answer: str = setting(
        default="answer", check=not_empty, help="the reference, if there is any", example="label"
    )
    choices: tuple[str, ...] = setting(
        default=(),
        help="the options, or one column that holds a list of them; default: A, B, C, ... as far "
        "as there are such columns",
        example=["option_a", "option_b"],
    )
    system: str = setting(
        default="system", check=not_empty, help="the row's system text", example="instruction"
    )
    max_tokens: str = setting(
        default="max_tokens",
        check=not_empty,
        help="the row's limit of output tokens",
        example="limit",
    )
    generation: str = setting(
        default="generation",
        check=not_empty,
        help="the row's sampling settings, a JSON object",
        example="sampling",
    )
    messages: str = setting(
        default="messages",
        check=not_empty,
        help="a whole chat, a list of role and content",
        example="chat",
    )
    files: tuple[str, ...] = setting(
        default=(),
        help="columns that name or hold pictures, sounds or films (one, or a list): paths from "
        "the folder of this file on, also into zip files, urls, base64, bytes of Parquet",
        example=["image"],
    )
    images: tuple[str, ...] = setting(
        default=(),
        help="columns of pictures, in the same forms, which every question shows before its text",
        example=["image"],
    )
    audio: tuple[str, ...] = setting(
        default=(), help="columns of sounds, in the same way", example=["sound"]
    )
    video: tuple[str, ...] = setting(
        default=(), help="columns of films, in the same way", example=["film"]
    )
    texts: str = setting(
        default="texts",
        check=not_empty,
        help="a text, or a list of them, for embeddings and labels",
        example="passages",
    )
    query: str = setting(
        default="query", check=not_empty, help="what documents are compared with", example="asked"
    )
    documents: str = setting(
        default="documents", check=not_empty, help="a list of documents", example="passages"
    )
    part: str = setting(
        default="part",
        check=not_empty,
        help="the row's part, which has figures of its own",
        example="subject",
    )
    id: str = setting(
        default="id", check=not_empty, help="the row's id; default: row-N", example="key"
    )

    @property
    def holding(self) -> tuple[str, ...]:
        """All columns of pictures, sounds and films."""
        return (*self.files, *self.images, *self.audio, *self.video)


@frozen
class CustomSettings:
    """Which file, and how it is read."""

    path: Path = setting(help="the file, .jsonl or .csv, in UTF-8", example="questions.jsonl")
    kind: Kind = setting(
        default="auto",
        help="questions, multiple choice, or chats, which auto tells from the columns of the "
        "first row; batch: texts, a query with documents, or a sound, for endpoints that are no "
        "chat",
    )
    columns: CustomColumns = setting(
        factory=CustomColumns, help="names of the columns, where they differ"
    )
    examples: Path | None = setting(
        default=None,
        help="file of few-shot examples, laid out like path; used when shots is set",
        example="examples.jsonl",
    )
    meta: Path | None = setting(
        default=None,
        help="AISBench's meta file; default: FILE.meta.json beside the file, if it exists",
        example="questions.meta.json",
    )
    seed: int = setting(
        default=0, check=at_least(0), help="for what the meta file leaves to chance"
    )
