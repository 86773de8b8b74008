"""The files that RULER's own scripts fetch, where a suite names their folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench.data import parse_json, read_text
from aisbench_plugin_needles.haystacks import Essay
from aisbench_plugin_needles.ruler_lists import Questions, RulerQuestion

ESSAYS, SQUAD, HOTPOT, WORDS = (
    "PaulGrahamEssays.json", "squad.json", "hotpotqa.json", "english_words.json",
)  # fmt: skip
SOURCE = (
    "the two download scripts in github.com/NVIDIA/RULER, scripts/data/synthetic/json, make "
    "PaulGrahamEssays.json, squad.json (SQuAD 2.0's dev-v2.0.json) and hotpotqa.json "
    "(hotpot_dev_distractor_v1.json)"
)


def read_json(folder: Path, name: str) -> tuple[Path, Any]:
    """Raises DataError when it is no JSON."""
    file = folder / name
    return file, parse_json(read_text(file), str(file), hint=f"make it again: {SOURCE}")


def read_essay(folder: Path) -> Essay:
    """``{"text": "..."}``."""
    file, found = read_json(folder, ESSAYS)
    text = found.get("text") if isinstance(found, dict) else None
    if not isinstance(text, str) or len(text.split()) < 100:
        raise _other(file, 'no object with a long "text"')
    return Essay(text)


def read_words(folder: Path) -> list[str]:
    """The values of an object; empty where the file is not there, as few lengths need it."""
    if not (folder / WORDS).is_file():
        return []
    file, found = read_json(folder, WORDS)
    if not isinstance(found, dict):
        raise _other(file, "no object of words")
    return list(dict.fromkeys(str(one) for one in found.values()))


def read_squad(folder: Path) -> Questions:
    """The answerable questions, each with the paragraphs of its article."""
    file, found = read_json(folder, SQUAD)
    try:
        articles = [
            [(one["context"], one["qas"]) for one in article["paragraphs"]]
            for article in found["data"]
        ]
        documents = sorted({context for article in articles for context, _ in article})
        place = {text: number for number, text in enumerate(documents)}
        questions = [
            RulerQuestion(
                text=qa["question"],
                answers=list(dict.fromkeys(one["text"] for one in qa["answers"])),
                own=[place[context]],
                near=sorted({place[other] for other, _ in article} - {place[context]}),
            )
            for article in articles
            for context, several in article
            for qa in several
            if not qa.get("is_impossible")
        ]
    except (KeyError, TypeError) as error:
        raise _other(file, f"not SQuAD's layout ({error!r})") from None
    return _questions(file, documents, questions)


def read_hotpot(folder: Path) -> Questions:
    """Each question with its ten paragraphs."""
    file, found = read_json(folder, HOTPOT)
    try:
        rows = [
            (row, [f"{title}\n{''.join(lines)}" for title, lines in row["context"]])
            for row in found
        ]
        documents = sorted({text for _, texts in rows for text in texts})
        place = {text: number for number, text in enumerate(documents)}
        questions = [
            RulerQuestion(
                text=row["question"],
                answers=[row["answer"]],
                own=list(dict.fromkeys(place[text] for text in texts)),
            )
            for row, texts in rows
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise _other(file, f"not HotpotQA's layout ({error!r})") from None
    return _questions(file, documents, questions, least=10)


def _questions(
    file: Path, documents: list[str], questions: list[RulerQuestion], least: int = 1
) -> Questions:
    if not questions:
        raise _other(file, "no questions with an answer")
    return Questions(documents=documents, questions=questions, least=min(least, len(documents)))


def _other(file: Path, what: str) -> DataError:
    return DataError(f"{file}: {what}", hint=f"make it again: {SOURCE}")
