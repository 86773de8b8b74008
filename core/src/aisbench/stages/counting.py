"""The tokenizer's counts of what a load sent and got, and the blocks of its prompts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aisbench.store.journal import read_rows
from aisbench.store.recording.columns import ABSENT, PLACE
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.recording.parquet import read_raw_rows
from aisbench.store.recording.prompt_blocks import Basis, BlockWriter
from aisbench.tokens.chat_template import JinjaChatTemplate, load_chat_template
from aisbench.tokens.tokenizer import TextTokenizer, load_tokenizer

BATCH = 2000
"""Texts counted at once: the library spreads them over the cores."""


def count_tokens(
    folder: LoadFolder, tokenizer: str, blocks: BlockWriter | None = None
) -> dict[int, tuple[int, int]]:
    """The counts of prompt and answer by row of the requests' table; nothing without a tokenizer.

    A chat is counted as its template writes it. Where the tokenizer has no template, the count of
    the words alone is used if the server gave none; if it did, the two could not be compared, and
    the count is ABSENT. It is ABSENT as well for an answer with U+FFFD, which stands for bytes
    that are unknown. ``blocks`` gets the tokens of each prompt, but for those with media. Raises
    AisbenchError.
    """
    files = folder.raw("texts")
    if not tokenizer or not files:
        return {}
    counter = load_tokenizer(tokenizer, "models.*.tokenizer")
    template = load_chat_template(tokenizer)
    found: dict[int, tuple[int, int]] = {}
    bases, served = _served(folder)
    for path in files:
        first = bases.get(path.stem.rpartition("-")[2], 0)
        lines = iter(read_rows(path))
        while part := list(itertools.islice(lines, BATCH)):
            known = [row for row in part if first + row["row"] < len(served)]
            answers = counter.encode_all([row["answer"] for row in known])
            for row, prompt, answer in zip(
                known, _prompts(known, counter, template), answers, strict=True
            ):
                number = first + row["row"]
                ids, basis = prompt
                lossy = "\ufffd" in row["answer"]
                found[number] = _counts(len(ids), len(answer), basis, lossy, served[number])
                if blocks is not None and row.get("chat", ...) is not None:
                    # Behind bytes that are unknown, so are the tokens.
                    known_part = row["answer"].partition("\ufffd")[0]
                    said = counter.encode(known_part) if lossy else answer
                    blocks.add(number, ids, said, basis)
    return found


def _counts(
    prompt: int, answer: int, basis: Basis, lossy: bool, served: tuple[bool, bool]
) -> tuple[int, int]:
    """What is compared with the server's counts; ABSENT where that would compare two things."""
    asked, answered = served
    return (
        ABSENT if basis == "words" and asked else prompt,
        ABSENT if lossy and answered else answer,
    )


def _served(folder: LoadFolder) -> tuple[dict[str, int], list[tuple[bool, bool]]]:
    """The row of each worker's first request; and of each request, whether the server counted the
    tokens of the prompt, of the answer."""
    bases = {}
    served: list[tuple[bool, bool]] = []
    for path in folder.raw("requests"):
        bases[path.stem.rpartition("-")[2]] = len(served)
        rows = read_raw_rows(path)
        counts = (rows[:, PLACE[name]] for name in ("prompt_tokens", "completion_tokens"))
        served += zip(*((one != ABSENT).tolist() for one in counts), strict=True)
    return bases, served


def _prompts(
    rows: Sequence[Mapping[str, Any]], counter: TextTokenizer, template: JinjaChatTemplate | None
) -> Iterator[tuple[Sequence[int], Basis]]:
    """Of each prompt its tokens, and what they are of."""
    written = [_text(row, template) for row in rows]
    encoded = counter.encode_all([text for text, _ in written])
    for row, ids, (_, basis) in zip(rows, encoded, written, strict=True):
        yield row.get("ids", ids), basis


def _text(row: Mapping[str, Any], template: JinjaChatTemplate | None) -> tuple[str, Basis]:
    """What is to be counted of a prompt: all of it, unless the basis is "words"."""
    if "ids" in row:
        return "", "ids"
    chat = row.get("chat")
    if "chat" not in row:
        return row["prompt"], "template"
    text = template.render(chat) if template is not None and chat is not None else None
    return (row["prompt"], "words") if text is None else (text, "template")
