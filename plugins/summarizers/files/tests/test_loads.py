"""Loads in files: every number once, plain, with its unit; formulas beside them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import attrs

from aisbench.api import (
    Figure,
    Health,
    PerformanceResult,
    Population,
    RequestCounts,
    SearchResult,
    Statistics,
    SuiteResult,
)
from aisbench_plugin_files.summarizer import FilesSettings, FilesSummarizer

TTFT = Statistics(
    name="ttft", unit="ms", n=3, mean=51.25, min=50.0, max=53.5, stddev=1.0,
    percentiles={"p50": 51.0, "p99.9": 53.4}, weak=("p99.9",),
)  # fmt: skip
RUN = Population(
    name="run",
    begin_ns=0,
    end_ns=10**9,
    statistics=(TTFT,),
    figures=(
        Figure(name="goodput", value=2.5, unit="requests/s", n=3, low=2.0, high=3.0),
        Figure(name="total_output_tokens", value=1234, unit="tokens", n=3),
    ),
    note="8 requests were cut",
)
LOAD = PerformanceResult(
    model="m|1", dataset="d", variant="v", load="rate=2", settings={"rate": 2.0}, complete=False,
    streamed=True, counts=RequestCounts(total=3, success=3), populations=(RUN,),
    health=Health(kept_up=False, doubts=("it was late",), values={"workers": 1.0}),
    faults={"HTTP 500": 2}, notes=("a note",),
)  # fmt: skip
SEARCH = SearchResult(
    model="m", dataset="d", key="rate", best=2.0, low=2.0, high=None, reason="why", sure="sure"
)


def write(folder: Path, *formats: str) -> dict[str, str]:
    results = SuiteResult(
        name="s", run=Path("r"), complete=False, performance=(LOAD,), searches=(SEARCH,)
    )
    settings = FilesSettings(formats=formats or ("csv", "md", "json"))  # type: ignore[arg-type]
    made = FilesSummarizer(settings).summarize(results, folder, 80)
    return {path.name: path.read_text(encoding="utf-8") for path in made.files}


def test_csv_has_a_line_for_each_number(tmp_path: Path) -> None:
    rows = list(csv.DictReader(write(tmp_path)["summary.performance.csv"].splitlines()))
    found = {(row["metric"], row["statistic"]): row for row in rows}
    assert len(found) == len(rows)
    assert found["ttft", "mean"]["value"] == "51.25"
    assert found["ttft", "p99.9"]["value"] == "53.4"
    assert found["ttft", "mean"]["unit"] == "ms"
    assert found["goodput", ""]["value"] == "2.5"
    assert found["goodput", "value low"]["value"] == "2.0"
    assert {row["load"] for row in rows} == {"rate=2"}
    # What is not known has no line: an interval of three values.
    assert ("ttft", "low") not in found


def test_only_the_formats_that_are_wanted(tmp_path: Path) -> None:
    assert write(tmp_path, "json").keys() == {"summary.json"}


def test_json_names_the_formulas(tmp_path: Path) -> None:
    document = json.loads(write(tmp_path)["summary.json"])
    assert document["performance"][0]["populations"][0]["statistics"][0]["mean"] == 51.25
    assert document["searches"][0]["best"] == 2.0
    assert ": 1234," in write(tmp_path)["summary.json"]
    assert document["metrics"]["ttft"]["formula"] == "first_token - sent"
    assert document["metrics"]["ttft"]["unit"] == "ms"


def test_doubts_that_are_not_the_client_s(tmp_path: Path) -> None:
    health = Health(kept_up=True, doubts=("3 of 3 streams came in one piece", "30 were empty"))
    results = SuiteResult(
        name="s",
        run=Path("r"),
        complete=True,
        performance=(attrs.evolve(LOAD, health=health),),
    )
    FilesSummarizer(FilesSettings(formats=("md",))).summarize(results, tmp_path, 80)
    text = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "Client kept up." in text
    assert "Not to be trusted without care: 3 of 3 streams came in one piece" in text
    assert "Not to be trusted without care: 30 were empty" in text


def test_markdown(tmp_path: Path) -> None:
    text = write(tmp_path)["summary.md"]
    assert "## m\\|1 / d: rate=2" in text
    assert "Not to be trusted without care: it was late" in text
    assert "| TTFT | ms | 51.25 |" in text
    assert "| Goodput | requests/s | 2.50 |" in text
    assert "| Total Output Tokens | tokens | 1234 |" in text
    assert "run: 8 requests were cut" in text
    assert "2 attempts failed: HTTP 500" in text
    assert "Heaviest load within the SLO: 2" in text
    # A table needs an empty line before its head.
    for before, line in zip(text.splitlines(), text.splitlines()[1:], strict=False):
        if line.startswith("| metric"):
            assert before == ""
