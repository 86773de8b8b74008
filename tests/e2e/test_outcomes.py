"""What becomes of answers that are none, of reasoning, and of rows that nobody can judge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from knowing_server import knowing_server
from live import Project, Result, figures


def run(
    project: Project,
    answers: Mapping[str, str | Mapping[str, Any]],
    *,
    rows: list[dict[str, Any]] | None = None,
    model: str = "",
    data: str = 'evaluator = "exact"',
    **environment: str,
) -> Result:
    """A run over ``rows``, else over a question for each of ``answers`` that "4" is right for."""
    rows = rows or [{"id": key, "question": key, "answer": "4"} for key in answers]
    project.write("q.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    with knowing_server(answers) as url:
        project.write(
            "s.toml",
            f"""
            [suite]
            name = "o"
            max_failed = 1.0
            [models.m]
            backend = "openai-chat"
            url = "{url}"
            stream = false
            retry = {{ attempts = 1 }}
            {model}
            [datasets.d]
            dataset = "custom"
            path = "q.jsonl"
            {data}
            """,
        )
        return project.run("run", "s.toml", **environment)


def scores(project: Project) -> dict[str, dict[str, Any]]:
    """The score of each sample."""
    file = project.last_run("o") / "results" / "m" / "d.scores.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return {row["sample"]: row["score"] for row in rows}


BLOCKED = {"error": {"code": "content_filter", "message": "Blocked by label Demo."}}


def test_answers_that_were_withheld(project: Project) -> None:
    said: dict[str, str | dict[str, Any]] = {
        "right": "4",
        "half": {"message": {"content": "4"}, "finish_reason": "content_filter"},
        "empty": {"message": {"content": ""}, "finish_reason": "content_filter"},
        "refusal": {"message": {"refusal": "4 is nothing that I tell."}},
        "status": {
            "message": {"content": ""}, "status": 400, "content_filter_results": BLOCKED,
        },
    }  # fmt: skip
    done = run(project, said)
    assert done.code == 0, done.out + done.err
    found = scores(project)
    assert {name: score["verdict"] for name, score in found.items()} == {
        "right": "right", "half": "filtered", "empty": "filtered", "refusal": "refused",
        "status": "failed",
    }  # fmt: skip
    assert found["refusal"]["reason"] == "the model declined: 4 is nothing that I tell."
    assert found["status"]["reason"] == "Blocked by label Demo."
    document = project.result("o", "m", "d")
    assert (document["counts"]["filtered"], document["counts"]["refused"]) == (2, 1)
    # They stay in the denominator, and leave nothing open as a failed one does.
    accuracy = figures(document)["accuracy"]
    assert (accuracy["value"], accuracy["n"]) == (20, 5)
    assert (accuracy["bound_low"], accuracy["bound_high"]) == (20, 40)
    assert "2 filtered, 1 refused" in done.out
    summary = project.last_run("o") / "summary"
    assert "| filtered | refused | unjudged |" in (summary / "summary.md").read_text()
    assert "count:filtered,,2" in (summary / "summary.csv").read_text()
    assert '"refused": 1' in (summary / "summary.json").read_text()


REASONED = {
    "magistral": "[THINK]Perhaps 7.[/THINK]4",
    "harmony": "<|channel|>analysis<|message|>7?<|end|><|start|>assistant<|channel|>final"
    "<|message|>4",
    "gemma": "<|channel>thought\nPerhaps 7.<channel|>4",
    "think": "<think>Perhaps 7.</think>4",
    "late": "4<think>Or is it 6?",
}


def test_reasoning_of_all_families(project: Project) -> None:
    done = run(project, REASONED)
    verdicts = {name: score["verdict"] for name, score in scores(project).items()}
    assert verdicts == {**dict.fromkeys(REASONED, "right"), "late": "unfinished"}
    assert "WARNING" not in done.out


def test_reasoning_that_stays_in_answers_is_told(project: Project) -> None:
    done = run(project, REASONED, model='reasoning = { start = "<think>", end = "</think>" }')
    verdicts = {name: score["verdict"] for name, score in scores(project).items()}
    assert verdicts["think"] == "right"
    told = "WARNING: m / d: 1 answer holds [THINK], which marks reasoning"
    assert told in done.out
    assert "models.m.reasoning" in done.out
    for name in ("summary.md", "summary.json", "summary.txt"):
        text = (project.last_run("o") / "summary" / name).read_text(encoding="utf-8")
        assert "which marks reasoning" in text
    # It is there in later reports, too, and gone with the cause.
    assert told in project.run("report", str(project.last_run("o"))).out
    again = project.run("evaluate", str(project.last_run("o")), "--set", "models.m.reasoning={}")
    assert again.code == 0, again.out + again.err
    assert "which marks reasoning" not in again.out
    assert scores(project)["magistral"]["verdict"] == "right"


def test_half_a_pair_of_marks(project: Project) -> None:
    done = run(project, REASONED, model='reasoning = { start = "<think>" }')
    assert done.code == 2
    assert "models.m.reasoning.end is missing" in done.err.replace(": is", " is")


def test_parts_of_an_answer(project: Project) -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "7?"}]},
        {"type": "text", "text": "4"},
        {"type": "chart", "text": "7"},
    ]
    done = run(project, {"parts": {"message": {"content": parts}}})
    assert scores(project)["parts"]["verdict"] == "right"
    assert "1 answer holds a part of type 'chart', which is neither text nor reasoning" in done.out


ROWS = [
    {"id": "a", "question": "a", "answer": "4"},
    {"id": "b", "question": "b"},
    {"id": "c", "question": "c", "answer": "4"},
]
SAID = {"a": "4", "b": "4", "c": "5"}


def test_one_row_without_a_reference(project: Project) -> None:
    done = run(project, SAID, rows=ROWS)
    assert done.code == 0, done.out + done.err
    assert "m / d: 1 of 3 rows have no reference" in done.err
    assert "q.jsonl:2" in done.err
    document = project.result("o", "m", "d")
    accuracy = figures(document)["accuracy"]
    assert (accuracy["value"], accuracy["n"]) == (50, 2)
    assert document["counts"]["unjudged"] == 1
    assert "unjudged: 1" in done.out


def test_a_row_without_a_reference_is_never_a_wrong_one(project: Project) -> None:
    """Not even where its answer holds nothing, and the evaluator reads such answers."""
    rows = [{**row, "A": "one", "B": "four"} for row in ROWS]
    for row in rows:
        row.update({"answer": "B"} if "answer" in row else {})
    run(project, {"a": "B", "b": "", "c": "A"}, rows=rows, data="")
    document = project.result("o", "m", "d")
    assert document["counts"]["unparsed"] == 1
    accuracy = figures(document)["accuracy"]
    assert (accuracy["value"], accuracy["n"]) == (50, 2)


def test_no_row_with_a_reference(project: Project) -> None:
    done = run(project, SAID, rows=[{"question": "a"}, {"question": "b"}])
    assert done.code == 2
    assert "no row has a reference, which the evaluator 'exact' compares answers with" in done.err
    assert not (project.path / "outputs").exists()


def test_references_that_cannot_be_read(project: Project) -> None:
    odd = [
        {"id": f"z{number}", "question": "a", "answer": answer}
        for number, answer in enumerate(([], " ", [None], {"text": "4"}))
    ]
    done = run(project, SAID, rows=[*ROWS, *odd])
    assert done.code == 2
    for number in range(4):
        assert f"q.jsonl:{4 + number} (sample z{number}): " in done.err
    assert not (project.path / "outputs").exists()


ODD = """
from aisbench.api import DataError, EvaluatorOffer, Score, Verdict, hookimpl

