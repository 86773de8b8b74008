"""The files' content, read back."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import attrs

from aisbench.api import Counts, Figure, GroupResult, SuiteResult, TaskResult
from aisbench_plugin_files.summarizer import FilesSettings, FilesSummarizer
from aisbench_plugin_files.tables import COLUMNS

ODD = 'a|b, "c" 名\nx'


def results(*, complete: bool = True, tasks: bool = True) -> SuiteResult:
    figure = Figure(
        name="accuracy", value=200 / 3, unit="%", n=3, better="up", stderr=math.nan, low=20.8,
        high=93.9, method="wilson",
    )  # fmt: skip
    task = TaskResult(
        model=ODD, dataset="d", variant="v", samples=3, repeats=2,
        counts=Counts(asked=6, right=4, wrong=1, failed=1), figures=(figure,),
        faults={"HTTP 500": 1}, tokens={"prompt_tokens": 60, "completion_tokens": None},
    )  # fmt: skip
    return SuiteResult(
        name="s*", run=Path("out/s/1"), complete=complete, tasks=(task,) if tasks else (),
        warnings=("look <here>",),
    )  # fmt: skip


def write(folder: Path, given: SuiteResult, **settings: object) -> dict[str, str]:
    summary = FilesSummarizer(FilesSettings(**settings)).summarize(given, folder, 80)
    assert summary.text is None
    return {path.name: path.read_text(encoding="utf-8") for path in summary.files}


def test_csv(tmp_path: Path) -> None:
    write(tmp_path, results())
    with (tmp_path / "summary.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert tuple(reader.fieldnames or ()) == COLUMNS
    assert float(rows[0]["value"]) == 200 / 3
    assert (rows[0]["unit"], rows[0]["bound_low"], rows[0]["method"]) == ("%", "", "wilson")
    assert {row["model"] for row in rows} == {ODD}
    found = {row["metric"]: row["value"] for row in rows}
    assert (found["count:failed"], found["count:asked"]) == ("1", "6")
    assert found["sum:prompt_tokens"] == "60"
    assert "sum:completion_tokens" not in found  # unknown is not zero


def test_rows_that_were_chosen(tmp_path: Path) -> None:
    (task,) = results().tasks
    chosen = attrs.evolve(task, of=1000, chosen="sample 3")
    made = write(tmp_path, attrs.evolve(results(), tasks=(chosen,)))
    assert "- d: 3 of 1,000 rows (sample 3)" in made["summary.md"]
    assert next(csv.DictReader(made["summary.csv"].splitlines()))["of"] == "3 of 1000"
    (stored,) = json.loads(made["summary.json"])["tasks"]
    assert (stored["of"], stored["chosen"]) == (1000, "sample 3")


def test_json(tmp_path: Path) -> None:
    document = json.loads(write(tmp_path, results(complete=False))["summary.json"])
    assert (document["schema"], document["complete"], document["suite"]) == (2, False, "s*")
    (task,) = document["tasks"]
    assert task["figures"][0]["value"] == 200 / 3
    assert task["figures"][0]["stderr"] is None
    assert task["tokens"] == {"prompt_tokens": 60, "completion_tokens": None}
    assert task["counts"]["failed"] == 1


def test_markdown(tmp_path: Path) -> None:
    text = write(tmp_path, results(complete=False))["summary.md"]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len(lines) == 3
    bars = [line.replace("\\|", "").count("|") for line in lines]
    assert len(set(bars)) == 1
    assert "66.67 %" in lines[2]
    assert "20.80 to 93.90" in lines[2]
    assert "3 x 2" in lines[2]
    assert "**Incomplete:**" in text
    assert "1 failed with HTTP 500" in text
    assert "look \\<here\\>" in text


def test_formats(tmp_path: Path) -> None:
    assert set(write(tmp_path, results(), formats=("json", "csv"))) == {
        "summary.json", "summary.csv",
    }  # fmt: skip
    assert not (tmp_path / "summary.md").exists()


def test_no_tasks(tmp_path: Path) -> None:
    written = write(tmp_path, results(tasks=False))
    assert written["summary.csv"].splitlines() == [",".join(COLUMNS)]
    assert json.loads(written["summary.json"])["tasks"] == []


def test_groups_are_in_every_file(tmp_path: Path) -> None:
    figure = Figure(name="accuracy", value=62.5, unit="%", n=30, low=50.0, high=75.0)
    group = GroupResult(
        name="hard", title="Hard ones", model="m", figure=figure, members=(), present=3, total=6,
        missing=("a", "b", "c"),
    )  # fmt: skip
    section = attrs.evolve(group, name="section", title="Section", figure=None)
    files = write(tmp_path, attrs.evolve(results(), groups=(group, section)))
    rows = [one for one in csv.DictReader(files["summary.csv"].splitlines()) if one["group"]]
    found = [(one["group"], one["dataset"], one["value"], one["of"]) for one in rows]
    assert found == [("hard", "", "62.5", "3 of 6")]
    document = json.loads(files["summary.json"])
    assert document["groups"][0]["figure"]["value"] == 62.5
    assert document["groups"][0]["missing"] == ["a", "b", "c"]
    line = "| Hard ones | m | accuracy | 62.50 % | 50.00 to 75.00 | 30 | 3 of 6 | a, b, c |"
    assert line in files["summary.md"]
    assert "groups" not in json.loads(write(tmp_path, results())["summary.json"])
