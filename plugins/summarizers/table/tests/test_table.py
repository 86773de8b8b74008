"""The table's text for results of every shape."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest
import tomli

from aisbench.api import Counts, Figure, GroupMember, GroupResult, SuiteResult, TaskResult
from aisbench_plugin_table.summarizer import TableSummarizer


def task(model: str = "m", dataset: str = "d", **changes: object) -> TaskResult:
    figure = Figure(name="accuracy", value=71.34, unit="%", n=10, low=68.83, high=73.7)
    values: dict[str, object] = {
        "model": model, "dataset": dataset, "variant": "v", "samples": 10, "repeats": 1,
        "counts": Counts(asked=10, right=7, wrong=3), "figures": (figure,), **changes,
    }  # fmt: skip
    return TaskResult(**values)  # type: ignore[arg-type]


def shown(tmp_path: Path, *tasks: TaskResult, width: int = 120, **changes: object) -> str:
    values: dict[str, object] = {"name": "s", "run": Path("out/s/1"), "complete": True, **changes}
    results = SuiteResult(tasks=tasks, **values)  # type: ignore[arg-type]
    summary = TableSummarizer().summarize(results, tmp_path, width)
    assert [path.name for path in summary.files] == ["summary.txt"]
    assert summary.text is not None
    assert "\x1b" not in summary.text + (tmp_path / "summary.txt").read_text(encoding="utf-8")
    return summary.text


def test_one_task(tmp_path: Path) -> None:
    text = shown(tmp_path, task())
    assert text.splitlines()[0].split() == ["dataset", "metric", "n", "m"]
    assert "71.3 % [68.8, 73.7]" in text
    assert "10 asked, 0 failed, 0 unparsed" in text
    assert "truncated" not in text


def test_models_are_columns_and_missing_pairs_are_dashes(tmp_path: Path) -> None:
    text = shown(tmp_path, task("a", "one"), task("b", "two", repeats=3))
    head = next(line for line in text.splitlines() if "dataset" in line)
    assert head.index(" a") < head.index(" b")
    assert text.count("—") == 4
    assert "10 x 3" in text


def test_failures_are_told(tmp_path: Path) -> None:
    figure = Figure(
        name="accuracy", value=60, unit="%", n=10, low=50, high=70, bound_low=60, bound_high=80
    )
    counts = Counts(asked=10, right=6, wrong=1, failed=2, unfinished=1)
    text = shown(tmp_path, task(figures=(figure,), counts=counts, faults={"HTTP 500": 2}))
    assert "10 asked, 2 failed, 0 unparsed, 1 unfinished" in " ".join(text.split())
    assert "from 60.0 if all failed requests had been wrong to 80.0 if right" in text
    assert "m / d: 2 failed with HTTP 500" in text


def test_incomplete_runs_say_so(tmp_path: Path) -> None:
    text = shown(tmp_path, task(), complete=False, warnings=("evaluated with x=1",))
    assert "INCOMPLETE" in text
    assert "aisbench run --resume out/s/1" in text
    assert "evaluated with x=1" in text


@pytest.mark.parametrize("width", [20, 60, 100, 400])
def test_numbers_are_never_cut(tmp_path: Path, width: int) -> None:
    models = [f"model-number-{n}" for n in range(8)]
    text = shown(tmp_path, *(task(model) for model in models), width=width)
    assert text.count("71.3 % [68.8, 73.7]") == 8
    whole = " ".join(text.split())
    for model in models:
        assert model in whole
    assert "…" not in text


def test_models_without_figures_do_not_push_the_others_out(tmp_path: Path) -> None:
    """Columns of counts alone may be narrow, and are not when the widest ones are narrowed."""
    counts = Counts(asked=10, failed=10)
    empty = [task(f"m{n}", figures=(), counts=counts) for n in range(6)]
    text = shown(tmp_path, *empty, task("last"), task("without", figures=(), unscored="why"))
    assert "71.3 % [68.8, 73.7]" in text
    assert {"m0", "m5", "last", "without"} <= set(text.split())
    assert max(map(len, text.splitlines())) <= 120


def test_a_table_that_fits_is_no_wider_than_the_terminal(tmp_path: Path) -> None:
    text = shown(tmp_path, task(), width=60)
    assert max(map(len, text.splitlines())) <= 60


@pytest.mark.parametrize("name", ["[bold]x[/bold]", "a|b", "名前", 'q"uote'])
def test_names_are_text_and_no_markup(tmp_path: Path, name: str) -> None:
    assert name in shown(tmp_path, task(name, dataset=name))


def test_no_tasks(tmp_path: Path) -> None:
    assert shown(tmp_path) == "no task has results"


def test_figures_without_an_interval(tmp_path: Path) -> None:
    text = shown(tmp_path, task(figures=(Figure(name="x", value=1.0, unit="", n=1),)))
    assert "[" not in text


def group(name: str, model: str, value: float | None, **changes: object) -> GroupResult:
    figure = None if value is None else Figure(name="accuracy", value=value, unit="%", n=20)
    member = Figure(name="accuracy", value=71.34, unit="%", n=10)
    values: dict[str, object] = {
        "name": name, "title": name.title(), "model": model, "figure": figure,
        "members": (GroupMember(name="d", figure=member), GroupMember(name="e", figure=None)),
        "present": 1, "total": 2, "missing": ("e",), **changes,
    }  # fmt: skip
    return GroupResult(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [120, 30])
def test_groups_follow_with_what_they_are_made_of_and_what_they_lack(
    tmp_path: Path, width: int
) -> None:
    groups = (
        group("hard", "a", 71.34),
        group("hard", "b", 40.0, present=2, missing=()),
        group("section", "a", None),
        group("empty", "a", None, members=(GroupMember(name="x", figure=None),), present=0),
    )
    text = shown(tmp_path, task("a"), task("b"), groups=groups, width=width)
    after = " ".join(text.partition("Hard")[2].split())
    assert "71.3 % (1 of 2)" in after
    assert "40.0 %" in after and "(2 of 2)" not in after
    assert "Section" in after
    assert "Hard of a: 1 of 2; not there: e" in text
    assert text.count("Empty") == 1  # in the notes alone


def test_the_ready_made_groups_are_what_suites_may_name() -> None:
    ready = resources.files("aisbench_plugin_table.ready")
    files = {
        one.name: tomli.loads(one.read_text("utf-8"))
        for one in ready.iterdir()
        if one.name.endswith("toml")
    }
    assert set(files) == {
        "medium.toml",
        "open-llm-leaderboard-1.toml",
        "open-llm-leaderboard-2.toml",
    }
    second = files["open-llm-leaderboard-2.toml"]["groups"]
    assert len(second["open-llm-leaderboard-2"]["members"]) == 6
    floors = {one["of"]: one["floor"] for one in second["leaderboard-2-bbh"]["members"]}
    assert len(floors) == 24
    assert floors["bbh/geometric_shapes"] == pytest.approx(100 / 11)
    assert floors["bbh/object_counting"] == pytest.approx(100 / 19)
    assert (
        len(files["open-llm-leaderboard-1.toml"]["groups"]["open-llm-leaderboard-1"]["members"])
        == 6
    )


def test_a_chinese_reader_gets_chinese_and_the_file_stays_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = Counts(asked=10, right=6, wrong=1, failed=2, unparsed=1)
    one = task(counts=counts, dataset="answers", faults={"HTTP 500": 2})
    plain = shown(tmp_path, one, complete=False)
    monkeypatch.setenv("AISBENCH_LANG", "zh")
    text = shown(tmp_path, one, complete=False)
    assert "问 10, 失败 2, 未能解析 1" in text
    assert "不完整：缺少请求" in text and "aisbench run --resume out/s/1" in text
    assert "2 个失败，原因：HTTP 500" in text
    assert "answers" in text, "the name of a data set is no word"
    assert len(text.splitlines()) == len(plain.splitlines())
    assert "10 asked, 2 failed" in (tmp_path / "summary.txt").read_text(encoding="utf-8")
