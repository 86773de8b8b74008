"""The tokenizer's counts of what a load sent and got."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aisbench.store.journal import read_rows
from aisbench.store.recording.columns import ABSENT, PLACE
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.recording.parquet import read_raw_rows
from aisbench.tokens.chat_template import JinjaChatTemplate, load_chat_template
from aisbench.tokens.tokenizer import TextTokenizer, load_tokenizer

BATCH = 2000
"""Texts counted at once: the library spreads them over the cores."""


def count_tokens(folder: LoadFolder, tokenizer: str) -> dict[int, tuple[int, int]]:
    """The counts of prompt and answer by row of the requests' table; nothing without a tokenizer.

    A chat is counted as its template writes it. Where the tokenizer has no template, the count of
    the words alone is used if the server gave none; if it did, the two could not be compared, and
    the count is ABSENT. It is ABSENT as well for an answer with U+FFFD, which stands for bytes
    that are unknown. Raises AisbenchError.
    """
    files = folder.raw("texts")
    if not tokenizer or not files:
        return {}
    counter = load_tokenizer(tokenizer, "models.*.tokenizer")
    template = load_chat_template(tokenizer)
    found: dict[int, tuple[int, int]] = {}
    served: list[tuple[bool, bool]] = []
    """Of each request, whether the server counted the tokens of the prompt, of the answer."""
    bases = {}
    base = 0
    for path in folder.raw("requests"):
        bases[path.stem.rpartition("-")[2]] = base
        rows = read_raw_rows(path)
        counts = (rows[:, PLACE[name]] for name in ("prompt_tokens", "completion_tokens"))
        served += zip(*((one != ABSENT).tolist() for one in counts), strict=True)
        base = len(served)
    for path in files:
        first = bases.get(path.stem.rpartition("-")[2], 0)
        lines = iter(read_rows(path))
        while part := list(itertools.islice(lines, BATCH)):
            known = [row for row in part if first + row["row"] < base]
            answers = counter.counts([row["answer"] for row in known])
            for row, prompt, answer in zip(
                known, _prompts(known, counter, template), answers, strict=True
            ):
                number = first + row["row"]
                count, whole = prompt
                asked, answered = served[number]
                lossy = "\ufffd" in row["answer"]
                found[number] = (
                    count if whole or not asked else ABSENT,
                    ABSENT if lossy and answered else answer,
                )
    return found


def _prompts(
    rows: Sequence[Mapping[str, Any]], counter: TextTokenizer, template: JinjaChatTemplate | None
) -> Iterator[tuple[int, bool]]:
    """Of each prompt its count, and whether that is all of it."""
    written = [_text(row, template) for row in rows]
    counts = counter.counts([text for text, _ in written])
    for row, count, (_, whole) in zip(rows, counts, written, strict=True):
        yield row.get("ids", count), whole


def _text(row: Mapping[str, Any], template: JinjaChatTemplate | None) -> tuple[str, bool]:
    """What is to be counted of a prompt, and whether that is all of it."""
    if "ids" in row:
        return "", True
    chat = row.get("chat")
    if "chat" not in row:
        return row["prompt"], True
    text = template.render(chat) if template is not None and chat is not None else None
    return (row["prompt"], False) if text is None else (text, True)
