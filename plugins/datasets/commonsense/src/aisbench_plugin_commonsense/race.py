"""RACE's articles as lm-evaluation-harness shows them: one question of each is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.api import DataError

_GAP = "  _  ."


def last_questions(file: Path, split: str, part: str) -> Iterator[Mapping[str, Any]]:
    """The last question of the article in ``file``; ``context`` is the article and the questions
    before it, answered. Raises DataError for a file that is not as published."""
    try:
        article = json.loads(file.read_text(encoding="utf-8"))
        questions, options = article["questions"], article["options"]
        answers = article["answers"]
        said = [options[place]["ABCD".index(key)] for place, key in enumerate(answers)]
        context = f"Article: {article['article']}\n\n"
        for question, answer in zip(questions[:-1], said, strict=False):
            context += _answered(question, answer)
        row = {"questions": questions[-1], "options": options[-1], "answer": answers[-1]}
        yield {"id": article["id"], "context": context, **row}
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise DataError(
            f"{file}: not an article of RACE ({error!r})",
            hint="an article has the keys article, id, questions, options and answers (letters)",
        ) from error


def _answered(question: str, answer: str) -> str:
    """A question with its answer; one that ends in a gap is a sentence, and is filled."""
    if question.endswith(_GAP):
        return question[: -len(_GAP) + 1] + answer + "\n"
    return f"Question: {question}\nAnswer: {answer}\n"
