"""Conversations and a user's own file, in performance and in accuracy runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import tomli_w
from live import SHARED, Project, simulator
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

GLAIVE = SHARED / "data" / "sharegpt" / "glaive_toolcall_en_demo.json"
TALKS = [
    {
        "id": f"talk-{number}",
        "conversations": [
            {"from": "human", "value": f"First of {number}?"},
            {"from": "gpt", "value": "one two three"},
            {"from": "human", "value": f"Second of {number}?"},
            {"from": "gpt", "value": "one two three four five"},
            {"from": "human", "value": f"Third of {number}?"},
            {"from": "gpt", "value": str(number)},
        ],
    }
    for number in range(6)
]


def write(project: Project, url: str, mode: str, dataset: dict[str, Any]) -> None:
    """A suite of one model and one data set, as s.toml."""
    tables: dict[str, Any] = {
        "suite": {"name": "c", "mode": mode},
        "models": {"m": {"backend": "vllm-chat", "url": url, "concurrency": 4}},
        "datasets": {"d": dataset},
    }
    if mode == "performance":
        tables["load"] = {"shape": "closed", "concurrency": 3, "warm_up": 0}
    project.write("s.toml", tomli_w.dumps(tables))


def requests(project: Project) -> list[dict[str, Any]]:
    """The requests of the newest load."""
    folder = project.last_run("c") / "performance" / "m" / "d" / "load"
    found: list[dict[str, Any]] = pyarrow.parquet.read_table(
        folder / "requests.parquet"
    ).to_pylist()
    return found


def words(project: Project) -> str:
    """A tokenizer whose tokens are words."""
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    file = project.path / "words.json"
    tokenizer.save(str(file))
    return str(file)


def test_a_load_of_conversations_keeps_each_turns_own_length(project: Project) -> None:
    project.write("talks.json", json.dumps(TALKS))
    with simulator("--output-tokens", "40") as server:
        write(
            project,
            server.url,
            "performance",
            {
                "dataset": "sharegpt",
                "path": "talks.json",
                "history": "recorded",
                "limit_output": True,
                "ignore_eos": True,
                "tokenizer": words(project),
            },
        )
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    rows = requests(project)
    assert len(rows) == 18
    lengths = {(row["row"], row["turn"]): row["completion_tokens"] for row in rows}
    assert lengths == {
        (number, turn): tokens for number in range(6) for turn, tokens in enumerate((3, 5, 1))
    }
    assert all(row["asked_tokens"] == row["completion_tokens"] for row in rows)


@pytest.mark.parametrize("history", ["real", "recorded", "last"])
def test_an_accuracy_run_judges_the_last_turn(project: Project, history: str) -> None:
    project.write("talks.json", json.dumps(TALKS))
    answers = [{"question": f"Third of {n}?", "answer": f"#### {n}"} for n in range(6)]
    file = project.write("answers.jsonl", "\n".join(map(json.dumps, answers)))
    with simulator("--answers", str(file)) as server:
        dataset = {"dataset": "sharegpt", "path": "talks.json", "history": history}
        write(project, server.url, "accuracy", {**dataset, "evaluator": "numeric"})
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    rows = project.rows("c", "m", "d")
    assert len(rows) == (6 if history == "last" else 18)
    assert project.result("c", "m", "d")["counts"]["right"] == 6
    first = {row["sample"]: row["response"]["text"] for row in rows if row["turn"] == 0}
    for row in rows:
        said = [one["content"] for one in row["prompt"]["messages"]]
        if len(said) > 1:
            assert said[1] == (first[row["sample"]] if history == "real" else "one two three")


def test_a_row_s_own_limit_reaches_the_server(project: Project) -> None:
    rows = [{"question": f"Question {n}?", "max_tokens": n + 1} for n in range(6)]
    project.write("own.jsonl", "\n".join(map(json.dumps, rows)))
    with simulator("--output-tokens", "40") as server:
        write(project, server.url, "performance", {"dataset": "custom", "path": "own.jsonl"})
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    found = {row["row"]: row["completion_tokens"] for row in requests(project)}
    assert found == {n: n + 1 for n in range(6)}


def test_a_file_of_one_s_own_is_judged(project: Project) -> None:
    rows = [f'"How much is {n} + 1, {{really}}?",{n + 1}' for n in range(8)]
    table = project.write("own.csv", "question,answer\n" + "\n".join(rows) + "\n")
    answers = [
        {"question": f"How much is {n} + 1, {{really}}?", "answer": f"#### {n + 1}"}
        for n in range(8)
    ]
    file = project.write("answers.jsonl", "\n".join(map(json.dumps, answers)))
    with simulator("--answers", str(file)) as server:
        own = {"dataset": "custom", "path": table.name, "evaluator": "numeric"}
        write(project, server.url, "accuracy", own)
        done = project.run("run", "s.toml")
        assert done.code == 0, done.out + done.err
        assert project.result("c", "m", "d")["counts"]["right"] == 8
        table.write_text("question,answer\na,b,c\n")
        again = project.run("run", "s.toml")
        assert again.code == 2
        assert "own.csv:2: 3 cells" in again.err


@pytest.mark.skipif(not GLAIVE.is_file(), reason="no ShareGPT files; set AISBENCH_SHARED")
def test_real_conversations_run_to_their_ends(project: Project) -> None:
    path = Path(GLAIVE)
    with simulator("--output-tokens", "8") as server:
        write(project, server.url, "performance", {"dataset": "sharegpt", "path": str(path)})
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    assert len(requests(project)) == 410
