"""Runs that are killed, stopped or failed, and what --resume makes of them."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time

import pytest
from live import Project, Simulator, figures, simulator, wait_until

SUITE = """
[suite]
name = "r"
seed = 3
[models.sim]
backend = "vllm-chat"
url = "{url}"
concurrency = 8
retry = {{ attempts = 2, backoff = 0.01 }}
[datasets.demo]
dataset = "gsm8k-demo"
repeats = 4
metrics = ["accuracy", "pass@2", "cons@4"]
"""
ASKED = 28 * 4


def read_journal(project: Project) -> list[dict[str, object]]:
    """Whole rows of the journal; a torn last one is what a kill may leave."""
    runs = list((project.path / "outputs" / "r").glob("*/predictions/sim/demo.jsonl"))
    if not runs:
        return []
    lines = runs[-1].read_bytes().split(b"\n")[:-1]
    return [json.loads(line) for line in lines]


def interrupted(project: Project, server: Simulator, source: random.Random, kills: int) -> None:
    """Kill a run ``kills`` times at random instants, then let it end; compare with a calm one."""
    project.write("s.toml", SUITE.format(url=server.url))
    words = ["run", "s.toml"]
    finished: set[object] = set()
    for _ in range(kills):
        process = project.start(*words)
        # Somewhere between the start of Python and the end of the run.
        time.sleep(source.uniform(0.15, 1.3))
        process.kill()
        process.communicate()
        if list((project.path / "outputs").glob("r/*/suite.toml")):
            words = ["run", "s.toml", "--resume"]
        rows = read_journal(project)
        keys = [row["key"] for row in rows]
        assert len(set(keys)) == len(keys), "a finished sample was asked twice"
        assert finished <= set(keys), "a finished sample was lost"
        finished = set(keys)
    done = project.run(*words)
    assert done.code == 0, done.out + done.err
    rows = read_journal(project)
    assert len({row["key"] for row in rows}) == len(rows) == ASKED
    killed = project.result("r", "sim", "demo")
    calm = Project(project.path / "calm")
    (calm.path / "home").mkdir(parents=True)
    calm.write("s.toml", SUITE.format(url=server.url))
    assert calm.run("run", "s.toml").code == 0
    undisturbed = calm.result("r", "sim", "demo")
    assert killed["figures"] == undisturbed["figures"]
    assert killed["counts"] == undisturbed["counts"]


FLAGS = ("--answers", "gsm8k-demo", "--accuracy", "0.6", "--vary", "--ttft-ms", "30")


def test_killed_a_few_times(project: Project) -> None:
    with simulator(*FLAGS) as server:
        interrupted(project, server, random.Random(1), kills=4)


@pytest.mark.slow
def test_killed_fifty_times(project: Project) -> None:
    with simulator(*FLAGS, "--tpot-ms", "1") as server:
        interrupted(project, server, random.Random(2), kills=50)


def test_failed_requests_are_sent_again(project: Project) -> None:
    with simulator("--answers", "gsm8k-demo", "--fail", "500:0.3:sticky") as server:
        project.write("s.toml", SUITE.format(url=server.url))
        first = project.run("run", "s.toml")
        assert first.code == 1, first.out + first.err
        assert "suite.max_failed" in first.out
        broken = project.result("r", "sim", "demo")
        failed = broken["counts"]["failed"]
        assert 0 < failed < ASKED
        figure = figures(broken)["accuracy"]
        assert figure["bound_low"] == pytest.approx(figure["value"])
        assert figure["bound_high"] == pytest.approx(100.0)
        assert sum(broken["faults"].values()) == failed
        before = server.stats()
        server.configure(fail=[])
        second = project.run("run", "s.toml", "--resume")
        assert second.code == 0, second.out + second.err
        after = server.stats()
    assert f"{failed} failed requests sent again" in second.out
    repaired = project.result("r", "sim", "demo")
    assert repaired["counts"] == {
        "asked": ASKED, "right": ASKED, "wrong": 0, "unparsed": 0, "truncated": 0,
        "unfinished": 0, "filtered": 0, "refused": 0, "failed": 0, "graded": 0, "unjudged": 0,
    }  # fmt: skip
    chat = "/v1/chat/completions"
    sent = [sum(stats["requests"][chat].values()) for stats in (before, after)]
    assert sent[1] - sent[0] == failed


def test_ctrl_c_finishes_what_is_in_flight(project: Project) -> None:
    with simulator("--answers", "gsm8k-demo", "--ttft-ms", "150") as server:
        project.write("s.toml", SUITE.format(url=server.url))
        process = project.start("run", "s.toml")
        wait_until(lambda: len(read_journal(project)) >= 8)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
        assert process.returncode == 3, out
        assert "--resume" in out
        rows = read_journal(project)
        assert all("fault" not in row["response"] for row in rows)  # type: ignore[operator]
        # What the server began to answer was waited for.
        assert server.stats()["in_flight"] == 0
        done = project.run("run", "s.toml", "--resume")
        assert done.code == 0, done.out + done.err
        assert f"{len(rows)} answers of earlier sessions used again" in done.out
    assert project.result("r", "sim", "demo")["counts"]["right"] == ASKED


@pytest.mark.alone
def test_ctrl_c_twice_stops_at_once(project: Project) -> None:
    with simulator("--answers", "gsm8k-demo", "--ttft-ms", "20000") as server:
        project.write("s.toml", SUITE.format(url=server.url))
        process = project.start("run", "s.toml")
        wait_until(lambda: server.stats()["in_flight"] == 8)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=10)
        assert time.monotonic() - begun < 5
        assert process.returncode == 3, out
        assert "--resume" in out
        assert "Traceback" not in out


def test_a_changed_suite_is_said_and_mixes_nothing(project: Project) -> None:
    with simulator("--answers", "gsm8k-demo", "--accuracy", "0.5") as server:
        project.write("s.toml", SUITE.format(url=server.url))
        assert project.run("run", "s.toml", "--limit", "10").code == 0
        more = project.run("run", "s.toml", "--resume", "--limit", "12")
        assert "datasets.demo.limit: 10 -> 12" in more.out
        assert "40 answers of earlier sessions used again" in more.out
        hot = project.run(
            "run", "s.toml", "--resume", "--limit", "12",
            "--set", "datasets.demo.generation.temperature=0.9",
        )  # fmt: skip
        assert hot.code == 0, hot.out + hot.err
        assert "datasets.demo.generation" in hot.out
        assert "48 stored answers belong to requests that the suite no longer makes" in hot.out
        assert len(read_journal(project)) == 48
        back = project.run("run", "s.toml", "--resume", "--limit", "12")
        assert "48 answers of earlier sessions used again" in back.out
        assert len(read_journal(project)) == 48


def test_changed_data_is_said(project: Project) -> None:
    rows = [{"question": f"What is {n} + 1?", "answer": f"Add.\n#### {n + 1}"} for n in range(6)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    project.write("data/test.jsonl", text)
    project.write("data/train.jsonl", text.replace("+ 1?", "+ 1 now?"))
    suite = SUITE.replace('"gsm8k-demo"', '"gsm8k"\npath = "data"').replace(
        "repeats = 4", "repeats = 4"
    )
    answers = str(project.path / "data" / "test.jsonl")
    with simulator("--answers", answers) as server:
        project.write("s.toml", suite.format(url=server.url))
        assert project.run("run", "s.toml").code == 0
        project.write("data/test.jsonl", text.replace("What is 5 + 1?", "How much is 5 + 1?"))
        done = project.run("run", "s.toml", "--resume")
    assert "data of demo: test.jsonl has other content" in done.out
    assert "20 answers of earlier sessions used again" in done.out
    assert "4 stored answers belong to requests" in done.out


def test_two_processes_do_not_share_a_run(project: Project) -> None:
    # The first one cannot end before the second has begun, however slow the machine is.
    with simulator("--answers", "gsm8k-demo", "--ttft-ms", "600000") as server:
        project.write("s.toml", SUITE.format(url=server.url))
        process = project.start("run", "s.toml")
        wait_until(lambda: server.stats()["in_flight"] == 8, 60)
        run = str(project.last_run("r"))
        for words in (["run", "s.toml", "--resume"], ["evaluate", run], ["report", run]):
            second = project.run(*words)
            assert second.code == 2, words
            assert "another aisbench process is working there" in second.err
        process.kill()
        process.communicate(timeout=20)


def test_nothing_to_resume(project: Project) -> None:
    project.write("s.toml", SUITE.format(url="http://127.0.0.1:9"))
    done = project.run("run", "s.toml", "--resume")
    assert done.code == 2
    assert "there is no run to resume" in done.err


def test_a_full_disk_ends_in_a_clear_error(project: Project) -> None:
    """The limit on file size makes a write fail as a full disk does."""
    with simulator("--answers", "gsm8k-demo") as server:
        project.write("s.toml", SUITE.format(url=server.url))
        code = (
            "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (40000, 40000));"
            "from aisbench.cli import main; sys.exit(main(['run', 's.toml']))"
        )
        command = project.command("run")
        done = subprocess.run(
            [command[0], "-c", code], cwd=project.path, capture_output=True, text=True, timeout=60,
            # No byte code: what is cut short there would break every later import.
            env={**os.environ, "HOME": str(project.path / "home"), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        assert done.returncode == 3, done.stdout + done.stderr
        assert "demo.jsonl: cannot be written: File too large" in done.stderr
        assert "--resume" in done.stderr
        assert "Traceback" not in done.stderr
        kept = len(read_journal(project))
        assert 10 < kept < ASKED
        whole = project.run("run", "s.toml", "--resume")
        assert whole.code == 0, whole.out + whole.err
        assert f"{kept} answers of earlier sessions used again" in whole.out
    assert project.result("r", "sim", "demo")["counts"]["right"] == ASKED


def test_a_lost_server_stops_the_run_and_the_run_goes_on_elsewhere(project: Project) -> None:
    words = ("--set", "suite.abort_after=5", "--set", "models.sim.retry.attempts=1")
    with simulator("--answers", "gsm8k-demo", "--ttft-ms", "60") as server:
        project.write("s.toml", SUITE.format(url=server.url))
        process = project.start("run", "s.toml", *words)
        wait_until(lambda: len(read_journal(project)) >= 16)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 3, out
    assert "stopped after 5 requests in a row failed in the same way" in out
    run = project.last_run("r")
    assert f"--resume {run.relative_to(project.path)}" in out
    answered = sum("fault" not in row["response"] for row in read_journal(project))  # type: ignore[operator]
    assert 16 <= answered < ASKED
    with simulator("--answers", "gsm8k-demo") as other:
        # No suite file is needed: the run knows its own.
        done = project.run("run", "--resume", str(run), "--url", other.url)
    assert done.code == 0, done.out + done.err
    assert f"models.sim.url: '{server.url}' -> '{other.url}'" in done.out
    assert f"{answered} answers of earlier sessions used again" in done.out
    assert project.result("r", "sim", "demo")["counts"]["right"] == ASKED


def test_an_unfinished_run_can_be_looked_at(project: Project) -> None:
    with simulator("--answers", "gsm8k-demo", "--ttft-ms", "100") as server:
        project.write("s.toml", SUITE.format(url=server.url))
        process = project.start("run", "s.toml")
        wait_until(lambda: len(read_journal(project)) >= 96)
        process.kill()
        process.communicate()
    done = project.run("evaluate", str(project.last_run("r")))
    assert done.code == 0, done.out + done.err
    assert "INCOMPLETE" in done.out
    document = project.result("r", "sim", "demo")
    assert document["complete"] is False
    assert 0 < document["samples"] < 28


@pytest.mark.alone
def test_ctrl_c_does_not_wait_for_retries(project: Project) -> None:
    flags = ("--answers", "gsm8k-demo", "--fail", "503:0.5", "--retry-after-s", "30")
    with simulator(*flags) as server:
        project.write("s.toml", SUITE.format(url=server.url))
        process = project.start("run", "s.toml", "--set", "models.sim.retry.attempts=5")

        def refused() -> int:
            counts = server.stats()["requests"].get("/v1/chat/completions", {})
            return int(counts.get("503", 0))

        wait_until(lambda: refused() >= 8)
        time.sleep(0.2)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
        assert time.monotonic() - begun < 5
        assert process.returncode == 3, out
        # What waited is neither answered nor failed: a resume asks it.
        assert all("fault" not in row["response"] for row in read_journal(project))  # type: ignore[operator]
        server.configure(fail=[])
        done = project.run("run", "s.toml", "--resume")
        assert done.code == 0, done.out + done.err
    assert project.result("r", "sim", "demo")["counts"]["right"] == ASKED


@pytest.mark.alone
def test_ctrl_c_while_a_server_starts(project: Project) -> None:
    suite = SUITE.replace('url = "{url}"', 'server = "slow"').format()
    project.write(
        "s.toml",
        suite
        + """
