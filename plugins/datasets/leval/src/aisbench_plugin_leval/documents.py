"""L-Eval's documents, as a row for each question about one.

A line of a file is a document (``input``) with lists of questions and answers (``instructions``,
``outputs``) and the way they are evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from aisbench.api import DataError, JsonValue
from aisbench.data import Row, read_table

_HINT = "get the file again from github.com/OpenLMLab/LEval, LEval-data"
_WORLD = "based on the world described in the document."
_REAL = "based on the real-world knowledge and facts up until your last training"
_PLAIN = "\nPlease directly give answer without any additional output or explanation \nAnswer:"


def rows(file: Path, split: str, part: str) -> Iterator[Mapping[str, JsonValue]]:
    """``id``, ``input``, ``question``, ``answer``, ``evaluation`` and ``words``, the length of the
    answer that prompts of open tasks tell. ``sci_fi`` asks each question twice, of the document's
    world and of the real one, whose question is ``second``. Raises DataError, naming the line."""
    for number, row in enumerate(read_table(file, hint=_HINT)):
        questions, answers = _texts(row, "instructions"), _texts(row, "outputs")
        if len(questions) != len(answers):
            raise DataError(
                f"{row.place}: {len(questions)} instructions, but {len(answers)} outputs",
                hint=_HINT,
            )
        common = {name: _text(row, name) for name in ("input", "evaluation")}
        for place, (question, answer) in enumerate(zip(questions, answers, strict=True)):
            own: dict[str, JsonValue] = {
                **common,
                "question": question,
                "words": len(answer.split()),
            }
            name = f"{number}-{place}"
            if part != "sci_fi":
                yield {**own, "id": name, "answer": answer, "second": ""}
                continue
            loyalty, fact = _both(answer, row.place)
            second = f"\n\n{question.replace(_WORLD, _REAL)}{_PLAIN}"
            yield {**own, "id": f"{name}-loyalty", "answer": loyalty, "second": ""}
            yield {**own, "id": f"{name}-fact", "answer": fact, "second": second}


def _text(row: Row, column: str) -> str:
    found = row.cells.get(column)
    if not isinstance(found, str):
        raise DataError(f"{row.place}: {column} is no text", hint=_HINT)
    return found


def _texts(row: Row, column: str) -> list[str]:
    found = row.cells.get(column)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise DataError(f"{row.place}: {column} is no list of texts", hint=_HINT)
    return found


def _both(answer: str, place: str) -> tuple[str, str]:
    """Of "True [fact: False]" both."""
    loyalty, mark, fact = answer.lower().partition("[fact:")
    if not mark:
        raise DataError(
            f'{place}: the answer {answer!r} is not of the form "True [fact: False]"', hint=_HINT
        )
    return loyalty.strip(), fact.strip().removesuffix("]").strip()
