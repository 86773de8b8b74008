"""Who may import what: read from the source, and seen in a fresh interpreter."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import aisbench
import aisbench.answers
import aisbench.api
import aisbench.codec
import aisbench.data
import aisbench.literals
import aisbench.sandbox
import aisbench.tracking
from aisbench_testkit.checks.imports import check_source, imported

ROOT = Path(__file__).resolve().parents[2]
CORE = sorted((ROOT / "core" / "src").rglob("*.py"))
PACKAGES = sorted(
    folder
    for folder in ROOT.glob("plugins/*/*/src/aisbench_plugin_*")
    if (folder / "__init__.py").is_file()
)
HEAVY = {"numpy", "aiohttp", "torch", "transformers", "vllm", "rich", "uvloop", "cattrs", "orjson"}


def test_core_names_no_plugin() -> None:
    for file in CORE:
        text = file.read_text(encoding="utf-8")
        assert "aisbench_plugin_" not in text, file
        for line, module in imported(ast.parse(text)):
            assert not module.startswith("aisbench_testkit") or file.parts[-2:] == (
                "plugins",
                "check.py",
            ), f"{file}:{line}"


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.name)
def test_plugins_import_the_api_alone(folder: Path) -> None:
    problems = []
    for file in sorted(folder.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        problems += check_source(text, str(file.relative_to(ROOT)), folder.name)
    assert not problems


@pytest.mark.parametrize(
    "statement", ["import aisbench", "import aisbench.api", "import aisbench.cli"]
)
def test_core_starts_light(statement: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{statement}\nimport json, sys\nprint(json.dumps([*sys.modules]))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    tops = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert not tops & HEAVY


def test_listing_plugins_stays_light() -> None:
    code = (
        "import contextlib, io, json, sys\n"
        "from aisbench.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        "    assert main(['plugins', 'list']) == 0\n"
        "print(json.dumps([*sys.modules]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    tops = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert not tops & {"numpy", "aiohttp", "torch", "transformers", "vllm", "rich", "uvloop"}


@pytest.mark.parametrize(
    "module",
    [
        aisbench,
        aisbench.answers,
        aisbench.api,
        aisbench.codec,
        aisbench.data,
        aisbench.literals,
        aisbench.sandbox,
        aisbench.tracking,
    ],
)
def test_the_api_is_widened_on_purpose(module: ModuleType) -> None:
    """After a deliberate change, write the new names into the file: the diff is the notice."""
    file = Path(__file__).parent / f"{module.__name__.rpartition('.')[2]}.txt"
    written = file.read_text(encoding="utf-8").split()
    assert sorted(module.__all__) == written
    for name in written:
        assert getattr(module, name) is not None
