"""A simulator that knows answers, asked as an evaluation asks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aisbench_plugin_simulator.correctness import is_right

ROWS = [
    {
        "question": f"Farm {n} has {n % 13} hens that lay {n % 7} eggs a day. How many in a week?",
        "answer": f"{n % 13} * {n % 7} * 7 = <<x>>\n#### {n * 37:,}",
    }
    for n in range(150)
]


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)), "utf-8")
    return path


def right(row: dict[str, str], text: str) -> bool:
    said = re.findall(r"-?\d[\d,]*(?:\.\d+)?", text)[-1]
    reference = row["answer"].rpartition("#### ")[2]
    return Decimal(said.replace(",", "")) == Decimal(reference.replace(",", ""))


def few_shot(row: dict[str, str]) -> str:
    shots = "".join(f"Question: {r['question']}\nAnswer: {r['answer']}\n\n" for r in ROWS[:4])
    return f"{shots}Question: {row['question']}\nAnswer:"


def test_score_is_exactly_the_expected_one(serve: Callable[..., Any], answers: Path) -> None:
    api = serve(answers=str(answers), accuracy=0.6, seed=5)
    expected = [is_right(5, row["question"], 0.6) for row in ROWS]
    assert 60 < sum(expected) < 120
    chat, text = [], []
    for row in ROWS:
        reply = api.chat(f"{row['question']}\nPut the answer last.").json
        chat.append(right(row, reply["choices"][0]["message"]["content"]))
        reply = api.text(few_shot(row), max_tokens=512, stop=["Question:", "\n\n"]).json
        text.append(right(row, reply["choices"][0]["text"]))
    assert chat == expected
    assert text == expected
    assert api.stats()["answers"] == {"right": 2 * sum(expected), "wrong": 300 - 2 * sum(expected)}


def test_few_shot_turns_of_a_chat(serve: Callable[..., Any], answers: Path) -> None:
    api = serve(answers=str(answers), accuracy=1)
    messages = [{"role": "system", "content": ROWS[9]["question"]}]
    for row in ROWS[:4]:
        messages.append({"role": "user", "content": row["question"]})
        messages.append({"role": "assistant", "content": row["answer"]})
    messages.append({"role": "user", "content": ROWS[77]["question"]})
    reply = api.post("/v1/chat/completions", {"messages": messages}).json
    assert right(ROWS[77], reply["choices"][0]["message"]["content"])


def test_streamed_and_reasoned_answers_are_as_right(
    serve: Callable[..., Any], answers: Path
) -> None:
    api = serve(answers=str(answers), accuracy=0.5, reasoning="inline")
    for row in ROWS[:20]:
        events = api.chat(row["question"], stream=True).events
        text = "".join(e["choices"][0]["delta"]["content"] for e in events)
        assert text.startswith("<think>\n")
        assert right(row, text) == is_right(0, row["question"], 0.5)


def test_more_tokens_do_not_change_the_answer(serve: Callable[..., Any], answers: Path) -> None:
    api = serve(answers=str(answers), accuracy=1)
    reply = api.chat(ROWS[7]["question"], max_tokens=300, ignore_eos=True).json
    assert reply["usage"]["completion_tokens"] == 300
    assert right(ROWS[7], reply["choices"][0]["message"]["content"])


def test_bare_answers_stand_alone(serve: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "known.jsonl"
    file.write_text(json.dumps({"question": "Where?", "answer": "[1, 2]  here"}), "utf-8")
    api = serve(answers=str(file), bare=True)
    reply = api.chat("Where?\nAnswer shortly.").json
    assert reply["choices"][0]["message"]["content"] == "[1, 2]  here"


def test_vary(serve: Callable[..., Any], answers: Path) -> None:
    api = serve(answers=str(answers), accuracy=0.5, vary=True, seed=2)
    for row in ROWS[:10]:
        for seed in (None, 1, 2, 3):
            more = {} if seed is None else {"seed": seed}
            reply = api.chat(row["question"], **more).json
            said = right(row, reply["choices"][0]["message"]["content"])
            assert said == is_right(2, row["question"], 0.5, seed)
    fixed = serve(answers=str(answers), accuracy=0.5, seed=2)
    texts = {
        fixed.chat(ROWS[0]["question"], seed=n).json["choices"][0]["message"]["content"]
        for n in range(5)
    }
    assert len(texts) == 1


def test_unknown_question(serve: Callable[..., Any], answers: Path) -> None:
    api = serve(answers=str(answers), output_tokens="9")
    reply = api.chat("What is the capital of France?").json
    assert reply["usage"]["completion_tokens"] == 9
    assert api.stats()["answers"] == {"unknown": 1}
