from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import pytest

from aisbench.api import DataError
from aisbench_plugin_simulator.answer_book import AnswerBook, KnownQuestion, read_answers
from aisbench_plugin_simulator.correctness import is_right


def book(*questions: str) -> AnswerBook:
    return AnswerBook(KnownQuestion(text, str(number)) for number, text in enumerate(questions))


def found(book: AnswerBook, prompt: str) -> str | None:
    item = book.find(prompt)
    return item.question if item else None


def test_takes_the_question_that_ends_last() -> None:
    known = book("How many eggs?", "How many ducks are there?", "Count the hens.")
    shots = "Q: How many eggs?\nA: 3\n\nQ: Count the hens.\nA: 4\n\n"
    assert found(known, shots + "Q: How many ducks are there?\nA:") == "How many ducks are there?"
    assert found(known, shots + "Q: How many eggs?\nThink. Then answer?") == "How many eggs?"
    assert found(known, "How many cows?") is None
    assert found(known, "") is None


def test_of_questions_that_end_alike_the_longest_is_meant() -> None:
    known = book("How many eggs?", "Tom has ducks. How many eggs?", "em?")
    assert found(known, "x Tom has ducks. How many eggs? y") == "Tom has ducks. How many eggs?"
    assert found(known, "Tim has ducks. How many eggs?") == "How many eggs?"


def test_spaces_around_a_question_do_not_matter() -> None:
    assert found(book("  How many eggs? \n"), "Q: How many eggs?\n") == "  How many eggs? \n"


def test_is_fast() -> None:
    questions = [f"In the year {n} a farm had {n * 7} hens. How many eggs?" for n in range(1319)]
    known = book(*questions)
    filler = "A sentence. Is this one? " * 20
    shots = "".join(f"Question: {questions[n]} {filler}\nAnswer: {n}\n\n" for n in range(4))
    prompts = [f"{shots}Question: {text}\nAnswer:" for text in questions[:200]]
    unknown = shots.replace("hens", "ducks")
    start = time.process_time()
    assert [found(known, prompt) for prompt in prompts] == questions[:200]
    assert found(known, unknown) is None
    assert (time.process_time() - start) / 201 < 0.001


def test_reads_the_layout_of_gsm8k(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    rows = [
        {"question": "How many eggs?", "answer": "Two #### no\n#### 1,234"},
        {"question": "Which letter?", "answer": "B"},
    ]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n\n", "utf-8")
    known = read_answers(path)
    assert len(known) == 2
    assert known.find("How many eggs?") == KnownQuestion("How many eggs?", "1,234")
    assert known.find("Which letter?") == KnownQuestion("Which letter?", "B")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no question"),
        ("{", ":1: not JSON"),
        ('{"question": "a", "answer": "b"}\n[]', ":2: the line must be an object"),
        ('{"question": " ", "answer": "b"}', ":1:"),
        ('{"question": "a", "answer": 5}', ":1:"),
    ],
)
def test_says_which_line_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=said):
        read_answers(path)


def test_says_that_the_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        read_answers(tmp_path / "none.jsonl")


def test_is_right_by_the_documented_formula() -> None:
    for number in range(200):
        question = f"Question {number}?"
        part = hashlib.sha256(f"7/{question}".encode()).digest()[:8]
        assert is_right(7, question, 0.4) == (int.from_bytes(part, "big") / 2**64 < 0.4)
    questions = [str(n) for n in range(10_000)]
    assert sum(is_right(1, q, 0.3) for q in questions) == pytest.approx(3000, abs=150)
    assert all(is_right(1, q, 1.0) for q in questions)
    assert not any(is_right(1, q, 0.0) for q in questions)
    varied = {tuple(is_right(1, q, 0.5, seed) for q in questions[:50]) for seed in range(5)}
    assert len(varied) == 5