[servers.slow]
command = ["{python}", "-c", "import time; print('loading', flush=True); time.sleep(60)"]
""",
    )
    process = project.start("run", "s.toml")
    logs = "outputs/r/*/servers/slow.log"
    wait_until(lambda: any("loading" in log.read_text() for log in project.path.glob(logs)))
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert time.monotonic() - begun < 5
    assert process.returncode == 3, out
    assert "Traceback" not in out


def test_more_connections_than_the_system_allows(project: Project) -> None:
    project.write("s.toml", SUITE.format(url="http://127.0.0.1:9"))
    done = project.run("run", "s.toml", "--concurrency", "100000000")
    assert done.code == 2
    assert "100000000 requests in flight need" in done.err
    assert "models.*.concurrency" in done.err


def test_an_evaluator_that_breaks_costs_no_answer(project: Project) -> None:
    rows = [{"question": f"What is {n} + 1?", "answer": f"Add.\n#### {n + 1}"} for n in range(6)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    project.write("data/test.jsonl", text)
    suite = SUITE.replace('"gsm8k-demo"', '"gsm8k"\npath = "data"\nevaluator = "broken"')
    info = project.path / "site" / "broken_judge-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-judge\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[aisbench]\nbroken = broken_judge\n")
    project.write("site/broken_judge.py", BROKEN_JUDGE)
    with simulator("--answers", str(project.path / "data" / "test.jsonl")) as server:
        project.write("s.toml", suite.format(url=server.url))
        done = project.run("run", "s.toml", PYTHONPATH=str(project.path / "site"))
    assert done.code == 2
    assert "the evaluator fails" in done.err
    assert "evaluator 'broken' of broken-judge 1.0 fails at sample test-0" in done.err
    assert "RuntimeError: no idea" in done.err
    assert "aisbench evaluate" in done.err
    assert len(read_journal(project)) == 24
    mended = project.run(
        "evaluate", str(project.last_run("r")), "--set", 'datasets.demo.evaluator="numeric"'
    )
    assert mended.code == 0, mended.out + mended.err
    assert project.result("r", "sim", "demo")["counts"]["right"] == 24


BROKEN_JUDGE = """
from aisbench.api import EvaluatorOffer, hookimpl

AISBENCH_API = 1


@hookimpl
def aisbench_evaluators():
    return [EvaluatorOffer(name="broken", summary="Breaks.", target="broken_judge:Broken")]


class Broken:
    def score(self, sample, transcript):
        raise RuntimeError("no idea")
"""