AISBENCH_API = 1


@hookimpl
def aisbench_evaluators():
    return [EvaluatorOffer(name="odd", summary="Odd.", target="odd_judge:Odd")]


class Odd:
    def score(self, sample, transcript):
        if sample.target != "4":
            raise DataError("only 4 is known", hint="write 4")
        return Score(value=VALUE, verdict=Verdict.RIGHT)
"""


def odd(project: Project, value: float, *targets: str, beside: str = "") -> Result:
    """A run with an evaluator that another distribution has."""
    project.write("site/odd_judge.py", ODD.replace("VALUE", str(value)))
    info = "site/aisbench_plugin_odd-3.1.dist-info"
    project.write(
        f"{info}/METADATA", "Metadata-Version: 2.1\nName: aisbench-plugin-odd\nVersion: 3.1\n"
    )
    project.write(f"{info}/entry_points.txt", "[aisbench]\nodd = odd_judge\n")
    rows = [{"id": f"r{n}", "question": "a", "answer": one} for n, one in enumerate(targets)]
    site = str(project.path / "site")
    data = f'evaluator = "odd"\n{beside}'
    return run(project, SAID, rows=rows, data=data, PYTHONPATH=site)


def test_a_score_that_cannot_be(project: Project) -> None:
    done = odd(project, 290.71, "4")
    assert done.code == 2
    assert (
        "evaluator 'odd' of aisbench-plugin-odd 3.1 gives sample r0 a score that cannot be: its "
        "value is 290.71, outside 0..1"
    ) in done.err


def test_an_evaluator_that_knows_too_late(project: Project) -> None:
    """Rows that it cannot judge leave the figure to the others."""
    done = odd(project, 1.0, "4", "5", "4")
    assert done.code == 0, done.out + done.err
    told = "WARNING: m / d: 1 unjudged in spite of a reference: only 4 is known (write 4)"
    assert told in done.out
    assert figures(project.result("o", "m", "d"))["accuracy"]["n"] == 2
    none = odd(project, 1.0, "5", "6")
    assert none.code == 2
    assert "the evaluator 'odd' can score no answer: only 4 is known (write 4)" in none.err


def test_an_evaluator_that_knows_nothing_leaves_the_others_their_figures(project: Project) -> None:
    other = '[datasets.e]\ndataset = "custom"\npath = "q.jsonl"\nevaluator = "exact"\n'
    done = odd(project, 1.0, "5", "6", beside=f"{other}columns.id = 'id'\n")
    assert done.code == 0, done.out + done.err  # all may fail here
    assert "WARNING: m / d: 2 unjudged in spite of a reference: only 4 is known" in done.out
    assert "accuracy" in figures(project.result("o", "m", "e"))
    assert not figures(project.result("o", "m", "d"))
