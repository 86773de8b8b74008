"""Benchmarks and plugins without a package, from the command line and from Python."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from live import Project, Simulator, simulator, wait_until

import aisbench

SET = """
summary = "Sums."
split = "test"
evaluator = "{evaluator}"
card = {{ task = "mathematics", licence = "none", source = "here" }}
files = {{ test = "rows.jsonl" }}
columns = {{ answer = "answer" }}
variants.chat = {{ template = "chat", source = "own", prompt = {{ user = "{{question}}" }} }}
"""
PLUGIN = """
import re
from aisbench.api import EvaluatorOffer, Score, Verdict, hookimpl
from e2e_files_helper import WORTH
AISBENCH_API = "1.1"
@hookimpl
def aisbench_evaluators():
    target = "e2e_files_plugin:LastDigit"
    # Scored in processes of its own: what it returns must find its way back.
    return [EvaluatorOffer(name="last-digit", summary="Half.", target=target, cost="compute")]
class OwnScore(Score):
    pass
class LastDigit:
    def score(self, sample, answer):
        found = re.findall(r"[0-9]+", answer.text.replace(".00", ""))
        if not found:
            return OwnScore(value=0.0, verdict=Verdict.UNPARSED)
        right = found[-1] == sample.target
        return OwnScore(
            value=WORTH if right else 0.0,
            verdict=Verdict.GRADED if right else Verdict.WRONG,
            extracted=found[-1],
        )
"""
SUITE = """
[suite]
name = "f"
plugins = ["./e2e_files_plugin.py"]
[models.sim]
backend = "vllm-chat"
url = "{url}"
[datasets.own]
dataset = "./sums.toml"
"""
ROWS = 40


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> str:
    lines = [
        json.dumps({"question": f"How much is {n} and {n}?", "answer": str(2 * n)})
        for n in range(100, 100 + ROWS)
    ]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def server(rows: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder = tmp_path_factory.mktemp("server")
    (folder / "rows.jsonl").write_text(rows)
    (folder / "known.toml").write_text(SET.format(evaluator="numeric"))
    with simulator("--answers", str(folder / "known.toml")) as one:
        yield one


def write(project: Project, rows: str, url: str, worth: str = "0.5") -> None:
    """The suite and its files, in a folder of their own."""
    project.write("bench/rows.jsonl", rows)
    project.write("bench/sums.toml", SET.format(evaluator="last-digit"))
    project.write("bench/e2e_files_plugin.py", PLUGIN)
    project.write("bench/e2e_files_helper.py", f"WORTH = {worth}\n")
    project.write("bench/suite.toml", SUITE.format(url=url))


def accuracy(project: Project) -> float:
    figures = project.result("f", "sim", "own")["figures"]
    return float(next(one["value"] for one in figures if one["name"] == "accuracy"))


def test_a_run_keeps_what_its_files_were(project: Project, server: Simulator, rows: str) -> None:
    write(project, rows, server.url)
    done = project.run("run", "bench/suite.toml")
    assert done.code == 0, done.out + done.err
    assert accuracy(project) == pytest.approx(50)
    run = project.last_run("f")
    kept = sorted(path.relative_to(run / "files").as_posix() for path in _files(run / "files"))
    assert kept == [
        "datasets/own/sums.toml",
        "plugins/e2e_files_plugin/e2e_files_helper.py",
        "plugins/e2e_files_plugin/e2e_files_plugin.py",
    ]
    recorded = json.loads((run / "environment.json").read_text())["files"]
    assert sorted(recorded) == ["datasets.own", "plugins.e2e_files_plugin"]
    assert "file" not in json.loads((run / "environment.json").read_text())["plugins"]

    # Changed since: a resumed run says so, and so does an evaluation.
    project.write("bench/e2e_files_helper.py", "WORTH = 0.25\n")
    again = project.run("evaluate", str(run))
    changed = "plugins.e2e_files_plugin: e2e_files_helper.py has other content"
    assert f"changed since the models were asked: {changed}" in again.out
    assert accuracy(project) == pytest.approx(25)
    resumed = project.run("run", "bench/suite.toml", "--resume")
    assert f"changed since the last session: {changed}" in resumed.out
    assert f"{ROWS} reused" in resumed.out
    assert (
        "WORTH = 0.25" in (run / "files/plugins/e2e_files_plugin/e2e_files_helper.py").read_text()
    )

    # On another machine: code is executed only when its reader names it.
    shutil.rmtree(project.path / "bench")
    refused = project.run("evaluate", str(run))
    copy = run / "files/plugins/e2e_files_plugin/e2e_files_plugin.py"
    assert refused.code == 2
    assert f"the run keeps a copy of it: read {copy}" in refused.err
    for command in ("evaluate", "report"):
        allowed = project.run(command, str(run), "--plugin", str(copy))
        assert allowed.code == 0, allowed.err
    assert accuracy(project) == pytest.approx(25)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_copies_of_a_strangers_run_execute_nothing(
    project: Project, server: Simulator, rows: str
) -> None:
    """A declaration without code is taken from the run; one that names functions is not."""
    project.write("bench/rows.jsonl", rows)
    project.write("bench/sums.toml", SET.format(evaluator="numeric"))
    flags = ("--backend", "vllm-chat", "--url", server.url, "--dataset", "bench/sums.toml")
    done = project.run("run", *flags, "--limit", "5")
    assert done.code == 0, done.err
    run = project.last_run("command-line")
    shutil.rmtree(project.path / "bench")
    assert project.run("evaluate", str(run)).code == 0

    copy = run / "files/datasets/sums/sums.toml"
    (run / "seals.json").unlink()
    copy.write_text(SET.format(evaluator="e2e_evil:score"))
    (copy.parent / "e2e_evil.py").write_text("raise SystemExit('EVIL RAN')\n")
    refused = project.run("evaluate", str(run))
    assert refused.code == 2
    assert "names functions of e2e_evil.py" in refused.err
    assert "EVIL RAN" not in refused.err


def test_a_secret_in_a_file_is_not_copied(project: Project, server: Simulator, rows: str) -> None:
    secret = "sk-0123456789abcdefghij"
    project.write("rows.jsonl", rows)
    project.write("sums.toml", SET.format(evaluator="numeric") + f"# {secret}\n")
    project.write(
        "s.toml",
        f"""
