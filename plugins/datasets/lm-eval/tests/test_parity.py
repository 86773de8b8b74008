"""The numbers of `lm_eval` itself, asked of the same server, to the last digit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from task_files import CHAT, SHORT, TASKS, write_tasks

HERE = Path(__file__).parent / "support"
MISSING = [one for one in ("lm_eval", "requests", "tenacity") if find_spec(one) is None]
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        bool(MISSING), reason=f"{MISSING} not installed: python3 dev.py install --test"
    ),
]
MEMBERS = {"t_choices", "t_inputs", "t_last_word", "t_exact"}
ASKED = {
    "completions": ["g_outer", *(name for name in TASKS if name not in MEMBERS)],
    "chat": list(CHAT),
    "short": list(SHORT),
}
SOME = {
    "completions": ["t_described", "t_exact", "t_mutual", "t_rolling"],
    "chat": ["t_several"],
    "short": ["t_last_word", "t_rolling"],
}
"""A task of each kind of request."""


def both(tmp_path: Path, ways: dict[str, list[str]], rows: int) -> dict[str, Any]:
    folder = write_tasks(tmp_path / "tasks", rows)
    asked = [f"{way}={','.join(tasks)}" for way, tasks in ways.items()]
    done = subprocess.run(
        [sys.executable, str(HERE / "both_programs.py"), str(folder), *asked],
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def differing(told: dict[str, Any]) -> list[str]:
    """What lm-eval says, and we do not."""
    found = []
    for key, (value, stderr) in told["theirs"].items():
        _, _, name = key.partition("|")
        ours = told["ours"].get(key) or told["ours"].get(f"|{name}")
        if ours is None or ours[0] != value or (stderr != "N/A" and ours[1] != stderr):
            found.append(f"{key}: {value} {stderr}, ours {ours}")
    return found


def _check_same(told: dict[str, Any], asked: list[str]) -> None:
    assert differing(told) == []
    assert len(told["theirs"]) == len(told["ours"]) >= len(asked)
    assert told["our requests"] == told["their requests"]


@pytest.mark.timeout(120)
def test_every_kind_of_request_gives_the_same_numbers(tmp_path: Path) -> None:
    told = both(tmp_path, SOME, 4)
    for way, tasks in SOME.items():
        _check_same(told[way], tasks)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_number_of_every_kind_of_task(tmp_path: Path) -> None:
    told = both(tmp_path, ASKED, 16)
    for way, tasks in ASKED.items():
        _check_same(told[way], tasks)
    _check_groups(told["completions"])
    _check_elsewhere(told, tmp_path)


def _check_groups(told: dict[str, Any]) -> None:
    for key, tasks in (("g_inner|acc,none", 2), ("g_outer|acc,none", 4)):
        value, _, n, low, high = told["ours"][key]
        assert 0 <= low < value < high <= 1
        assert n == 16 * tasks


def _check_elsewhere(told: dict[str, Any], tmp_path: Path) -> None:
    """Runs are evaluated where their data are not."""
    for split in ("train", "test"):
        (tmp_path / "tasks" / f"{split}.jsonl").unlink()
    for one in told.values():
        done = subprocess.run(
            [sys.executable, "-m", "aisbench", "evaluate", one["run"]],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**os.environ, "HF_DATASETS_CACHE": str(tmp_path / "nothing")},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        (file,) = Path(one["run"], "results").rglob("d.json")
        again = json.loads(file.read_bytes())["figures"]
        values = {f"{it.get('part') or ''}|{it['name']}": it["value"] for it in again}
        assert values == {key: numbers[0] for key, numbers in one["ours"].items()}
