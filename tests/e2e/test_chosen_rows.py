"""Rows that are chosen, asked again, and answers that are there already, as a user has them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from live import Project, Simulator, figures, simulator

import aisbench

pytestmark = pytest.mark.not_quick

ROWS = 20
SET = """
summary = "Sums."
split = "test"
evaluator = "numeric"
card = { task = "mathematics", licence = "none", source = "here" }
files = { test = "rows.jsonl" }
columns = { answer = "answer", part = "part" }
variants.chat = { template = "chat", source = "own", prompt = { user = "{question}" } }
"""
SUITE = """
[suite]
name = "s"
[models.sim]
backend = "vllm-chat"
url = "{url}"
[models.other]
backend = "vllm-chat"
url = "{url}"
generation = {{ temperature = 0.5 }}
[datasets.sums]
dataset = "./sums.toml"
"""


def lines() -> list[dict[str, str]]:
    return [
        {"question": f"How much is {n} and {n}?", "answer": str(2 * n), "part": "ab"[n % 2]}
        for n in range(100, 100 + ROWS)
    ]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    known = tmp_path_factory.mktemp("server") / "known.jsonl"
    known.write_text("".join(json.dumps(one) + "\n" for one in lines()))
    with simulator("--answers", str(known), "--accuracy", "0.5") as one:
        yield one


@pytest.fixture
def sums(project: Project, server: Simulator) -> Project:
    project.write("rows.jsonl", "".join(json.dumps(one) + "\n" for one in lines()))
    project.write("sums.toml", SET)
    project.write("suite.toml", SUITE.format(url=server.url))
    return project


def asked(project: Project, suite: str, model: str) -> list[str]:
    return [row["sample"] for row in project.rows(suite, model, "sums")]


def test_a_choice_is_recorded_and_a_larger_one_asks_only_the_rest(sums: Project) -> None:
    done = sums.run("run", "suite.toml", "--sample", "6")
    assert done.code == 0, done.err
    assert "sums: 6 of 20 rows (sample 6)" in done.out
    first = set(asked(sums, "s", "sim"))
    result = sums.result("s", "sim", "sums")
    assert (result["samples"], result["of"], result["chosen"]) == (6, 20, "sample 6")
    assert result["parts"] == {"a": 3, "b": 3}
    done = sums.run("run", "suite.toml", "--sample", "0.5", "--resume")
    assert "sim / sums: 6 answers of earlier sessions used again" in done.out
    assert len(asked(sums, "s", "sim")) == 10
    assert first < set(asked(sums, "s", "sim"))
    assert sums.run("run", "suite.toml", "--resume", "--limit", "99").code == 0
    assert sums.result("s", "sim", "sums")["of"] is None


def test_ids(sums: Project) -> None:
    first = json.loads((sums.path / "rows.jsonl").read_text().splitlines()[0])
    assert first["part"] == "a"
    done = sums.run("run", "suite.toml", "--ids", "a/test-0", "--ids", "b/test-1?")
    assert done.code == 0, done.err
    assert sums.result("s", "sim", "sums")["parts"] == {"a": 1, "b": 5}
    sums.write("wanted.txt", "b/test-1\na/test-4\n")
    done = sums.run("run", "suite.toml", "--ids", "@wanted.txt")
    assert sorted(asked(sums, "s", "sim")) == ["a/test-4", "b/test-1"]
    # The run holds the ids, and does not need the file.
    (sums.path / "wanted.txt").unlink()
    assert sums.run("evaluate", str(sums.last_run("s"))).code == 0
    done = sums.run("run", "suite.toml", "--ids", "b/test-99", "--ids", "@x")
    assert "a file of ids stands alone" in done.err
    done = sums.run("run", "suite.toml", "--sample", "many")
    assert "must be a number of rows, such as 200, or a share" in done.err
    done = sums.run("run", "suite.toml", "--ids", "b/test-99")
    assert (done.code, "there is no row 'b/test-99'" in done.err) == (2, True)


def test_rerun(sums: Project, server: Simulator) -> None:
    assert sums.run("run", "suite.toml").code == 0
    old = sums.last_run("s")
    verdicts = {
        model: {one["sample"]: one["score"]["verdict"] for one in sums.scores("s", model, "sums")}
        for model in ("sim", "other")
    }
    wrong = {
        model: sorted(name for name, verdict in some.items() if verdict == "wrong")
        for model, some in verdicts.items()
    }
    assert 0 < len(wrong["sim"]) < ROWS
    server.configure(accuracy=1.0)
    try:
        done = sums.run("rerun", str(old), "--outcome", "wrong", "--set", "suite.seed=5")
    finally:
        server.configure(accuracy=0.5)
    assert done.code == 0, done.err
    for model, ids in wrong.items():
        assert sorted(asked(sums, "s-rerun", model)) == ids
        assert figures(sums.result("s-rerun", model, "sums"))["accuracy"]["value"] == 100
        assert f"{len(ids)} answers again: {len(ids)} became right" in done.out
        assert f"  wrong -> right: {len(ids)}" in done.out
    new = sums.last_run("s-rerun")
    record = json.loads((new / "rerun.json").read_text())
    assert (Path(record["of"]), record["chosen"]) == (old.absolute(), "outcome wrong")
    assert {one["old"] for one in record["answers"]} == {"wrong"}
    # It is a run like any other, also without the old one.
    old.rename(old.with_name("moved"))
    again = sums.run("evaluate", str(new))
    assert (again.code, "became right" in again.out) == (0, True)


JUDGED = """
[models.critic]
backend = "vllm-chat"
url = "{url}"
role = "judge"
[datasets.judged]
dataset = "./sums.toml"
limit = 2
evaluator = "judge-pairwise"
evaluation = {{ judge = "critic", against = "other" }}
[[exclude]]
model = "other"
dataset = "sums"
"""


def test_rerun_of_rows_that_a_judge_compares(sums: Project, server: Simulator) -> None:
    """The judge is asked only for its own rows, and the rival's answers are needed again."""
    sums.write("suite.toml", (SUITE + JUDGED).format(url=server.url))
    assert sums.run("run", "suite.toml", "--set", "datasets.sums.limit=3").code == 0
    run = str(sums.last_run("s"))
    done = sums.run("rerun", run, "--dataset", "sums")
    assert (done.code, "sim / sums: 3 answers again" in done.out) == (0, True), done.err
    assert "critic" not in done.out
    done = sums.run("rerun", run, "--dataset", "judged", "--model", "sim", "--ids", "a/*")
    assert "other / judged: 1 rows are asked again" in done.out, done.err
    assert "sim / judged: 1 answers again" in done.out


