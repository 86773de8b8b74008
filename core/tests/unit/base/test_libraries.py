"""Core without numpy and pyarrow: what is missing, and what brings it, is said at once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from unit_fakes import catalog, source_of

from aisbench.base.errors import AisbenchError, ConfigError, DataError
from aisbench.base.libraries import INSTALL_LOADS, missing
from aisbench.cli.calibrate import main as calibrate
from aisbench.config.planner import make_plan
from aisbench.data.parquet import read_parquet

SUITE = """
[suite]
mode = "{mode}"

[models.m1]
backend = "chatty"
url = "http://127.0.0.1:8000"

[datasets.d1]
dataset = "sums"
path = "sums.jsonl"
"""


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if neither were installed."""
    for name in ("numpy", "pyarrow"):
        monkeypatch.setitem(sys.modules, name, None)


def test_nothing_is_imported_to_find_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tabnanny", raising=False)
    assert missing(("tabnanny", "no_such_library")) == ["no_such_library"]
    assert "tabnanny" not in sys.modules


@pytest.mark.parametrize("mode", ["performance", "both"])
def test_a_load_is_a_problem_of_the_suite(bare: None, mode: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_plan(source_of(SUITE.format(mode=mode)), catalog())
    said = f'suite.mode: "{mode}" needs numpy and pyarrow, which are not installed'
    (problem,) = (one for one in caught.value.problems if "numpy" in one)
    assert problem.startswith(f"suite.toml:3: {said}")
    assert INSTALL_LOADS in problem


def test_only_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigError, match="needs pyarrow, which is not installed"):
        make_plan(source_of(SUITE.format(mode="performance")), catalog())


def test_scores_need_neither(bare: None) -> None:
    assert make_plan(source_of(SUITE.format(mode="accuracy")), catalog()).tasks


def test_calibrate(bare: None) -> None:
    with pytest.raises(AisbenchError, match="calibrate needs numpy and pyarrow") as caught:
        calibrate([])
    assert caught.value.hint == INSTALL_LOADS


def test_a_parquet_file(bare: None, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"rows\.parquet: .* pyarrow, which is not") as caught:
        read_parquet(tmp_path / "rows.parquet", "", ())
    assert caught.value.hint == "pip install pyarrow"