[models.sim]
backend = "vllm-chat"
url = "{server.url}"
api_key = "env:OWN_KEY"
[datasets.own]
dataset = "./sums.toml"
limit = 2
""",
    )
    done = project.run("run", "s.toml", OWN_KEY=secret)
    assert done.code == 0, done.err
    run = project.last_run("suite")
    assert "Sums." in (run / "files/datasets/own/sums.toml").read_text()
    assert [one for one in _files(run) if secret.encode() in one.read_bytes()] == []


def test_from_python(tmp_path: Path, server: Simulator, rows: str) -> None:
    folder = Project(tmp_path)
    write(folder, rows, server.url)
    bench = tmp_path / "bench"
    suite = {
        "suite": {"output": tmp_path / "outputs"},
        "models": {"sim": {"backend": "vllm-chat", "url": server.url}},
        "datasets": {"own": {"dataset": bench / "sums.toml", "limit": 8}},
    }
    result = aisbench.run(suite, plugins=[bench / "e2e_files_plugin.py"])
    assert result.figure("accuracy").value == pytest.approx(50)
    # The same process: what is there now is what counts.
    (bench / "e2e_files_helper.py").write_text("WORTH = 0.75\n")
    (bench / "e2e_files_plugin.py").write_text(PLUGIN + "\n")
    assert aisbench.evaluate(result).figure("accuracy").value == pytest.approx(75)


def test_every_mistake_is_told_with_its_key(project: Project, rows: str) -> None:
    write(project, rows, "http://127.0.0.1:1")
    project.write("bench/broken.py", "raise ValueError('on purpose')\n")
    suite = SUITE.format(url="http://127.0.0.1:1").replace(
        '["./e2e_files_plugin.py"]', '["./broken.py", "./absent.py"]'
    )
    project.write("bench/suite.toml", suite + '[datasets.two]\ndataset = "./absent.toml"\n')
    done = project.run("validate", "bench/suite.toml")
    assert done.code == 2
    for place in (
        "suite.plugins[0]: ", "broken.py:1: ValueError: on purpose", "suite.plugins[1]: ",
        "datasets.two.dataset: ", "absent.toml: there is no such file",
    ):  # fmt: skip
        assert place in done.err
    twice = project.run(
        "validate", "--backend", "vllm-chat", "--url", "http://127.0.0.1:1",
        "--dataset", "bench/sums.toml", "--dataset", "./sums.toml",
    )  # fmt: skip
    assert "is called 'sums'" in twice.err


def test_trying(project: Project, rows: str) -> None:
    write(project, rows, "")
    done = project.run(
        "plugins", "try", "bench/sums.toml", "--plugin", "bench/e2e_files_plugin.py",
        "--rows", "2", "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    one, two = json.loads(done.out)
    assert one["reference"] == "200"
    assert "How much is 100 and 100?" in one["requests"][0]["request"]
    right, wrong = two["answers"]
    assert (right["read"], right["score"], wrong["score"]) == ("202", 0.5, 0.0)
    # What is no data set, with rows of one or with rows that come along; what cannot be tried.
    shown = project.run("plugins", "try", "numeric", "--dataset", "bench/sums.toml", "--rows", "1")
    assert "read: '200'; score 1 (right)" in shown.out
    for words, line in (
        (("numeric",), "read: '19'; score 1 (right)"),
        (("bench/e2e_files_plugin.py",), "read: '19'; score 0.5 (graded)"),
        (("vllm-completions",), '"prompt": "How much is 12 plus 7?\\nAnswer:",'),
        (("last-line", "--answer", "a\nb"), "-> 'b'"),
        (("similar",), "[assistant] 55"),
    ):
        shown = project.run("plugins", "try", *words, "--rows", "1")
        assert line in shown.out, shown.out + shown.err
    for words, message in (
        (("accuracy",), "makes nothing of a row"),
        (("bench/sums.toml", "--rows", "0"), "must be 1 or more"),
    ):
        refused = project.run("plugins", "try", *words)
        assert refused.code == 2
        assert message in refused.err


@pytest.mark.not_quick
def test_watching_goes_on_whatever_is_saved(project: Project, rows: str) -> None:
    project.write("rows.jsonl", rows)
    file = project.write("sums.toml", SET.format(evaluator="numeric"))
    process = project.start("plugins", "try", "./sums.toml", "--rows", "1", "--watch")
    log: list[str] = []
    assert process.stdout is not None

    def until(words: str) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            log.append(line)
            if words in line:
                return
        raise AssertionError("".join(log))

    until("-- watching")
    file.write_text("summary = ")
    until("error: ")
    until("-- watching")
    file.write_text(SET.format(evaluator="numeric").replace("Sums.", "Others."))
    until("sums: Others.")
    until("-- watching")
    project.write("rows.jsonl", rows.replace("How much", "What"))
    until("What is 100")
    until("-- watching")
    process.send_signal(signal.SIGINT)
    wait_until(lambda: process.poll() is not None)
    assert process.returncode == 0
    with process.stdout as rest:
        assert "Traceback" not in "".join(log) + rest.read()
