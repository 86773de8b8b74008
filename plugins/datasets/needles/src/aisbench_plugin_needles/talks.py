"""Prompts that are a list of messages in the file: MRCR's and CorpusQA's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from aisbench.api import DataError, Message, Prompt, Sample
from aisbench.data import Row, read_table


def prompt(sample: Sample, shots: Sequence[Sample]) -> Prompt:
    """The messages of the field ``prompt``, as data or as JSON text. Raises DataError when it
    holds none."""
    talk = sample.fields.get("prompt")
    if isinstance(talk, str):
        try:
            talk = json.loads(talk)
        except ValueError:
            talk = None
    messages = talk if isinstance(talk, list) else []
    found = [
        Message(role=one["role"], content=one["content"])
        for one in messages
        if isinstance(one, dict)
        and one.get("role") in ("system", "user", "assistant")
        and isinstance(one.get("content"), str)
    ]
    if not found or len(found) < len(messages):
        raise DataError(
            f"sample {sample.id}: its column prompt holds no list of messages",
            hint="it is [{role, content}, ...], in openai/mrcr's files as a JSON text",
        )
    return Prompt(messages=tuple(found))


def corpus_rows(file: Path, split: str, part: str) -> Iterator[Row]:
    """CorpusQA's rows. An answer that is a list is one answer, also an empty one (nothing meets
    the question), and the judge reads it as the authors' eval.py writes it."""
    for row in read_table(file):
        answer = row.cells.get("answer")
        yield Row(row.place, row.cells if answer is None else {**row.cells, "answer": str(answer)})


class TalkTemplate:
    """See :func:`prompt`; examples stand before it, each with its answer."""

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        """Raises DataError as :func:`prompt`."""
        shown: list[Message] = []
        for shot in shots:
            shown += prompt(shot, ()).messages or ()
            shown.append(Message(role="assistant", content=str(shot.target)))
        return Prompt(messages=(*shown, *(prompt(sample, ()).messages or ())))
