"""The page: what is in it, that it is whole in one file, and that what models say is text."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from report_run import HOSTILE, QUESTIONS, REPEATS

import aisbench
from aisbench.api import Counts, Figure, GroupMember, GroupResult, SuiteResult, TaskResult
from aisbench_plugin_html.bundle import bundle
from aisbench_plugin_html.facts import ShownAnswers, spread
from aisbench_plugin_html.scripts import in_script
from aisbench_plugin_html.sections.answers import quotas
from aisbench_plugin_html.summarizer import HtmlSettings, HtmlSummarizer


def page(run: aisbench.RunResult, folder: Path, **settings: object) -> str:
    made = aisbench.summarize(run, "html", folder, settings)
    return made.files[0].read_text("utf-8")


def blob(text: str, name: str) -> object:
    found = re.search(f'<script type="application/json" id="{name}">(.*?)</script>', text, re.S)
    assert found is not None
    return json.loads(found[1])


def specs(text: str) -> dict[str, dict[str, object]]:
    found = re.findall(
        r'<figure class="chart[^"]*" id="chart-([^"]+)">.*?'
        r'<script type="application/json">(.*?)</script>',
        text,
        re.S,
    )
    return {name: json.loads(spec) for name, spec in found}


def test_it_asks_for_nothing_from_anywhere(made: aisbench.RunResult, tmp_path: Path) -> None:
    text = page(made, tmp_path).replace(bundle(), "")
    assert not re.search(r"<(link|script|img|iframe)[^>]*(src|href)=[\"']?(https?:)?//", text)
    assert "@import" not in text and "url(" not in text
    assert "default-src 'none'" in text


def test_the_library_cannot_end_its_script() -> None:
    assert not re.search(r"</script|<!--|<script", bundle(), re.I)


def test_what_models_say_stays_text(made: aisbench.RunResult, tmp_path: Path) -> None:
    text = page(made, tmp_path)
    assert HOSTILE not in text
    assert "<img" not in text.replace(bundle(), "")
    answers = blob(text, "answers-data")
    assert isinstance(answers, list)
    assert any(HOSTILE.split("<")[1] in "".join(one["answer"]) for one in answers)
    assert "<i>odd</i>" not in text.replace(bundle(), "")
    assert html.escape("<i>odd</i> & ends") in text


@pytest.mark.parametrize("text", ["</script>", "<!-- <script>", "\u2028", "\ud800", "ok"])
def test_data_in_scripts(text: str) -> None:
    made = str(in_script({"a": text}))
    assert "<" not in made and made.encode()
    assert json.loads(made) == {"a": text}


def test_charts_hold_the_numbers_of_the_summary(made: aisbench.RunResult, tmp_path: Path) -> None:
    summary = json.loads((made.path / "summary" / "summary.json").read_text("utf-8"))
    wanted = {
        (task["model"], one["name"], one["part"]): (
            one["value"],
            one["low"],
            one["high"],
            one["n"],
        )
        for task in summary["tasks"]
        for one in task["figures"]
    }
    charts = specs(page(made, tmp_path))
    told = {
        (row["model"], "accuracy", row.get("part", "")): numbers(row)
        for name in ("figures-0", "parts-0")
        for row in charts[name]["data"]["values"]  # type: ignore[index]
    }
    assert told
    assert told == {key: wanted[key] for key in told}
    assert {key for key in wanted if key[1] == "accuracy"} == set(told)
    over_k = charts["over-k-0"]["data"]["values"]  # type: ignore[index]
    assert len(over_k) == 6
    for row in over_k:
        assert numbers(row) == wanted[row["series"].split(" / ")[0], f"pass@{row['k']}", ""]
    outcomes = {
        (row["task"].split(" / ")[0], row["verdict"]): row["n"]
        for row in charts["outcomes"]["data"]["values"]  # type: ignore[index]
    }
    counts = {
        (task["model"], name): n
        for task in summary["tasks"]
        for name, n in task["counts"].items()
        if n and name != "asked"
    }
    assert outcomes == counts


def numbers(row: dict[str, float]) -> tuple[float, float, float, float]:
    return row["value"], row["low"], row["high"], row["n"]


def test_all_faulty_answers_are_there_or_it_says_how_many(
    made: aisbench.RunResult, tmp_path: Path
) -> None:
    counts = [one.counts for one in made.scores]
    faulty = sum(one.asked - one.right for one in counts)
    whole = blob(page(made, tmp_path), "answers-data")
    assert isinstance(whole, list)
    assert len([one for one in whole if one["verdict"] != "right"]) == faulty
    some = page(made, tmp_path / "some", answers=5)
    fewer = blob(some, "answers-data")
    assert isinstance(fewer, list)
    assert len(fewer) == 10
    assert {one["verdict"] for one in fewer} >= {"wrong", "unparsed", "truncated"}
    assert f"10 of {len(whole)} answers" in some


def test_an_answer_has_prompt_reasoning_mark_and_reason(
    made: aisbench.RunResult, tmp_path: Path
) -> None:
    answers = blob(page(made, tmp_path), "answers-data")
    assert isinstance(answers, list)
    one = next(one for one in answers if one["verdict"] == "wrong" and len(one["answer"]) == 3)
    assert one["prompt"][0][1].startswith("What is")
    assert one["answer"][1].replace(",", "") == one["extracted"]
    assert one["reason"] and one["target"]
    assert any(one["reasoning"].startswith("Let me see") for one in answers)


def test_it_speaks_chinese(made: aisbench.RunResult, tmp_path: Path) -> None:
    text = page(made, tmp_path, language="zh")
    assert '<html lang="zh-Hans">' in text
    for english in (">Verdict<", ">Figures<", ">Outcomes<", ">Model<"):
        assert english not in text
    assert "结论" in text and "置信区间" in text


@pytest.mark.not_quick
def test_images_are_written(made: aisbench.RunResult, tmp_path: Path) -> None:
    files = aisbench.summarize(made, "html", tmp_path, {"images": True}).files
    names = {one.name for one in files}
    charts = set(specs(files[0].read_text("utf-8")))
    assert names == {"report.html"} | {
        f"{one}.{kind}" for one in charts for kind in ("svg", "png")
    }
    for one in files[1:]:
        head = one.read_bytes()[:8]
        assert head.startswith(b"<svg" if one.suffix == ".svg" else b"\x89PNG")
        assert one.suffix == ".png" or "var(" not in one.read_text("utf-8")


def test_results_without_a_run_have_their_figures(tmp_path: Path) -> None:
    figure = Figure(name="accuracy", value=71.34, unit="%", n=10, low=68.83, high=73.7)
    task = TaskResult(
        model="m", dataset="d", variant="", samples=10, repeats=1,
        counts=Counts(asked=10, right=7, wrong=2, failed=1), figures=(figure,),
        faults={"HTTP 500": 1},
    )  # fmt: skip
    group = GroupResult(
        name="g", title="Hard", model="m", figure=figure,
        members=(GroupMember(name="d", figure=figure),), present=1, total=2, missing=("e",),
    )  # fmt: skip
    results = SuiteResult(
        name="s", run=tmp_path / "gone", complete=False, tasks=(task,), groups=(group,)
    )
    HtmlSummarizer(HtmlSettings()).summarize(results, tmp_path, 80)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "1 of 10 requests failed (10.0%): HTTP 500 (1)." in text
    assert "The run is not complete" in text
    assert "1 / 2" in text and ">e<" in text
    assert specs(text)["groups-0"]["data"]["values"][0]["value"] == 71.34  # type: ignore[index]


def test_outcomes_are_those_of_the_samples(made: aisbench.RunResult) -> None:
    short = {(one.model, one.sample, one.repeat): one for one in made.outcomes()}
    assert len(short) == 2 * QUESTIONS * REPEATS
    for whole in made.samples():
        one = short[whole.model, whole.sample.id, whole.repeat]
        assert whole.score is not None
        assert (one.verdict, one.extracted) == (whole.score.verdict.value, whole.score.extracted)
        assert one.part == whole.sample.part
        assert one.finish_reason == (
            whole.response.finish_reason and whole.response.finish_reason.value
        )
        assert made.answer_of(one) == whole


@pytest.mark.parametrize(
    ("counts", "most", "wanted"),
    [
        ({"wrong": 100, "failed": 2}, 10, {"failed": 2, "wrong": 8}),
        ({"wrong": 3, "failed": 2}, 10, {"failed": 2, "wrong": 3}),
        ({"wrong": 100, "unparsed": 100}, 10, {"wrong": 5, "unparsed": 5}),
        ({"wrong": 100}, 0, {"wrong": 0}),
        ({}, 5, {}),
    ],
)
def test_quotas(counts: dict[str, int], most: int, wanted: dict[str, int]) -> None:
    assert quotas(counts, most) == wanted


def test_a_draw_comes_out_alike_whatever_came_before(made: aisbench.RunResult) -> None:
    outcomes = list(made.outcomes(model="small"))
    draws = []
    for order in (outcomes, outcomes[::-1]):
        chosen = ShownAnswers(7)
        for one in order:
            chosen.add(one)
        assert (chosen.of, len(chosen)) == (len(outcomes), 7)
        draws.append({(one.sample, one.repeat) for one in chosen})
    assert draws[0] == draws[1]


def test_spread() -> None:
    found = spread([3, 1, 2, 5, 4])
    assert found is not None
    assert (found.n, found.p25, found.p50, found.p75) == (5, 2, 3, 4)
    assert found.p5 == pytest.approx(1.2)
    assert spread([]) is None


def test_a_page_stays_where_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = SuiteResult(name="s", run=tmp_path / "gone", complete=True)
    (tmp_path / "report.html").write_text("the one before")
    half = "report"

    def full(path: Path, text: str, **how: str) -> int:
        path.write_bytes(half.encode())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        HtmlSummarizer(HtmlSettings()).summarize(results, tmp_path, 80)
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [
        ("report.html", "the one before")
    ]


def test_many_tasks_are_told_by_model_and_all_of_them_are_drawn(tmp_path: Path) -> None:
    models, sets = 8, 40
    tasks = tuple(
        TaskResult(
            model=f"m{model}", dataset=f"d{at}", variant="", samples=10, repeats=1,
            counts=Counts(asked=10, right=model, wrong=10 - model),
            figures=(Figure(name="accuracy", value=10.0 * model, unit="%", n=10),),
        )
        for model in range(models)
        for at in range(sets)
    )  # fmt: skip
    results = SuiteResult(name="s", run=tmp_path / "gone", complete=True, tasks=tasks)
    HtmlSummarizer(HtmlSettings()).summarize(results, tmp_path, 80)
    charts = specs((tmp_path / "report.html").read_text("utf-8"))
    figures = charts["figures-0"]["data"]["values"]  # type: ignore[index]
    assert {(one["model"], one["part"], one["value"]) for one in figures} == {
        (f"m{model}", f"d{at}", 10.0 * model) for model in range(models) for at in range(sets)
    }
    outcomes = charts["outcomes"]["data"]["values"]  # type: ignore[index]
    assert {(one["task"], one["n"]) for one in outcomes if one["verdict"] == "right"} == {
        (f"m{model}", model * sets) for model in range(1, models)
    }


def test_a_run_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "run"
    (broken / "results").mkdir(parents=True)
    (broken / "suite.toml").write_text("[suite", "utf-8")
    results = SuiteResult(name="s", run=broken, complete=True)
    HtmlSummarizer(HtmlSettings()).summarize(results, tmp_path, 80)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "Answers and requests are not here:" in text and "suite.toml" in text