def test_rerun_says_what_it_cannot_do(sums: Project) -> None:
    assert sums.run("run", "suite.toml", "--limit", "2").code == 0
    run = str(sums.last_run("s"))
    for words, message in (
        ((), "which answers are to be asked again?"),
        (("--outcome", "rong"), "--outcome rong: there is none of that name"),
        (("--outcome", "failed"), "no answer is one of those (outcome failed)"),
        (
            ("--part", "a", "--dry-run", "--set", "datasets.sums.path=hf:a/b"),
            "is not on this machine, and the hub is not to be asked",
        ),
        (("--part", "c"), "--part c: no row that was asked has it\n  help: there are: a, b"),
        (("--ids", "a/test-2"), "did you mean 'a/test-0'?"),
        (("--odd", "nan"), "no answer is one of those (odd nan)"),
        (("--odd", "loop"), "--odd loop: there is none of that name"),
    ):
        done = sums.run("rerun", run, *words)
        assert done.code != 0
        assert message in done.err
    done = sums.run("rerun", run, "--part", "a", "--dry-run")
    assert "sim / sums: 1 rows are asked again" in done.out
    scores = Path(run) / "results" / "sim" / "sums.scores.jsonl"
    scores.write_text(scores.read_text(encoding="utf-8").splitlines()[0] + "\n")
    done = sums.run("rerun", run, "--model", "sim")
    assert done.code != 0 and "sums.scores.jsonl: is cut" in done.err


def given(*wrong: int) -> str:
    rows = []
    for n in range(10):
        for model in ("org/big", "small"):
            text = "0" if n in wrong and model == "small" else str(2 * (100 + 2 * n))
            rows.append({"id": f"a/test-{2 * n}", "model": model, "text": f"It is {text}"})
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_answers_of_somebody_are_scored_and_compared(sums: Project) -> None:
    sums.write("answers.jsonl", given(1, 2))
    words = ("score", "sums.toml", "--answers", "answers.jsonl", "--ids", "a/*")
    done = sums.run(*words)
    assert done.code == 0, done.out + done.err
    values = [
        figures(sums.result("score-sums", model, "sums"))["accuracy"]["value"]
        for model in ("org-big", "small")
    ]
    assert values == [100, 80]
    run = str(sums.last_run("score-sums"))
    assert sums.run("report", run).code == 0
    assert sums.run("evaluate", run, "--set", "datasets.sums.metrics=['accuracy']").code == 0
    assert {row["url"] for row in sums.rows("score-sums", "small", "sums")} == {"local:small"}
    (sums.path / "answers.jsonl").unlink()  # the run holds what they said
    assert sums.run("evaluate", run).code == 0


