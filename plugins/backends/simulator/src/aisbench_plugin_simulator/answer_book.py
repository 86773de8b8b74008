"""What the simulated model knows: questions and their answers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import orjson
from attrs import frozen

from aisbench.api import DataError, open_dataset

LONGEST_TAIL = 32
"""Characters of a question's end that are looked up first; more would only cost time."""


@frozen
class KnownQuestion:
    """A question as it stands in the file, and its final answer without the working."""

    question: str
    answer: str


class AnswerBook:
    """Finds the question that a prompt ends with."""

    def __init__(self, known: Iterable[KnownQuestion]) -> None:
        # A template may strip the question; spaces around it are not part of what is looked for.
        self._questions = {item.question.strip(): item for item in known}
        self._questions.pop("", None)
        self._tail = min([LONGEST_TAIL, *map(len, self._questions)])
        self._by_tail: dict[str, list[str]] = {}
        for text in sorted(self._questions, key=len, reverse=True):
            self._by_tail.setdefault(text[-self._tail :], []).append(text)
        ends = "".join(sorted({text[-1] for text in self._questions}))
        # Only where a question can end is anything looked up: in English at "?" and ".".
        self._ends = re.compile(f"[{re.escape(ends)}]") if ends else None

    def __len__(self) -> int:
        return len(self._questions)

    def find(self, prompt: str) -> KnownQuestion | None:
        """The known question whose occurrence in ``prompt`` ends last; of several, the longest."""
        if self._ends is None:
            return None
        for end in reversed([match.end() for match in self._ends.finditer(prompt)]):
            if end < self._tail:
                return None
            for text in self._by_tail.get(prompt[end - self._tail : end], ()):
                if prompt.endswith(text, 0, end):
                    return self._questions[text]
        return None


def load_answers(source: str) -> AnswerBook:
    """What a file of answers, or a data set, knows: an installed one by its name, or the TOML
    file of one. Raises AisbenchError.

    A name has neither a folder nor a suffix. A data set's samples need the field ``question``
    and a target.
    """
    path = Path(source).expanduser()
    if path.suffix != ".toml" and (path.suffix or path.name != source):
        return read_answers(path)
    known = [
        KnownQuestion(str(sample.fields["question"]), str(sample.target))
        for sample in open_dataset(source).samples()
        if sample.fields.get("question") and sample.target is not None
    ]
    if not known:
        raise DataError(f"data set {source}: no sample has a question and a target")
    return AnswerBook(known)


def read_answers(path: Path) -> AnswerBook:
    """The JSON lines of ``path``, each with "question" and "answer". Raises DataError."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None
    known = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise DataError(f"{path}:{number}: not JSON: {error}") from None
        question = row.get("question") if isinstance(row, dict) else None
        answer = row.get("answer") if isinstance(row, dict) else None
        if not isinstance(question, str) or not isinstance(answer, str) or not question.strip():
            raise DataError(
                f'{path}:{number}: the line must be an object with "question" and "answer"'
            )
        known.append(KnownQuestion(question, final_answer(answer)))
    if not known:
        raise DataError(f"{path}: has no questions")
    return AnswerBook(known)


def final_answer(answer: str) -> str:
    """What follows the last ``#### `` (the layout of GSM8K), else the whole text."""
    return answer.rpartition("#### ")[2].strip()
