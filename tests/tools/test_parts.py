"""The parts of `dev.py test`, and the table of what was not run, as pytest shows them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from live import ROOT

from tools.not_run import NotRun

TESTS = """
import pytest

def test_fine(): pass
def test_skipped(): pytest.skip("no bwrap is here\\nand more words")
@pytest.mark.alone
def test_alone(): assert BROKEN != "alone"
@pytest.mark.not_quick
def test_not_quick(): assert BROKEN != "not_quick"
@pytest.mark.slow
@pytest.mark.alone
def test_slow(): raise AssertionError
"""
SETTINGS = """
[pytest]
addopts = -m "not slow"
markers =
    alone: bound to time
    not_quick: takes seconds
    slow: minutes long
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text(SETTINGS)
    (tmp_path / "test_module.py").write_text(
        'import pytest\npytest.importorskip("nosuch_module")\n'
    )
    return tmp_path


def part(folder: Path, name: str, *words: str, broken: str = "") -> tuple[int, str]:
    (folder / "test_one.py").write_text(f"BROKEN = {broken!r}\n{TESTS}")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tools.parts", "-p", "no:cacheprovider",
         "--part", name, "-q", *words],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.parametrize("workers", [(), ("-n", "2", "--dist", "loadfile")], ids=["one", "two"])
def test_what_was_not_run_is_told(folder: Path, workers: tuple[str, ...]) -> None:
    code, said = part(folder, "quick", *workers)
    assert code == 0, said
    table = said[said.index("not run") :].splitlines()
    rows = [" ".join(line.split()) for line in table]
    assert "1 skipped no bwrap is here" in rows
    assert "1 skipped could not import 'nosuch_module': No module named 'nosuch_module'" in rows
    assert "1 left out alone: bound to time" in rows
    assert "1 left out not_quick: takes seconds" in rows
    assert "1 left out slow: minutes long" in rows
    assert "1 passed" in said


@pytest.mark.parametrize("workers", [(), ("-n", "2", "--dist", "loadfile")], ids=["one", "two"])
def test_the_parts_together_are_all_tests(folder: Path, workers: tuple[str, ...]) -> None:
    notes = folder / "notes.json"
    code, said = part(folder, "together", f"--not-run={notes}", *workers)
    assert code == 0, said
    assert "2 passed" in said
    assert "skipped no bwrap" not in said, "the table comes after all parts"
    assert NotRun.read(notes).alone == ["test_one.py"]
    code, said = part(folder, "alone", f"--not-run={notes}", *NotRun.read(notes).alone)
    assert code == 0, said
    assert "1 passed" in said
    found = NotRun.read(notes)
    assert found.left_out == {"slow: minutes long": 1}, "no test is told twice"
    assert found.skipped["no bwrap is here"] == 1


@pytest.mark.parametrize(
    ("broken", "together", "alone"), [("alone", 0, 1), ("not_quick", 1, 0), ("", 0, 0)]
)
def test_each_part_fails_for_its_own(folder: Path, broken: str, together: int, alone: int) -> None:
    assert part(folder, "together", broken=broken)[0] == together
    assert part(folder, "alone", "test_one.py", broken=broken)[0] == alone