def test_answers_that_are_missing_or_of_other_rows(sums: Project) -> None:
    sums.write("answers.jsonl", given())
    words = ("score", "sums.toml", "--answers", "answers.jsonl", "--model", "small")
    done = sums.run(*words)
    assert done.code == 1
    assert "small / sums: 10 of 20 rows have no answer, and count as failed: 'b/" in done.out
    result = sums.result("score-sums", "small", "sums")
    assert (result["counts"]["failed"], result["counts"]["right"]) == (10, 10)
    sums.write("answers.jsonl", given() + '{"id": "a/x", "model": "small", "text": ""}\n')
    done = sums.run(*words)
    assert (done.code, "answers.jsonl:21: 1 ids are of no row of sums: 'a/x'" in done.err) == (
        2, True,
    )  # fmt: skip
    done = sums.run(*words, "--allow-unknown", "--range", ":10")
    assert "1 answers to unknown rows are left out" in done.out
    sums.write("answers.jsonl", '{"prompt": "What?", "text": "4"}\n')
    done = sums.run("score", "sums.toml", "--answers", "answers.jsonl")
    assert "1 prompts are none that answers / sums asks" in done.err


def test_answers_by_short_ids_places_and_questions(sums: Project) -> None:
    """What other tools know of a row: its number in the file, its place, its question."""
    rows = lines()
    given = [
        *({"id": str(n), "text": one["answer"]} for n, one in enumerate(rows[:5])),
        *({"place": n, "text": rows[n]["answer"]} for n in range(5, 10)),
        *({"prompt": one["question"], "text": one["answer"]} for one in rows[10:]),
    ]
    for one in given:
        one.setdefault("place", None)
    sums.write("answers.jsonl", "".join(json.dumps(one) + "\n" for one in given))
    done = sums.run("score", "sums.toml", "--answers", "answers.jsonl", "--field", "row=place")
    assert done.code == 0, done.out + done.err
    assert sums.result("score-sums", "answers", "sums")["counts"]["right"] == ROWS


def test_short_ids_with_slashes_and_questions_that_stand_twice_in_a_row(sums: Project) -> None:
    """HumanEval's own ids are such as HumanEval/0; other sets have a question in two fields."""
    rows = [
        {**one, "id": f"Sums/{n}", "problem": one["question"]} for n, one in enumerate(lines())
    ]
    sums.write("rows.jsonl", "".join(json.dumps(one) + "\n" for one in rows))
    sums.write("sums.toml", SET.replace("columns = {", 'columns = { id = "id",'))
    given = [{"id": one["id"], "text": one["answer"]} for one in rows[:9]]
    given += [{"prompt": one["problem"], "text": one["answer"]} for one in rows[9:]]
    sums.write("answers.jsonl", "".join(json.dumps(one) + "\n" for one in given))
    done = sums.run("score", "sums.toml", "--answers", "answers.jsonl")
    assert done.code == 0, done.out + done.err
    assert sums.result("score-sums", "answers", "sums")["counts"]["right"] == ROWS


def test_from_python(sums: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sums.path)
    sums.write("answers.jsonl", given(1, 2).replace("a/test-", ""))  # known by short ids
    said: list[str] = []
    result = aisbench.score(
        "sums.toml",
        "answers.jsonl",
        settings={"ids": ["a/*"]},
        model="small",
        on_message=said.append,
    )
    assert (result.figure("accuracy").value, result.ok) == (80, True)
    sums.write("answers.jsonl", given(2).replace("a/test-", ""))
    again = aisbench.rerun(result, outcomes=["wrong"], on_message=said.append)
    assert again.figure("accuracy").value == 50
    assert "small / sums: 2 answers again: 1 became right; mean score 0.000 -> 0.500" in said
    assert aisbench.load_run(again.path).scores[0].of == ROWS
