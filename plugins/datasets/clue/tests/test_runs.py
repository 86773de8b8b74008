"""Whole runs on given answers, and spans as CMRC compares them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aisbench_plugin_clue.spans import bare, span_f1
from aisbench_testkit.answered import run_answered

DATA = Path(__file__).parent


@pytest.mark.parametrize(
    ("name", "settings", "answers", "figures"),
    [
        ("fewclue-bustm", {"path": "data/bustm"}, ["答：A"], {("", "accuracy"): 50.0}),
        ("fewclue-chid", {"path": "data/chid"}, ["答：A"], {("", "accuracy"): 100.0}),
        ("fewclue-cluewsc", {"path": "data/cluewsc"}, ["答：A"], {("", "accuracy"): 100.0}),
        ("fewclue-csl", {"path": "data/csl"}, ["答：A"], {("", "accuracy"): 50.0}),
        ("fewclue-eprstmt", {"path": "data/eprstmt"}, ["答：A"], {("", "accuracy"): 100.0}),
        (
            "fewclue-tnews",
            {"path": "data/tnews"},
            ["E. 体育类别新闻", "故事", "股票市场类别新闻"],
            {("", "accuracy"): 66.66666666666667},
        ),
        ("ocnli", {"path": "data/ocnli"}, ["B. 矛盾"], {("", "accuracy"): 66.66666666666667}),
        ("cmnli", {"path": "data/cmnli"}, ["无关", "A"], {("", "accuracy"): 33.333333333333336}),
        ("afqmc", {"path": "data/afqmc"}, ["A"], {("", "accuracy"): 50.0}),
        ("c3", {"path": "data/c3"}, ["B"], {("", "accuracy"): 100.0}),
        (
            "cmrc",
            {"path": "data/cmrc"},
            ["答案是：城门。", "答案是中午睡觉"],
            {("", "exact match"): 50.0, ("", "f1"): 83.33333333333333},
        ),
    ],
)
def test_a_run(
    name: str,
    settings: dict[str, Any],
    answers: list[str],
    figures: dict[tuple[str, str], float],
    tmp_path: Path,
) -> None:
    """The given answers are to the first rows; all others are answered with their reference."""
    path = str(DATA / settings["path"])
    result = run_answered(tmp_path, name, settings | {"path": path}, answers)
    found = {(one.part, one.name): one.value for one in result.scores[0].figures}
    for key, value in figures.items():
        assert found[key] == pytest.approx(value), found


@pytest.mark.parametrize(
    ("text", "wanted", "f1", "exact"),
    [
        ("老城门", "老城门", 1.0, True),
        ("老城门。", "老城门", 1.0, True),
        ("“老城门”", "老城门", 1.0, True),
        ("城门", "老城门", 0.8, False),
        ("在老城门", "老城门", 6 / 7, False),
        ("老的城门", "老城门", 4 / 7, False),
        ("海边", "老城门", 0.0, False),
        ("光荣和ω-force", "光荣和ω-force", 1.0, True),
        ("光荣和 OMEGA", "光荣和omega", 1.0, False),
        ("1995年", "1995年", 1.0, True),
        ("1995", "1995年", 2 / 3, False),
        ("3.5米", "3.5 米", 1.0, False),
        ("Red Fox", "red fox", 1.0, True),
        ("red", "red fox", 2 / 3, False),
        ("。", "老城门", 0.0, False),
    ],
)
def test_spans_as_cmrc_compares_them(text: str, wanted: str, f1: float, exact: bool) -> None:
    assert span_f1(text, wanted) == pytest.approx(f1)
    assert (bare(text) == bare(wanted)) is exact
