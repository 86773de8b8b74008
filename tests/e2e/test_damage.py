"""Run directories that were damaged: every command names the file and the line, and what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import Project, simulator

from aisbench.cli import main

SUITE = """
[suite]
name = "r"
mode = "{mode}"
[models.a]
backend = "vllm-chat"
url = "{url}"
[models.b]
backend = "vllm-chat"
url = "{url}"
[datasets.demo]
dataset = "gsm8k-demo"
"""
LOAD = """
[load]
shape = "closed"
sweep = {{ concurrency = [4] }}
requests = 30
workers = 2
warm_up = 0
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """One whole run of each mode; nothing is asked by what is tested."""
    found = {}
    with simulator("--answers", "gsm8k-demo") as server:
        for mode in ("accuracy", "both"):
            project = Project(tmp_path_factory.mktemp(mode))
            (project.path / "home").mkdir()
            suite = SUITE.format(mode=mode, url=server.url)
            project.write("s.toml", suite + (LOAD.format() if mode == "both" else ""))
            done = project.run("run", "s.toml")
            assert done.code == 0, done.out + done.err
            found[mode] = project.last_run("r")
        yield found


def edit(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def lines(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    edit(path, lambda data: b"".join(change(data.splitlines(keepends=True))))


def accept(run: Path) -> None:
    """As somebody does who takes the files as they are."""
    (run / "seals.json").unlink()


JOURNAL = "predictions/a/demo.jsonl"
DOCUMENT = "results/a/demo.json"
LOADS = "performance/a/demo/concurrency=4"


def swap(run: Path) -> None:
    one, other = run / JOURNAL, run / JOURNAL.replace("/a/", "/b/")
    one.rename(run / "x")
    other.rename(one)
    (run / "x").rename(other)


# What is done, what is said of it, and whether it is found without the seals as well.
ACCURACY: dict[str, tuple[Callable[[Path], object], str, bool]] = {
    "garbled": (
        lambda run: lines(
            run / JOURNAL, lambda rows: [*rows[:7], rows[7][:50] + b"\n", *rows[8:]]
        ),
        f"{JOURNAL}:8: is damaged",
        True,
    ),
    "a foreign row": (
        lambda run: lines(run / JOURNAL, lambda rows: [*rows[:3], b'{"k":1}\n', *rows[4:]]),
        f"{JOURNAL}:4: is damaged: it has no 'key'",
        True,
    ),
    "no object": (
        lambda run: lines(run / JOURNAL, lambda rows: [*rows[:3], b"[]\n", *rows[4:]]),
        f"{JOURNAL}:4: is damaged",
        True,
    ),
    "a row twice": (
        lambda run: lines(run / JOURNAL, lambda rows: [*rows, rows[2]]),
        f"{JOURNAL}:29: is damaged: line 3 holds an answer to the same request",
        True,
    ),
    "cut": (
        lambda run: lines(run / JOURNAL, lambda rows: rows[:20]),
        f"{JOURNAL}: is cut: it holds",
        False,
    ),
    "no journal": (lambda run: (run / JOURNAL).unlink(), f"{JOURNAL}: is missing", False),
    "swapped journals": (swap, f"{JOURNAL}: holds what predictions/b/demo.jsonl held", False),
    "no samples": (
        lambda run: (run / "samples/demo.jsonl").unlink(),
        "samples/demo.jsonl: is missing",
        False,
    ),
    "garbled samples": (
        lambda run: lines(run / "samples/demo.jsonl", lambda rows: [rows[0], b'{"id":\n']),
        "samples/demo.jsonl:2: is damaged",
        False,
    ),
    "no scores": (
        lambda run: (run / "results/a/demo.scores.jsonl").unlink(),
        "results/a/demo.scores.jsonl: is missing",
        False,
    ),
    "garbled environment": (
        lambda run: edit(run / "environment.json", lambda data: data[:200]),
        "environment.json:",
        False,
    ),
}


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(words)
    return code, capsys.readouterr().err


@pytest.mark.parametrize("damage", ACCURACY)
def test_a_damaged_accuracy_run(
    runs: dict[str, Path], damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, words, _ = ACCURACY[damage]
    run = tmp_path / "run"
    shutil.copytree(runs["accuracy"], run)
    make(run)
    for command in (["report"], ["evaluate"], ["run", "--resume"]):
        code, told = said(capsys, *command, str(run))
        assert code == 2, (command, told)
        assert f"error: {run}/{words}" in told, command
        assert "help: " in told


@pytest.mark.parametrize("damage", [name for name, one in ACCURACY.items() if one[2]])
def test_damage_that_no_seal_tells(
    runs: dict[str, Path], damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after a session that was killed: it had no time to seal."""
    make, words, _ = ACCURACY[damage]
    run = tmp_path / "run"
    shutil.copytree(runs["accuracy"], run)
    make(run)
    accept(run)
    code, told = said(capsys, "evaluate", str(run))
    assert code == 2
    assert f"error: {run}/{words}" in told


def test_half_a_row_is_what_a_kill_leaves(
    runs: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    shutil.copytree(runs["accuracy"], run)
    edit(run / JOURNAL, lambda data: data + b'{"v":1,"key":"')
    code, told = said(capsys, "evaluate", str(run))
    assert (code, told) == (0, "")


def test_figures_older_than_the_answers(
    runs: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A resumed run was killed before it scored what it had asked."""
    run = tmp_path / "run"
    shutil.copytree(runs["accuracy"], run)
    last = (run / JOURNAL).read_bytes().splitlines(keepends=True)[-1]
    row = json.loads(last)
    row["key"], row["sample"] = "0" * 32, "another"
    edit(run / JOURNAL, lambda data: data + json.dumps(row).encode() + b"\n")
    code, told = said(capsys, "report", str(run))
    assert code == 2
    assert f"error: {run}/{DOCUMENT}: is older than what it was made of: 28 rows of" in told
    assert "which holds 29 by now" in told
    assert f"aisbench evaluate {run}" in told
    assert main(["evaluate", str(run)]) == 0
    assert main(["report", str(run)]) == 0


def test_results_of_another_form(
    runs: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    shutil.copytree(runs["accuracy"], run)
    accept(run)
    for text, words in (
        ("{", "cannot be read"),
        ("[]", "is damaged: it holds list, no object"),
        ("{}", "is damaged: it has no 'complete'"),
        ('{"complete": true}', "is damaged"),
    ):
        (run / DOCUMENT).write_text(text)
        code, told = said(capsys, "report", str(run))
        assert code == 2
        assert f"error: {run}/{DOCUMENT}" in told
        assert words in told


def rename(load: Path, key: bytes) -> None:
    edit(load / "load.json", lambda data: data.replace(b'"%s":' % key, b'"%s_x":' % key))


LOADED: dict[str, tuple[Callable[[Path], object], str]] = {
    "no load.json": (lambda load: (load / "load.json").unlink(), "load.json"),
    "garbled load.json": (
        lambda load: edit(load / "load.json", lambda data: data[:300]), "load.json"
    ),
    # Once, a key that nobody knew was one that said nothing, and the client had kept up.
    "renamed lags": (lambda load: rename(load, b"read_lag_ns"), "load.json"),
    "renamed counter": (lambda load: rename(load, b"held_back"), "load.json"),
    "renamed setting": (lambda load: rename(load, b"slo"), "load.json"),
    "no requests": (lambda load: (load / "requests.parquet").unlink(), "requests.parquet"),
    "no events": (lambda load: (load / "events.parquet").unlink(), "events.parquet"),
    "cut requests": (
        lambda load: edit(load / "requests.parquet", lambda data: data[:-9]), "requests.parquet"
    ),
    "tables of another load": (
        lambda load: shutil.copy(
            load.parents[2] / "b/demo/concurrency=4/events.parquet", load / "events.parquet"
        ),
        "events.parquet",
    ),
}  # fmt: skip


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("damage", LOADED)
def test_a_damaged_load(
    runs: dict[str, Path],
    damage: str,
    sealed: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make, name = LOADED[damage]
    if damage == "tables of another load" and not sealed:
        pytest.skip("tables of loads with as many events are alike")
    run = tmp_path / "run"
    shutil.copytree(runs["both"], run)
    make(run / LOADS)
    if not sealed:
        accept(run)
    code, told = said(capsys, "report", str(run))
    assert code == 2, told
    assert f"error: {run}/{LOADS}/{name}" in told
    assert "help: " in told


def test_a_load_that_is_gone(
    runs: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    shutil.copytree(runs["both"], run)
    shutil.rmtree(run / LOADS)
    code, told = said(capsys, "report", str(run))
    assert code == 2
    assert f"{LOADS}/" in told
    assert "is missing" in told


BROKEN_AT_ONE = """
from aisbench.api import EvaluatorOffer, Score, Verdict, hookimpl

AISBENCH_API = 1


@hookimpl
def aisbench_evaluators():
    return [EvaluatorOffer(name="fragile", summary="Breaks at one.", target="fragile:Fragile")]


class Fragile:
    def score(self, sample, transcript):
        if sample.id.endswith("3"):
            raise RecursionError("an odd answer")
        return Score(value=1.0, verdict=Verdict.RIGHT, extracted="x")
"""


def test_an_evaluator_that_breaks_at_one_answer(project: Project) -> None:
    info = project.path / "site" / "fragile-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fragile\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[aisbench]\nfragile = fragile\n")
    project.write("site/fragile.py", BROKEN_AT_ONE)
    with simulator("--answers", "gsm8k-demo") as server:
        suite = SUITE.format(mode="accuracy", url=server.url).partition("[models.b]")[0]
        suite += '[datasets.demo]\ndataset = "gsm8k-demo"\nevaluator = "fragile"\n'
        project.write("s.toml", suite)
        done = project.run("run", "s.toml", PYTHONPATH=str(project.path / "site"))
    assert done.code == 1, done.out + done.err  # more failed than suite.max_failed allows
    assert "Traceback" not in done.out + done.err
    counts = project.result("r", "a", "demo")["counts"]
    assert counts["failed"] == 3, counts
    assert counts["right"] == 25
    assert "3 answers could not be scored and count as failed" in done.out
    log = (project.last_run("r") / "log.jsonl").read_text()
    assert log.count("RecursionError: an odd answer") >= 3
    assert "Traceback (most recent call last)" in log
