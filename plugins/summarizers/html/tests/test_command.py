"""`aisbench report --html` and `--images`, `aisbench.summarize`, and how a run ends."""

from __future__ import annotations

from pathlib import Path

import pytest

import aisbench
from aisbench.cli import main


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(list(words))
    out, err = capsys.readouterr()
    return code, out, err


def test_the_suites_own_page_is_told_and_made_once(
    made: aisbench.RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    page = made.path / "summary" / "report.html"
    page.unlink()
    code, out, _ = said(capsys, "report", str(made.path), "--html")
    assert code == 0 and page.is_file()
    assert out.count(f"report: {page}") == 1


@pytest.mark.not_quick
def test_page_and_charts_go_where_they_are_asked_for(
    made: aisbench.RunResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, charts = tmp_path / "a" / "page.html", tmp_path / "charts"
    code, out, _ = said(
        capsys, "report", str(made.path), "--html", str(page), "--images", str(charts)
    )
    assert code == 0
    assert out.splitlines()[-2:] == [f"report: {page}", f"charts: {charts}"]
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert {one.suffix for one in charts.iterdir()} == {".svg", ".png"}
    assert (charts / "figures-0.svg").is_file()
    assert {one.name for one in page.parent.iterdir()} == {"page.html"}


def test_where_the_plugin_is_missing_it_is_named(
    made: aisbench.RunResult, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run = aisbench.run(
        {
            "suite": {"name": "plain", "output": str(tmp_path)},
            "models": {
                "m": {"backend": "answers", "file": str(made.path.parents[2] / "answers.jsonl"),
                      "model": "small"}
            },
            "datasets": {
                "sums": {"dataset": "custom", "evaluator": "numeric", "limit": 1,
                         "path": str(made.path.parents[2] / "sums.jsonl")}
            },
        },
        disable_plugins=["aisbench-plugin-html"],
    )  # fmt: skip
    assert not (run.path / "summary" / "report.html").exists()
    code, _, err = said(
        capsys, "report", str(run.path), "--html", "--disable-plugin", "aisbench-plugin-html"
    )
    assert code == 2
    assert "no installed plugin offers the summarizer 'html'" in err
    assert "pip install aisbench-plugin-html" in err
    code, out, _ = said(capsys, "report", str(run.path))
    assert code == 0
    assert f"report: {run.path / 'summary' / 'report.html'}" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--html", "."], "--html .: is a folder, where a file is needed"),
        (["--images", __file__], "is a file, where a folder is needed"),
        (["--html", "--as", "vllm"], "--as vllm: is printed by that tool's own formulas"),
    ],
)
def test_what_cannot_be(
    made: aisbench.RunResult, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    code, _, err = said(capsys, "report", str(made.path), *words)
    assert code == 2
    assert told in err


def test_any_summarizer_in_any_folder(made: aisbench.RunResult, tmp_path: Path) -> None:
    before = {one: one.read_bytes() for one in made.path.rglob("*") if one.is_file()}
    table = aisbench.summarize(made.path, "table", tmp_path / "new" / "folder")
    assert table.text is not None and "accuracy" in table.text
    assert [one.name for one in table.files] == ["summary.txt"]
    files = aisbench.summarize(made, "files", tmp_path, {"formats": ["json"]}).files
    summary = (made.path / "summary" / "summary.json").read_text("utf-8")
    assert files[0].read_text("utf-8") == summary
    assert before == {one: one.read_bytes() for one in made.path.rglob("*") if one.is_file()}


def test_summarizers_and_settings_that_are_not_there(
    made: aisbench.RunResult, tmp_path: Path
) -> None:
    with pytest.raises(aisbench.PluginError, match=r"no installed plugin offers.*'htlm'"):
        aisbench.summarize(made, "htlm", tmp_path)
    with pytest.raises(aisbench.ConfigError, match="html: langauge: is not a key"):
        aisbench.summarize(made, "html", tmp_path, {"langauge": "zh"})
    with pytest.raises(aisbench.ConfigError, match="html: language"):
        aisbench.summarize(made, "html", tmp_path, {"language": "fr"})
    with pytest.raises(aisbench.ConfigError, match="table: width: table has no settings"):
        aisbench.summarize(made, "table", tmp_path, {"width": 3})
    (tmp_path / "file").write_text("")
    with pytest.raises(aisbench.StoreError, match="cannot be written"):
        aisbench.summarize(made, "html", tmp_path / "file")
