"""Odd answers are in every report, beside their outcomes."""

from __future__ import annotations

import csv
import json

from live import Project, simulator

ROWS = (
    ("Spell it backwards: abc", "cba", "cba"),
    ("Which letter comes after b?", "c", "The letter is c. " * 60),
    ("Which letter comes after c?", "d", "因此是 d"),
)


def test_a_run_with_odd_answers(project: Project) -> None:
    rows = [{"question": question, "answer": answer} for question, answer, _ in ROWS]
    project.write("rows.jsonl", "".join(json.dumps(one) + "\n" for one in rows))
    said = [{"question": question, "answer": text} for question, _, text in ROWS]
    answers = project.write("said.jsonl", "".join(json.dumps(one) + "\n" for one in said))
    asked = (
        "--dataset", "custom", "--set", "datasets.custom.path='rows.jsonl'",
        "--set", "datasets.custom.evaluator='exact'",
    )  # fmt: skip
    with simulator("--answers", str(answers), "--accuracy", "1", "--seed", "1") as server:
        where = ("--backend", "vllm-chat", "--url", server.url)
        done = project.run("run", *where, *asked)
        found = project.last_run("command-line")
        again = project.run("rerun", str(found), "--odd", "rep*")
        none = project.run("rerun", str(found), "--odd", "nan")
        every = project.run("rerun", str(found), "--odd", "*", "--dry-run")
        unseen = project.run("run", *where, *asked, "--set", "suite.anomalies=false")
        nobody = project.run("rerun", str(project.last_run("command-line")), "--odd", "*")
    assert (done.code, unseen.code) == (0, 0), done.err + unseen.err
    assert "2 odd" in done.out and "2 of 3 answers are odd" in done.out, done.out
    assert "odd" not in unseen.out
    assert "model / custom: 1 rows are asked again" in again.out, again.out + again.err
    assert "right -> right: 1" in again.out
    assert "2 rows are asked again" in every.out
    assert "nobody looked: aisbench evaluate" in nobody.err
    assert "odd ones are: foreign script, repetition" in none.err
    document = json.loads((found / "results" / "model" / "custom.json").read_text())
    assert document["odd"] == 2
    assert document["anomalies"] == {"repetition": 1, "foreign script": 1}
    with (found / "summary" / "summary.csv").open(encoding="utf-8") as file:
        counts = {one["metric"]: one["value"] for one in csv.DictReader(file)}
    assert (counts["count:odd"], counts["anomaly:repetition"]) == ("2", "1")
    scores = (found / "results" / "model" / "custom.scores.jsonl").read_text(encoding="utf-8")
    kinds = [
        [odd["kind"] for odd in json.loads(line).get("anomalies", [])]
        for line in scores.splitlines()
    ]
    assert kinds == [[], ["repetition"], ["foreign script"]]
