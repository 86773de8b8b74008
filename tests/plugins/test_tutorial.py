"""The tutorial as it is written: its files are made, its commands run."""

from __future__ import annotations

import os
import shlex
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


def _bin(python: Path) -> dict[str, str]:
    return {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}


def test_the_tutorial(
    tmp_path: Path, built: Callable[..., list[Path]], new_installation: Callable[..., Any]
) -> None:
    there = new_installation(*built(ROOT / one for one in NEEDED), "flit_core")
    said = []
    for block in blocks(PAGE.read_text(encoding="utf-8")):
        if name := block.notes.get("file"):
            assert f"`{name}`" in block.before
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
            continue
        for line in block.text.splitlines():
            words = shlex.split(line)
            if words[0] == "pip":
                there.install(
                    "--no-build-isolation", "--no-deps", *words[2:-1], tmp_path / words[-1]
                )
                continue
            done = subprocess.run(
                words, cwd=tmp_path, env=_bin(there.python), capture_output=True, text=True,
                timeout=120,
            )  # fmt: skip
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
            said.append(done.stdout)
    shown, checked, declared, checked_code, coded = said
    assert "0-shot-chat (chat, 0 shots)" in shown
    assert "not ok" not in checked + checked_code
    accuracy = next(line for line in declared.splitlines() if "accuracy" in line)
    assert "66.7 %" in accuracy
    assert "  East" in declared and "100.0 %" in declared
    assert "50 asked, 0 failed" in coded


def test_it_is_as_short_as_it_should_be() -> None:
    """A declared data set takes less than 30 lines of TOML, a coded one less than 60 of Python."""
    lengths = {
        block.notes["file"]: len([line for line in block.text.splitlines() if line.strip()])
        for block in blocks(PAGE.read_text(encoding="utf-8"))
        if "file" in block.notes
    }
    assert lengths["capitals/src/aisbench_plugin_capitals/capitals.toml"] < 30
    code = [name for name in lengths if name.startswith("sums/src/") and name.endswith(".py")]
    assert sum(lengths[name] for name in code) < 60
