"""Whole runs on given answers: in six languages, and with base and plus inputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from aisbench.api import DataError
from aisbench_plugin_code.toolchains import find_toolchain
from aisbench_testkit.answered import run_answered

DATA = Path(__file__).parent / "data"
pytestmark = pytest.mark.not_quick


def test_two_languages(tmp_path: Path) -> None:
    """Right in Python, wrong in JavaScript."""
    if isinstance(missing := find_toolchain("js"), str):
        pytest.skip(f"no {missing}")
    settings = {"path": str(DATA / "x"), "parts": ["python", "js"]}
    result = run_answered(
        tmp_path,
        "humaneval-x",
        settings,
        ["    return sum(numbers)\n", "```js\nconst addUp = (numbers) => 3\n```"],
        evaluation={"run_code": True},
    )
    found = {one.part: one.value for one in result.scores[0].figures}
    assert (found["python"], found["js"]) == (100.0, 0.0)


def test_a_language_that_cannot_be_run_is_told_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aisbench_plugin_code.programs.find_toolchain", lambda language: "rustc")
    settings = {"path": str(DATA / "x"), "parts": ["rust"]}
    with pytest.raises(DataError, match="rust cannot be run on this machine: there is no rustc"):
        run_answered(tmp_path, "humaneval-x", settings, ["x"], evaluation={"run_code": True})
    assert not list(tmp_path.glob("outputs/**/predictions/**/*.jsonl"))


def test_base_and_plus(tmp_path: Path) -> None:
    """The second is right on its base input alone."""
    answers = [
        "    return sorted(numbers)[-3]\n",
        "    return 'HO!'\n",
        "    return None if n % 2 else n // 2\n",
    ]
    result = run_answered(
        tmp_path,
        "humaneval-plus-inputs",
        {"path": str(DATA / "inputs")},
        answers,
        evaluation={"run_code": True},
    )
    found = {one.name: one.value for one in result.scores[0].figures}
    assert found["pass@1"] == pytest.approx(200 / 3)
    assert found["base"] == pytest.approx(100.0)
