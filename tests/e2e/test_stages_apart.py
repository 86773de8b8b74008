"""Answers, judgements and scores of one run by different processes, on different machines."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from live import Project, Simulator, figures, simulator

import aisbench

QUESTIONS = [
    {"question": f"Question {number}?", "answer": f"reference {number}"} for number in range(12)
]
SUITE = """
[suite]
name = "apart"
[models.ours]
backend = "tgi-generate"
url = "{tested}"
[models.critic]
backend = "vllm-chat"
url = "{judge}"
role = "judge"
concurrency = 1
[datasets.d]
dataset = "custom"
path = "questions.jsonl"
evaluator = "judge-verdict"
evaluation = {{ judge = "critic", judgements = 2 }}
"""
WITHOUT_MODEL = ("--disable-plugin", "aisbench-plugin-tgi")
WITHOUT_ANY = (*WITHOUT_MODEL, "--disable-plugin", "aisbench-plugin-vllm")


def lines(rows: list[dict[str, str]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def verdicts(project: Project, name: str, word: str) -> str:
    """What a judge says of every question."""
    rows = [{"question": one["question"], "answer": f"[[{word}]]"} for one in QUESTIONS]
    return str(project.write(name, lines(rows)))


def asked(server: Simulator) -> int:
    return int(sum(server.stats()["requests"].get("/v1/chat/completions", {}).values()))


def answered_elsewhere(project: Project, tested: Simulator, judge: str) -> Path:
    """A run that stopped after the answers, copied to where neither the data nor the folder that
    it was made in is."""
    data = project.write("questions.jsonl", lines(QUESTIONS))
    project.write("s.toml", SUITE.format(tested=tested.url, judge=judge))
    done = project.run("run", "s.toml", "--stop-after", "answers")
    assert done.code == 0, done.out + done.err
    run = project.last_run("apart")
    assert f"next: aisbench judge {run.relative_to(project.path)}" in done.out
    assert not (run / "judgements").exists() and not (run / "results").exists()
    told = project.run("report", str(run))
    assert told.code == 2, told.out
    assert "not judged: aisbench judge" in told.err
    elsewhere = project.path / "elsewhere"
    shutil.move(run, elsewhere)
    data.unlink()
    return elsewhere


def test_each_stage_needs_only_what_it_asks(project: Project) -> None:
    right = verdicts(project, "right.jsonl", "RIGHT")
    with simulator("--answers", right) as judge:
        with simulator("--output-tokens", "8") as tested:
            run = answered_elsewhere(project, tested, judge.url)
        done = project.run("judge", str(run), "--stop-after", "judgements", *WITHOUT_MODEL)
        assert done.code == 0, done.out + done.err
        assert "next: aisbench evaluate" in done.out
        assert asked(judge) == 24
    assert not (run / "results").exists()
    done = project.run("evaluate", str(run), *WITHOUT_ANY)
    assert done.code == 0, done.out + done.err
    assert "INCOMPLETE" not in done.out
    document = json.loads((run / "results" / "ours" / "d.json").read_text())
    assert figures(document)["accuracy"]["value"] == 100
    assert project.run("report", str(run), *WITHOUT_ANY).code == 0
    # To ask, the backend itself is needed, and the message says which package has it.
    done = project.run("judge", str(run), *WITHOUT_ANY)
    assert done.code == 2
    assert "pip install aisbench-plugin-vllm" in done.err
    assert project.run("run", "--resume", str(run), *WITHOUT_MODEL).code == 2


def test_a_judge_is_replaced_without_asking_the_model_again(project: Project) -> None:
    right = verdicts(project, "right.jsonl", "RIGHT")
    wrong = verdicts(project, "wrong.jsonl", "WRONG")
    with (
        simulator("--answers", right) as kind,
        simulator("--answers", wrong, "--model", "b") as hard,
    ):
        with simulator("--output-tokens", "8") as tested:
            run = answered_elsewhere(project, tested, kind.url)
        assert project.run("judge", str(run), *WITHOUT_MODEL).code == 0
        # What the models were asked is not changed: the run would say what is not true.
        for key in ("models.ours.generation.temperature=1", "datasets.d.limit=3", "suite.seed=2"):
            for command in ("judge", "evaluate"):
                done = project.run(command, str(run), "--set", key, *WITHOUT_MODEL)
                assert done.code == 2 and "the models are not asked again" in done.err
        change = ("--set", f"models.critic.url={hard.url}")
        done = project.run("judge", str(run), *change, *WITHOUT_MODEL)
        assert done.code == 0, done.out + done.err
        assert "24 stored answers" in done.out and "judgements/*/stale/" in done.out
        document = json.loads((run / "results" / "ours" / "d.json").read_text())
        assert figures(document)["accuracy"]["value"] == 0
        stale = run / "judgements" / "ours" / "stale" / "d.jsonl"
        assert len(stale.read_text().splitlines()) == 24
        # The change is the run's own now, with all that the absent backend's table held.
        done = project.run("judge", str(run), *WITHOUT_MODEL)
        assert done.code == 0 and asked(hard) == 24
        before = asked(kind)
        done = project.run(
            "judge", str(run), "--set", f"models.critic.url={kind.url}", *WITHOUT_MODEL
        )
        assert done.code == 0, done.out + done.err
        assert asked(kind) == before, "judgements that were set aside are taken back"
    document = json.loads((run / "results" / "ours" / "d.json").read_text())
    assert figures(document)["accuracy"]["value"] == 100


def test_a_killed_judgement_goes_on_where_it_was(project: Project) -> None:
    right = verdicts(project, "right.jsonl", "RIGHT")
    with simulator("--answers", right, "--ttft-ms", "60") as judge:
        with simulator("--output-tokens", "8") as tested:
            run = answered_elsewhere(project, tested, judge.url)
        journal = run / "judgements" / "ours" / "d.jsonl"
        process = project.start("judge", str(run))
        while not journal.exists() or len(journal.read_bytes().splitlines()) < 5:
            assert process.poll() is None
        process.kill()
        process.communicate()
        stored = journal.read_bytes().count(b"\n")
        assert 5 <= stored < 24
        told = project.run("evaluate", str(run), *WITHOUT_ANY)
        assert f" answers are not judged yet: aisbench judge {run}" in told.out, told.err
        done = project.run("judge", str(run))
        assert done.code == 0, done.out + done.err
        assert f"{stored} answers of earlier sessions used again" in done.out
        assert asked(judge) <= 25  # the one that was in flight may have been asked twice
    document = json.loads((run / "results" / "ours" / "d.json").read_text())
    assert figures(document)["accuracy"]["value"] == 100


def test_the_stages_from_python(project: Project) -> None:
    right = verdicts(project, "right.jsonl", "RIGHT")
    project.write("questions.jsonl", lines(QUESTIONS))
    with simulator("--answers", right) as judge, simulator("--output-tokens", "8") as tested:
        suite = project.write("s.toml", SUITE.format(tested=tested.url, judge=judge.url))
        output = project.path / "runs"
        answered = aisbench.run(suite, output=output, stop_after="answers")
        assert (answered.scores, answered.complete, answered.ok) == ((), False, True)
        assert asked(judge) == 0
        judged = aisbench.judge(answered, stop_after="judgements")
        assert judged.scores == () and asked(judge) == 24
        done = aisbench.judge(judged)
    assert done.figure("accuracy").value == 100 and done.complete
    assert aisbench.load_run(done.path).complete
    with pytest.raises(aisbench.ConfigError, match="stop after: 'scores' is none of"):
        aisbench.run(suite, output=output, stop_after="scores")  # type: ignore[arg-type]


def test_what_cannot_be_done_apart_is_told(project: Project) -> None:
    with simulator("--answers", "gsm8k-demo") as server:
        words = ("--backend", "vllm-chat", "--url", server.url, "--dataset", "gsm8k-demo")
        done = project.run("run", *words, "--stop-after", "answers", "--limit", "3")
        assert done.code == 0, done.out + done.err
        run = project.last_run("command-line")
        assert f"next: aisbench evaluate {run.relative_to(project.path)}" in done.out
        done = project.run("judge", str(run))
        assert done.code == 2 and "no evaluator of this run asks a judge" in done.err
        assert project.run("evaluate", str(run)).code == 0
        done = project.run("run", *words, "--mode", "performance", "--stop-after", "answers")
        assert done.code == 2 and "a performance run has no stages apart" in done.err
        server.configure(fail="400:1")
        done = project.run("run", *words, "--stop-after", "answers", "--limit", "3")
        assert done.code == 1, done.out + done.err
        run = project.last_run("command-line").relative_to(project.path)
        assert f"aisbench run --resume {run} --stop-after answers" in done.out
        done = project.run("run", *words, "--dry-run", "--stop-after", "answers")
        assert done.code == 2 and "no effect with --dry-run" in done.err
