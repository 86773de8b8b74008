"""Real runs, exported and read back; many runs as one table."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pyarrow.parquet
import pytest
from live import ROOT, simulator
from stored_run import stored_run

import aisbench
from aisbench_plugin_exports.command import main as export
from aisbench_plugin_exports.leaderboard.command import main as leaderboard

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two runs of answers, the second with another prompt, and one of loads that are scored."""
    folder = tmp_path_factory.mktemp("exports") / "outputs"
    with simulator("--answers", "gsm8k-demo", "--accuracy", "0.7", "--vary") as server:
        models = {
            name: {"backend": "vllm-chat", "url": server.url, "concurrency": 8}
            for name in ("qwen", "llama")
        }
        suite: dict[str, Any] = {
            "suite": {"name": "answers", "output": folder, "seed": 1},
            "models": models,
            "datasets": {"demo": {"dataset": "gsm8k-demo", "limit": 10, "repeats": 2}},
            "groups": {"all": {"title": "All | of_it", "members": ["demo"], "mean": "members"}},
            "summarizers": [{"summarizer": "files"}],
        }
        aisbench.run(suite)
        del models["llama"]
        prompt = {"user": "{question}\nLet us think."}
        aisbench.run(suite, overrides={"datasets.demo.prompt": prompt})
        loads = {**suite, "suite": {"name": "loads", "output": folder, "mode": "both"}}
        loads["datasets"] = {"demo": {"dataset": "gsm8k-demo", "limit": 4}}
        loads["load"] = {"shape": "closed", "requests": 8, "sweep": {"concurrency": [1, 2]}}
        aisbench.run(loads)
    yield folder


def run_of(outputs: Path, name: str, place: int = 0) -> Path:
    return sorted((outputs / name).iterdir())[place]


def shown(capfdbinary: pytest.CaptureFixture[bytes], *words: Any) -> str:
    assert export([str(one) for one in words]) == 0
    return capfdbinary.readouterr().out.decode()


