"""Whole runs on given answers, and answers of the set's kind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import aisbench
from aisbench.api import Answer, Sample, Verdict
from aisbench_plugin_code.io_tests import StdinTests
from aisbench_plugin_code.settings import StdinTestsSettings
from aisbench_testkit.answered import run_answered

DATA = Path(__file__).parent / "data"
RUNS = {"evaluation": {"run_code": True}}
pytestmark = pytest.mark.not_quick


def figures(
    folder: Path, name: str, settings: dict[str, Any], answers: list[str], **keys: Any
) -> dict[tuple[str, str], float]:
    """By part and name."""
    settings = {"path": str(DATA), **settings}
    result = run_answered(folder, name, settings, answers, **RUNS, **keys)
    return {(one.part, one.name): one.value for one in result.scores[0].figures}


def fenced(code: str) -> str:
    return f"```python\n{code}\n```"


SUM = fenced("import sys\nprint(sum(map(int, sys.stdin)))")
LOOP = fenced(
    "n = 0\nwhile True:\n    try:\n        n += int(input())\n"
    "    except EOFError:\n        break\nprint(n)"
)
MAIN = fenced(
    "def main():\n    print(sum(map(int, stdin.read().split())))\n"
    "if __name__ == '__main__':\n    main()"
)
DOUBLES = fenced(
    "class Solution:\n    def doubles(self, nums: List[int]) -> List[int]:\n"
    "        return [2 * n for n in nums]"
)


def test_by_version_difficulty_platform_and_date(tmp_path: Path) -> None:
    """Of v1 both are right, of v6 the one is wrong."""
    answers = [SUM, DOUBLES, fenced("print(int(input()) // 2)")]
    found = figures(tmp_path, "livecodebench", {"parts": ["v1", "v6"]}, answers)
    wanted = {
        "": 200 / 3, "v1": 100.0, "v6": 0.0, "difficulty easy": 100.0, "difficulty hard": 0.0,
        "platform leetcode": 100.0, "platform codeforces": 0.0,
        "contests 2023-08 to 2024-04": 100.0, "contests since 2025-02": 0.0,
    }  # fmt: skip
    for part, value in wanted.items():
        assert found[(part, "pass@1")] == pytest.approx(value), part


def test_a_version_alone_reads_its_file_alone(tmp_path: Path) -> None:
    (tmp_path / "test6.jsonl").write_text((DATA / "test6.jsonl").read_text())
    settings = {"path": str(tmp_path), "parts": ["v6"]}
    found = figures(tmp_path, "livecodebench", settings, [fenced("print(int(input()) / 2)")])
    assert found[("v6", "pass@1")] == 100.0


def test_a_run_has_the_hidden_tests_itself(tmp_path: Path) -> None:
    """Evaluated elsewhere, without the data: as before, and not at all where a test was lost or
    changed."""
    data, moved = tmp_path / "data", tmp_path / "moved"
    shutil.copytree(DATA, data)
    settings = {"path": str(data), "parts": ["v1", "v6"]}
    answers = [SUM, DOUBLES, fenced("print(int(input()) // 2)")]
    result = run_answered(tmp_path, "livecodebench", settings, answers, **RUNS)
    shutil.rmtree(data)
    result.path.rename(moved)
    again = aisbench.evaluate(moved)
    assert again.scores[0].figures == result.scores[0].figures
    assert again.scores[0].counts.right == 2

    rows = [
        json.loads(line) for line in (moved / "samples" / "set.jsonl").read_text().splitlines()
    ]
    assert [list(row["fields"]["private_test_cases"]["!text"]) for row in rows] == [["sha256"]] * 3
    (text, *_) = (moved / "texts").iterdir()
    text.write_bytes(text.read_bytes()[:-1])
    with pytest.raises(aisbench.DamageError, match=f"texts/{text.name}: is damaged"):
        aisbench.evaluate(moved)
    text.unlink()
    with pytest.raises(aisbench.DamageError, match=f"texts/{text.name}: cannot be read"):
        aisbench.evaluate(moved)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (SUM, "right"), (f"It is simple.\n{SUM}\nDone.", "right"),
        (SUM.replace("python", ""), "right"),
        (SUM.replace("python", "Python"), "right"), (f"{fenced('print(1)')}\nNo:\n{SUM}", "right"),
        (LOOP, "right"),
        (MAIN, "right"),
        (fenced("import sys\nsys.stdout.write(str(sum(map(int, sys.stdin))))"), "right"),
        (fenced("import sys\nprint(float(sum(map(int, sys.stdin))))"), "right"),
        (fenced("import os\nprint(sum(map(int, os.read(0, 99).split())))\nexit()"), "right"),
        (f"{SUM}\n{fenced('print(1)')}", "wrong"), (fenced("print('3')"), "wrong"),
        (fenced("import sys\nprint('Sum:', sum(map(int, sys.stdin)))"), "wrong"),
        ("import sys\nprint(sum(map(int, sys.stdin)))", "unparsed"), ("", "unparsed"),
    ],
)  # fmt: skip
def test_answers_of_programs(answer: str, verdict: str) -> None:
    tests = [{"input": "1\n2\n", "output": "3\n"}, {"input": "5", "output": "5\n"}]
    evaluator = StdinTests(StdinTestsSettings(run_code=True))
    sample = Sample(id="s", fields={"public_test_cases": tests})
    score = evaluator.score(sample, Answer.of(answer))
    assert score.verdict is Verdict(verdict), score.reason
