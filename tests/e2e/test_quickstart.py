"""What a new user does first."""

from __future__ import annotations

import shutil

from live import ROOT, Project, figures

from aisbench.api import open_dataset


def test_the_example_ends_in_a_table(project: Project) -> None:
    shutil.copy(ROOT / "examples" / "quickstart.toml", project.path)
    done = project.run("run", "quickstart.toml")
    assert done.code == 0, done.err
    samples = len(open_dataset("gsm8k-demo").samples())
    assert f"{3 * samples}/{3 * samples}" in done.out
    for word in ("accuracy", "pass@3", "cons@3", "simulated", "gsm8k-demo"):
        assert word in done.out
    document = project.result("quickstart", "simulated", "gsm8k-demo")
    assert document["counts"]["asked"] == 3 * samples
    assert set(figures(document)) >= {"accuracy", "pass@1", "pass@3", "cons@3"}
    names = {path.name for path in (project.last_run("quickstart") / "summary").iterdir()}
    assert names == {
        "summary.txt", "summary.csv", "summary.md", "summary.json", "report.html",
    }  # fmt: skip
    page = project.last_run("quickstart").relative_to(project.path) / "summary" / "report.html"
    assert done.out.splitlines()[-1] == f"report: {page}"
    assert "Traceback" not in done.err


def test_a_run_without_a_file(project: Project) -> None:
    from live import simulator

    with simulator("--answers", "gsm8k-demo") as server:
        done = project.run(
            "run", "--backend", "vllm-chat", "--url", server.url, "--dataset", "gsm8k-demo",
            "--limit", "5", "--set", "models.model.generation.max_tokens=300",
        )  # fmt: skip
    assert done.code == 0, done.err
    assert "5/5" in done.out
    row = project.rows("command-line", "model", "gsm8k-demo")[0]
    assert row["response"]["model"] == "simulator"


def test_evaluate_and_report_need_no_server(project: Project) -> None:
    shutil.copy(ROOT / "examples" / "quickstart.toml", project.path)
    assert project.run("run", "quickstart.toml", "--limit", "6").code == 0
    run = project.last_run("quickstart")
    before = project.result("quickstart", "simulated", "gsm8k-demo")
    done = project.run(
        "evaluate", str(run), "--set", "datasets.gsm8k-demo.evaluation.rule=aisbench",
        "--set", 'datasets.gsm8k-demo.metrics=["avg@3", "worst@2"]',
    )  # fmt: skip
    assert done.code == 0, done.err
    after = project.result("quickstart", "simulated", "gsm8k-demo")
    assert after["evaluator"]["settings"]["rule"] == "aisbench"
    assert list(figures(after)) == ["avg@3", "worst@2"]
    earlier = run / "earlier" / "001" / "simulated" / "gsm8k-demo.json"
    assert earlier.is_file()
    assert before["figures"] != after["figures"]
    shown = project.run("report", str(run))
    assert shown.code == 0, shown.err
    assert "worst@2" in shown.out


def test_dry_run_sends_nothing_and_shows_all(project: Project) -> None:
    project.write(
        "s.toml",
        """
        [suite]
        name = "dry"
        [models.m]
        backend = "vllm-chat"
        url = "http://127.0.0.1:9"
        api_key = "env:SOME_KEY"
        generation = { temperature = 0.5 }
        [datasets.d]
        dataset = "gsm8k-demo"
        repeats = 2
        """,
    )
    done = project.run("run", "s.toml", "--dry-run", "--limit", "3", SOME_KEY="hush-hush-hush")
    assert done.code == 0, done.err
    assert "3 samples x 2 repeats = 6 conversations" in done.out
    assert '"temperature": 0.5' in done.out
    assert "datasets.d.limit = 3  (--limit)" in done.out
    assert "models.m.concurrency = 32  (default)" in done.out
    assert "models.m.url = 'http://127.0.0.1:9'  (s.toml:6)" in done.out
    assert "hush" not in done.out
    assert not (project.path / "outputs").exists()