def test_json_is_the_summary_and_follows_its_schema(
    outputs: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    schema = json.loads(shown(capfdbinary, "--schema"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for name in ("answers", "loads"):
        run = run_of(outputs, name)
        document = json.loads(shown(capfdbinary, run, "--as", "json"))
        assert document == json.loads((run / "summary" / "summary.json").read_text())
        validator.validate(document)
        for table, key in (("tasks", "figures"), ("tasks", "samples"), ("performance", "load")):
            for one in document.get(table, []):
                broken = {**document, table: [{**one, key: {"no": "such"}}]}
                assert not validator.is_valid(broken), (table, key)
    together = json.loads(shown(capfdbinary, outputs, "--as", "json"))
    validator.validate(together)
    assert len(together["runs"]) == 3


def test_csv_and_parquet_hold_the_tables(
    outputs: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    rows = list(
        csv.DictReader(io.StringIO(shown(capfdbinary, outputs / "answers", "--as", "csv")))
    )
    run = aisbench.load_run(run_of(outputs, "answers"))
    wanted = [figure for task in run.scores for figure in task.figures]
    own = [one for one in rows if one["run"] == run.path.name]
    assert [float(one["value"]) for one in own] == [one.value for one in wanted]
    assert export([str(outputs), "--as", "csv", "-o", str(tmp_path / "csv")]) == 0
    assert export([str(outputs), "--as", "parquet", "-o", str(tmp_path / "parquet")]) == 0
    names = {"scores", "groups", "samples", "loads", "requests"}
    assert {one.stem for one in (tmp_path / "csv").iterdir()} == names
    for name in names:
        table = pyarrow.parquet.read_table(tmp_path / "parquet" / f"{name}.parquet")
        with (tmp_path / "csv" / f"{name}.csv").open(newline="") as file:
            plain = list(csv.DictReader(file))
        assert len(plain) == table.num_rows > 0
        assert list(plain[0]) == table.column_names
    samples = pyarrow.parquet.read_table(tmp_path / "parquet" / "samples.parquet")
    answers = [one for run in map(aisbench.load_run, runs(outputs)) for one in run.samples()]
    assert sorted(samples["text"].to_pylist()) == sorted(one.response.text for one in answers)
    capfdbinary.readouterr()
    only = shown(capfdbinary, outputs / "loads", "--as", "csv", "--table", "requests")
    assert len(only.splitlines()) - 1 == sum(
        len(run.requests(load))
        for run in [aisbench.load_run(run_of(outputs, "loads"))]
        for load in run.loads
    )


def runs(outputs: Path) -> list[Path]:
    return [path for name in ("answers", "loads") for path in sorted((outputs / name).iterdir())]


def test_latex_and_markdown(outputs: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    text = shown(capfdbinary, outputs, "--as", "latex")
    figure = aisbench.load_run(run_of(outputs, "answers")).figure("accuracy", model="qwen")
    assert f"{figure.value:.1f} {{\\scriptsize [{figure.low:.1f}, {figure.high:.1f}]}}" in text
    assert "All \\textbar{} of\\_it" in text
    assert "TTFT p99 (ms)" in text
    for tabular in re.findall(r"\\begin\{tabular\}\{([lr]+)\}\n(.+?)\\end", text, re.S):
        for line in tabular[1].splitlines():
            if line.endswith(r"\\"):
                assert len(re.findall(r"(?<!\\)&", line)) == len(tabular[0]) - 1, line
    run = run_of(outputs, "answers")
    markdown = shown(capfdbinary, run, "--as", "markdown")
    assert markdown == (run / "summary" / "summary.md").read_text()


def test_lm_eval_shapes(outputs: Path, tmp_path: Path) -> None:
    run = aisbench.load_run(run_of(outputs, "answers"))
    assert export([str(run.path), "--as", "lm-eval", "-o", str(tmp_path)]) == 0
    (file,) = (tmp_path / "qwen").glob("results_*.json")
    document = json.loads(file.read_text())
    figure = run.figure("accuracy", model="qwen")
    assert document["results"]["demo"]["accuracy,none"] == figure.value / 100
    assert document["results"]["demo"]["accuracy_stderr,none"] == (figure.stderr or 0) / 100
    assert document["results"]["demo"]["accuracy,strict"] is not None
    assert document["higher_is_better"]["demo"]["accuracy"] is True
    assert document["n-samples"]["demo"]["effective"] == 10
    assert document["groups"]["all"]["alias"] == "All | of_it"
    assert document["config"]["model"] == "vllm-chat"
    (file,) = (tmp_path / "qwen").glob("samples_demo_*.jsonl")
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(rows) == 10
    assert all(len(row["resps"][0]) == len(row["filtered_resps"]) == 2 for row in rows)
    mean = sum(row["accuracy"] for row in rows) / len(rows)
    assert mean == pytest.approx(figure.value / 100)


@pytest.mark.slow
def test_lm_eval_s_own_tools_take_them(outputs: Path, tmp_path: Path) -> None:
    python = ROOT / ".dev" / "parity-lm_eval" / "bin" / "python"
    if not python.exists():
        pytest.skip("lm-eval is not there: benchmarks/parity.py makes its environment")
    assert export([str(run_of(outputs, "answers")), "--as", "lm-eval", "-o", str(tmp_path)]) == 0
    program = """
import json, sys
from pathlib import Path
from lm_eval.utils import (get_file_task_name, get_latest_filename, get_results_filenames,
                           get_sample_results_filenames, make_table)
names = [f"qwen/{one.name}" for one in Path(sys.argv[1]).iterdir()]
results = get_latest_filename(get_results_filenames(names))
samples = get_sample_results_filenames(names)
document = json.load(open(Path(sys.argv[1]).parent / results))
print(make_table(document))
print(make_table(document, "groups"))
print([get_file_task_name(one) for one in samples])
"""
    done = subprocess.run(
        [str(python), "-c", program, str(tmp_path / "qwen")],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "- demo" in done.stdout
    assert "All | of_it" in done.stdout.replace("\\|", "|")
    assert done.stdout.rstrip().endswith("['demo']")


def test_aisbench_s_shapes(outputs: Path, tmp_path: Path) -> None:
    assert export([str(outputs), "--as", "aisbench", "-o", str(tmp_path)]) == 0
    run = aisbench.load_run(run_of(outputs, "answers"))
    here = tmp_path / run.path.name
    figure = run.figure("accuracy", model="llama")
    with next((here / "summary").glob("*.csv")).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["dataset", "version", "metric", "mode", "qwen", "llama"]
    assert (rows[0]["metric"], rows[0]["mode"]) == ("accuracy", "gen")
    assert rows[0]["llama"] == f"{figure.value:.2f}"
    stored = json.loads((here / "results" / "llama" / "demo.json").read_text())
    assert stored["accuracy"] == figure.value
    lines = (here / "predictions" / "llama" / "demo.jsonl").read_text().splitlines()
    first = json.loads(lines[0])
    assert len(lines) == 20
    assert {"data_abbr", "id", "success", "uuid", "origin_prompt", "prediction", "gold"} == set(
        first
    )
    assert first["origin_prompt"][-1]["role"] == "HUMAN"
    load = tmp_path / run_of(outputs, "loads").name / "performances" / "qwen"
    with (load / "demo_concurrency=2.csv").open(newline="") as file:
        head, *rows_ = list(csv.reader(file))
    assert head[:4] == ["Performance Parameters", "Stage", "Average", "Min"]
    assert rows_[0][:2] == ["E2EL", "total"]
    assert rows_[0][2].endswith(" ms")
    whole = json.loads((load / "demo_concurrency=2.json").read_text())
    assert whole["Success Requests"]["total"] == 8
    assert whole["Request Throughput"]["total"].endswith(" req/s")


def test_the_leaderboard(
    outputs: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    def board(*words: str) -> str:
        assert leaderboard([str(outputs / "answers"), *words]) == 0
        return capfdbinary.readouterr().out.decode()

    text = board()
    older, newer = (aisbench.load_run(one) for one in sorted((outputs / "answers").iterdir()))
    for model, run in (("llama", older), ("qwen", newer)):
        figure = run.figure("accuracy", model=model)
        line = next(one for one in text.splitlines() if one.startswith(model))
        assert f"{figure.value:.1f} [{figure.low:.1f}, {figure.high:.1f}]" in line
    assert "* demo: not comparable as they stand, they differ in prompt" in text
    assert "of 2 runs; of each model and data set the newest figure" in text
    rows = list(csv.DictReader(io.StringIO(board("--as", "csv", "--best", "--model", "q*"))))
    best = max(one.figure("accuracy", model="qwen").value for one in (older, newer))
    assert {one["model"] for one in rows} == {"qwen"}
    assert float(rows[0]["value"]) == best
    document = json.loads(board("--as", "json"))
    assert document["schema"] == 1
    assert document["differences"]["demo"]
    assert r"\|" in board("--as", "markdown")
    tex = board("--as", "latex")
    assert "\\toprule" in tex
    (outputs / "answers" / "20200101_000000").mkdir()
    (outputs / "answers" / "20200101_000000" / "suite.toml").write_text("")
    try:
        assert leaderboard([str(outputs / "answers"), "-o", str(tmp_path / "board.txt")]) == 0
        assert b"left out: " in capfdbinary.readouterr().err
    finally:
        (outputs / "answers" / "20200101_000000" / "suite.toml").unlink()
        (outputs / "answers" / "20200101_000000").rmdir()
    assert "of 2 runs" in (tmp_path / "board.txt").read_text()


def test_the_leaderboard_of_loads(
    outputs: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def board(*words: str) -> str:
        assert leaderboard([str(outputs / "loads"), *words]) == 0
        return capfdbinary.readouterr().out.decode()

    run = aisbench.load_run(run_of(outputs, "loads"))
    rows = list(csv.DictReader(io.StringIO(board("--as", "csv"))))
    by_column = {one["column"]: one for one in rows}
    for load in run.loads:
        name = f"demo [{load.load}]"
        whole = {one.name: one for one in load.populations[0].figures}
        for figure in ("request_throughput", "output_token_throughput"):
            assert float(by_column[f"{name} {figure}"]["value"]) == whole[figure].value
        (ttft,) = (one for one in load.populations[0].statistics if one.name == "ttft")
        assert float(by_column[f"{name} ttft p99"]["value"]) == ttft.percentiles["p99"]
        assert by_column[f"{name} ttft p99"]["kept_up"] == str(load.health.kept_up).lower()
        assert name in by_column  # its answers were scored, too
    monkeypatch.setenv("COLUMNS", "200")
    head = board("--figure", "e2el p50").splitlines()[0]
    assert "demo [concurrency=1] E2EL p50 (ms)" in head
    assert "demo [concurrency=2] E2EL p50 (ms)" in head
    monkeypatch.setenv("COLUMNS", "80")
    narrow = board()  # columns are rows where they have no room
    assert any(one.startswith("demo [concurrency=1] TTFT p99 (ms)") for one in narrow.splitlines())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere", "--as", "csv"], "nowhere: no such folder"),
        (["{empty}", "--as", "csv"], "holds no run"),
        (["{run}", "--as", "parquet"], "-o is missing"),
        (["{run}", "--as", "json", "--table", "samples"], "--table has no effect"),
        (["{run}", "--as", "csv", "--table", "requests"], "there is no row of requests"),
        (["{run}", "--as", "json", "-o", "{empty}"], "is a folder, where a file is needed"),
        (["{run}", "--as", "csv", "-o", "/proc/no/x.csv"], "/proc/no/x.csv: cannot be written"),
        (["{run}", "--as", "csv", "--table", "scores", "--table", "groups"], "several files"),
    ],
)
def test_what_cannot_be_is_told(
    outputs: Path, tmp_path: Path, words: list[str], told: str
) -> None:
    places = {"empty": str(tmp_path), "run": str(run_of(outputs, "answers"))}
    with pytest.raises(aisbench.AisbenchError) as caught:
        export([one.format(**places) for one in words])
    assert told in str(caught.value)


def test_answers_that_are_hostile_stay_text(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 40, repeats=2)
    journal = run / "predictions" / "qwen" / "math.jsonl"
    lines = journal.read_text().splitlines()
    row = json.loads(lines[0])
    text = '=cmd|x\r\n"quoted", \\end{tabular} \x00 名'
    row["response"]["text"] = text
    journal.write_text("\n".join([json.dumps(row), *lines[1:]]) + "\n")
    place = tmp_path / "samples.csv"
    assert export([str(run), "--as", "csv", "--table", "samples", "-o", str(place)]) == 0
    with place.open(newline="") as file:
        assert text in [one["text"] for one in csv.DictReader(file)]
    assert export([str(run), "--as", "parquet", "-o", str(tmp_path / "p")]) == 0
    table = pyarrow.parquet.read_table(tmp_path / "p" / "samples.parquet")
    assert text in table["text"].to_pylist()
