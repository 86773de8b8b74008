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
from task_files import CHAT, TASKS, write_tasks

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
}


def both(tmp_path: Path, way: str, tasks: list[str], rows: int) -> dict[str, Any]:
    folder = write_tasks(tmp_path / "tasks", rows)
    done = subprocess.run(
        [sys.executable, str(HERE / "both_programs.py"), str(folder), way, ",".join(tasks)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
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


@pytest.mark.timeout(300)
@pytest.mark.parametrize("way", [pytest.param("completions", marks=pytest.mark.slow), "chat"])
def test_every_number_of_every_kind_of_task(way: str, tmp_path: Path) -> None:
    told = both(tmp_path, way, ASKED[way], 16)
    assert differing(told) == []
    assert len(told["theirs"]) == len(told["ours"]) > len(ASKED[way])
    assert told["our requests"] == told["their requests"]
    if way == "completions":
        _check_groups(told)
    _check_elsewhere(told, tmp_path)


def _check_groups(told: dict[str, Any]) -> None:
    for key, tasks in (("g_inner|acc,none", 2), ("g_outer|acc,none", 4)):
        value, _, n, low, high = told["ours"][key]
        assert 0 <= low < value < high <= 1
        assert n == 16 * tasks


def _check_elsewhere(told: dict[str, Any], tmp_path: Path) -> None:
    """A run is evaluated where its data are not."""
    for split in ("train", "test"):
        (tmp_path / "tasks" / f"{split}.jsonl").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "aisbench", "evaluate", told["run"]],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "HF_DATASETS_CACHE": str(tmp_path / "nothing")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = Path(told["run"], "results").rglob("d.json")
    again = json.loads(file.read_bytes())["figures"]
    values = {f"{one.get('part') or ''}|{one['name']}": one["value"] for one in again}
    assert values == {key: numbers[0] for key, numbers in told["ours"].items()}
