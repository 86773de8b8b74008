"""The package that the tutorial ends with, built and installed for real; tests/docs plays all that
comes before it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pages import blocks

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "tutorial" / "add-a-benchmark.md"
NEEDED = (
    "core", "testkit", "plugins/evaluators/choices", "plugins/evaluators/repeats",
    "plugins/summarizers/table", "plugins/backends/simulator", "plugins/backends/vllm",
)  # fmt: skip
SUITE = """
[servers.sim]
command = [
    "{python}", "-m", "aisbench_plugin_simulator", "--port", "{port}", "--answers", "ROWS",
]
[models.sim]
backend = "vllm-chat"
server = "sim"
[datasets.capitals]
dataset = "continents"
path = "."
[datasets.sums]
dataset = "sums"
"""


def _bin(python: Path) -> dict[str, str]:
    return {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}


def test_the_package(
    tmp_path: Path, built: Callable[..., list[Path]], new_installation: Callable[..., Any]
) -> None:
    there = new_installation(*built(ROOT / one for one in NEEDED), "flit_core")
    found = list(blocks(PAGE.read_text(encoding="utf-8")))
    packed = [at for at, one in enumerate(found) if "pyproject.toml" in one.notes.get("file", "")]
    said = {}
    for at, block in enumerate(found):
        if name := block.notes.get("file"):
            assert f"`{name}`" in block.before
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
            continue
        for line in block.text.splitlines() if at > packed[0] else ():
            words = shlex.split(line)
            if words[0] == "pip":
                there.install(
                    "--no-build-isolation", "--no-deps", *words[2:-1], tmp_path / words[-1]
                )
            elif words[1] != "run":
                said[" ".join(words[1:3])] = _done(words, tmp_path, there.python)
    assert "0-shot-chat (chat, 0 shots)" in said["datasets show"]
    assert "not ok" not in said["plugins check"]
    # Not in the folder of the page, where the files of the same names are.
    (tmp_path / "elsewhere").mkdir()
    suite = SUITE.replace("ROWS", str(tmp_path / "capitals.toml"))
    (tmp_path / "elsewhere" / "suite.toml").write_text(suite, encoding="utf-8")
    shutil.copy(tmp_path / "capitals.jsonl", tmp_path / "elsewhere")
    shown = _done(["aisbench", "run", "suite.toml"], tmp_path / "elsewhere", there.python)
    assert "100.0 %" in next(line for line in shown.splitlines() if "accuracy" in line)
    assert "  East" in shown
    assert "20 asked, 0 failed" in shown


def _done(words: list[str], folder: Path, python: Path) -> str:
    done = subprocess.run(
        words, cwd=folder, env=_bin(python), capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_it_is_as_short_as_it_should_be() -> None:
    """The first data set is ten lines of TOML, a coded one with its evaluator 60 of Python."""
    lengths = {
        block.notes["file"]: len([line for line in block.text.splitlines() if line.strip()])
        for block in blocks(PAGE.read_text(encoding="utf-8"))
        if "file" in block.notes
    }
    assert lengths["capitals.toml"] <= 10
    assert lengths["sums.py"] < 60
