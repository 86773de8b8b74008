"""Finds the questions of one side within the prompts of another, whose tool logs no questions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from attrs import evolve

from aisbench_plugin_compare.sides.side import SideAnswer, SideRow, SideTask

WINDOW = 24
"""Characters of a question's beginning by which it is looked for."""
SHORT = 8
"""Questions below that are found in anything."""
_SPACE = re.compile(r"\s+")


def matched(left: SideTask, right: SideTask) -> tuple[SideTask, SideTask]:
    """Both tasks, with the key ``question`` for rows of a tool that logs none: of the questions of
    the other side the one that stands last in the prompt (those of examples stand before it).

    A prompt in which none stands, or that shares its question with another one, keeps its keys.
    """
    asked_left, asked_right = _has_questions(left), _has_questions(right)
    if asked_left == asked_right:
        return left, right
    if asked_left:
        return left, _with_questions(right, left)
    return _with_questions(left, right), right


def _has_questions(task: SideTask) -> bool:
    return any("question" in row.keys for row in task.rows)


def _with_questions(task: SideTask, other: SideTask) -> SideTask:
    questions = _questions(other)
    if not questions:
        return task
    index = QuestionIndex(questions)
    found = {
        place: index.last_in(answer.prompt)
        for place, answer in task.answers.read([row.place for row in task.rows])
    }
    return evolve(task, rows=[_keyed(row, found.get(row.place)) for row in task.rows])


def _keyed(row: SideRow, question: str | None) -> SideRow:
    if question is None:
        return row
    return evolve(row, keys={**row.keys, "question": question})


def _questions(task: SideTask) -> dict[str, str]:
    """The normalised questions of a task by their key."""
    rows = {row.place: row for row in task.rows if "question" in row.keys}
    found: dict[str, str] = {}
    for place, answer in task.answers.read(list(rows)):
        text = plain(_asked(answer))
        if len(text) >= SHORT:
            found[rows[place].keys["question"]] = text
    return found


def _asked(answer: SideAnswer) -> str:
    return answer.question or answer.prompt


def plain(text: str) -> str:
    """As :func:`aisbench_plugin_compare.sides.keys.words` sees it."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


class QuestionIndex:
    """Questions by their first characters."""

    def __init__(self, questions: Mapping[str, str]) -> None:
        self._by_begin: dict[str, list[tuple[str, str]]] = {}
        self._lengths: list[int] = []
        for key, text in questions.items():
            begin = text[:WINDOW]
            self._by_begin.setdefault(begin, []).append((text, key))
        self._lengths = sorted({len(begin) for begin in self._by_begin}, reverse=True)

    def last_in(self, prompt: str) -> str | None:
        """The key of the question that ends last in a prompt, the longest of those."""
        text = plain(prompt)
        best: tuple[int, int, str] | None = None
        for length in self._lengths:
            for place in range(len(text) - length + 1):
                for question, key in self._by_begin.get(text[place : place + length], ()):
                    if text.startswith(question, place):
                        rank = (place + len(question), len(question), key)
                        best = rank if best is None else max(best, rank)
        return None if best is None else best[2]
