"""`aisbench plugins check`: each fault is found by the check that is there for it, in the words
that say so; what could not be checked is no success."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aisbench.cli.plugins import main
from aisbench_testkit.checking import (
    CheckReport,
    CheckResult,
    CheckStatus,
    CheckTable,
    CheckTableError,
)
from aisbench_testkit.checking.printing import report_lines
from aisbench_testkit.checking.tables import parse_given, read_tables, with_given
from aisbench_testkit.checking.targets import target_of

KIT = Path(__file__).resolve().parents[2] / "benchmarks" / "kit"

SOME = {
    "rows in the order of a set", "the date in a field", "a file that files() does not name",
    "a file held open", "os._exit", "the answer field in the question", "no reference in any row",
    "it takes a chat for a text", "a place that names nothing", "it claims tools and sends none",
    "it claims usage and reads none", "right answers below wrong ones", "it ends the process",
    "the judge is not shown the answer", "an endless import", "os._exit at import",
    "a signal handler at import", "--help raises", "a list of words", "a stale manifest",
    "CancelledError is swallowed", "its connections stay open",
    "a setting never reaches the server",
}  # fmt: skip
"""One of each kind of check; `python benchmarks/kit` tries all."""


@pytest.fixture
def kit() -> Iterator[Any]:
    """The benchmark's own modules."""
    sys.path.insert(0, str(KIT))
    try:
        yield importlib.import_module("trials")
    finally:
        sys.path.remove(str(KIT))


@pytest.mark.not_quick
@pytest.mark.timeout(300)
def test_each_fault_is_found_by_its_check_and_a_healthy_plugin_has_none(kit: Any) -> None:
    faults = [one for one in kit.FAULTS if one.what in SOME]
    assert {one.what for one in faults} == SOME
    trials, alarms, _ = kit.tried(faults, seconds=6.0)
    assert [f"{one.fault.what}: {one.beside}" for one in trials if not one.found] == []
    assert alarms == []


def _result(check: str, status: CheckStatus, *problems: str, **more: Any) -> CheckResult:
    return CheckResult(
        dist="d", offer="dataset x", check=check, status=status, problems=problems, **more
    )


def test_one_cause_is_said_once_and_what_is_missing_with_what_to_give() -> None:
    failed, missing = CheckStatus.FAILED, CheckStatus.NOT_CHECKED
    report = CheckReport(
        (
            _result("rows", CheckStatus.PASSED),
            _result("prompts", failed, "render() of 'a' raises KeyError: 'q' (at x.py:3)"),
            _result(
                "few-shot examples",
                failed,
                "render() of 'b' raises KeyError: 'q' (at x.py:3)",
                "render() of 'c' raises KeyError: 'q' (at x.py:3)",
            ),
            _result("files", missing, reason="needs data", give="--set x.path=FOLDER"),
            _result("ids", missing, reason="needs data", give="--set x.path=FOLDER"),
        )
    )
    assert list(report_lines(report)) == [
        "ok: dataset x: rows",
        "not checked: dataset x: files, ids: needs data",
        "  give: --set x.path=FOLDER",
        "not ok: dataset x: prompts: render() of 'a' raises KeyError: 'q' (at x.py:3)",
        "  and 2 more that differ in names and numbers alone",
        "  the same in: dataset x: few-shot examples",
        "1 passed, 2 failed (1 cause), 2 not checked",
    ]
    assert not report.well()
    unchecked = CheckReport((_result("ids", missing, reason="needs data"),))
    assert unchecked.well()
    assert not unchecked.well(strict=True)


def test_tables_are_read_beside_the_plugin_and_told_apart_by_kind(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.aisbench.check.x]\nsettings = { path = "data" }\n'
        '[tool.aisbench.check."reducer/x"]\nrepeats = 3\n'
    )
    tables = read_tables(tmp_path)
    assert tables.of("dataset", "x").settings == {"path": "data"}
    assert tables.of("reducer", "x").repeats == 3
    assert tables.of("reducer", "y") == CheckTable()
    (tmp_path / "check.toml").write_text("[x]\nsetings = {}\n")
    with pytest.raises(CheckTableError, match=r"check\.toml: x\.setings"):
        read_tables(tmp_path)


def test_settings_of_the_command_line_reach_the_offers_that_they_name() -> None:
    given = [parse_given("x.deep.n=3"), parse_given("word=two words"), parse_given("path=data")]
    x = with_given(CheckTable(), given, ("x", "dataset/x"), ("word",))
    assert x.settings == {"deep": {"n": 3}, "word": "two words"}
    y = with_given(CheckTable(), given, ("y",), ("path",))
    assert y.settings == {"path": str(Path("data").absolute())}
    with pytest.raises(CheckTableError, match="KEY=VALUE"):
        parse_given("path")


def test_what_is_no_plugin_is_said(tmp_path: Path) -> None:
    with pytest.raises(CheckTableError, match="no distribution 'aisbench-plugin-of-nobody'"):
        target_of("aisbench-plugin-of-nobody")
    with pytest.raises(CheckTableError, match=r"no pyproject\.toml"):
        target_of(f"{tmp_path}/")


def test_a_set_without_its_data_is_not_checked_and_strict_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AISBENCH_DATA", str(tmp_path))
    (tmp_path / "none.toml").write_text("")
    words = ["check", "aisbench-plugin-gsm8k", "--config", str(tmp_path / "none.toml")]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "not checked: dataset gsm8k: rows, references, prompts" in said
    assert "give: --set gsm8k.path=FOLDER" in said
    assert main([*words, "--set", "pth=x"]) == 2
    assert "'pth' is a setting of nothing that is checked" in capsys.readouterr().out
    assert main([*words, "--strict", "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["counts"]["failed"] == 0
    assert found["counts"]["not checked"] == 7


SET = """
summary = "Colours."
[files]
test = "FILE"
[columns]
answer = "answer"
[variants.chat]
template = "chat"
prompt.user = "{question}"
"""


@pytest.mark.not_quick
def test_the_rows_beside_a_set_that_is_one_file_are_damaged_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = '{"question": "Which colour has the sky?", "answer": "blue"}\n'
    (tmp_path / "rows.jsonl").write_text(row)
    (tmp_path / "colours.toml").write_text(SET.replace("FILE", "rows.jsonl"))
    assert main(["check", str(tmp_path / "colours.toml")]) == 0
    assert "ok: dataset colours: damaged files" in capsys.readouterr().out
