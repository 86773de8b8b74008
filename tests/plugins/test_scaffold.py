"""What `aisbench plugins new` writes: from an empty folder to a figure, from wheels."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from scaffolds import Scaffolds, make_scaffolds

from aisbench.base.errors import PluginError
from aisbench.cli import main
from aisbench.scaffold.kinds import KINDS
from aisbench.scaffold.write import write_file, write_package

ROOT = Path(__file__).resolve().parents[2]
NAME = "night-watch"


def _ruff(folder: Path) -> None:
    config = ["--config", str(ROOT / "pyproject.toml")]
    for words in (["check", "--ignore", "I001"], ["format", "--check", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words, *config, str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.returncode, done.stdout + done.stderr


def test_every_kind_is_tidy(tmp_path: Path) -> None:
    for kind in KINDS:
        write_package(kind, f"{NAME}-{kind}", tmp_path)
        write_file(kind, f"{NAME}-{kind}", tmp_path / "files")
    texts = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(texts) > 12 * len(KINDS)
    for path in texts:
        assert not re.search(r"@[A-Za-z_]+@", path.read_text(encoding="utf-8")), path
    _ruff(tmp_path)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("Night Watch", "'night-watch'"),
        ("night_watch", "'night-watch'"),
        ("9lives", "lower-case words"),
        ("../evil", "'evil'"),
        ("", "lower-case words"),
    ],
)
def test_names_that_cannot_be(name: str, advice: str, tmp_path: Path) -> None:
    with pytest.raises(PluginError) as error:
        write_package("evaluator", name, tmp_path)
    assert advice in str(error.value)
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    made = write_package("evaluator", NAME, tmp_path)
    (file,) = write_file("evaluator", NAME, tmp_path)
    file.write_text("mine", encoding="utf-8")
    for write in (write_package, write_file):
        with pytest.raises(PluginError, match="exists"):
            write("evaluator", NAME, tmp_path)
    assert file.read_text(encoding="utf-8") == "mine"
    assert made.is_dir()


def test_a_name_with_the_prefix_of_plugins(tmp_path: Path) -> None:
    folder = write_package("reducer", "aisbench-plugin-tidy", tmp_path)
    assert folder.name == "aisbench-plugin-tidy"


def test_one_file_holds_offer_and_code(tmp_path: Path) -> None:
    (file,) = write_file("evaluator", NAME, tmp_path)
    names = {
        node.name
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef))
    }
    assert {"aisbench_evaluators", "NightWatchEvaluator"} <= names


def test_the_command_says_what_to_do_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plugins", "new", "declared", NAME, "--file", "--into", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert f"wrote {tmp_path / (NAME + '.toml')}" in out
    assert f"--dataset {tmp_path / (NAME + '.toml')}" in out


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("", id="this-python", marks=pytest.mark.not_quick),
        pytest.param("3.10", marks=pytest.mark.slow),
        pytest.param("3.13", marks=pytest.mark.slow),
    ],
)
def scaffolds(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scaffolds]:
    """A package of every kind, installed from its wheel into an environment of its own."""
    yield make_scaffolds(tmp_path_factory.mktemp("scaffolds"), request.param)


def test_wheel_and_sdist_hold_what_they_must(scaffolds: Scaffolds) -> None:
    for kind, sdist in scaffolds.sdists.items():
        with tarfile.open(sdist) as archive:
            names = {name.partition("/")[2] for name in archive.getnames()}
        assert {"pyproject.toml", "README.md", "LICENSE", "example/suite.toml"} <= names, kind
        assert any(name.startswith("tests/test_") for name in names), kind


def test_their_own_tests_pass(scaffolds: Scaffolds) -> None:
    folders = [str(folder / "tests") for folder in scaffolds.folders.values()]
    words = ["-m", "pytest", "-q", "--import-mode=importlib", "-p", "no:cacheprovider", *folders]
    done = scaffolds.call(scaffolds.root, *words)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "passed" in done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_the_kit_finds_nothing(scaffolds: Scaffolds, kind: str) -> None:
    folder = f"./{scaffolds.folders[kind].name}"
    done = scaffolds.aisbench(scaffolds.root, "plugins", "check", folder, "--strict")
    assert done.returncode == 0, done.stdout + done.stderr


FIGURES = {
    "load-shape": "Request Throughput",
    "reducer": "new-reducer",
    "summarizer": "sim/gsm8k-demo accuracy: 100.00 % (n = 28)",
    "tuner": "best (*): seqs = 4",
    "device-sampler": "Mean Power",
}
"""What else a kind's example shows than an accuracy."""


@pytest.mark.parametrize("kind", KINDS)
def test_its_example_ends_in_a_figure(scaffolds: Scaffolds, kind: str) -> None:
    folder = scaffolds.folders[kind] / "example"
    done = scaffolds.aisbench(folder, "run", "suite.toml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert FIGURES.get(kind, "accuracy") in done.stdout, done.stdout
    if kind == "command":
        (run,) = (folder / "outputs").glob("*/*")
        done = scaffolds.aisbench(folder, "new-command", str(run))
        assert "sim/gsm8k-demo accuracy 100 %\n" in done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_one_file_passes_the_kit(scaffolds: Scaffolds, kind: str, tmp_path: Path) -> None:
    words = ["plugins", "new", kind, f"lone-{kind}", "--file", "--into", str(tmp_path)]
    done = scaffolds.aisbench(tmp_path, *words)
    file = done.stdout.split("\n")[0].removeprefix("wrote ")
    done = scaffolds.aisbench(tmp_path, "plugins", "check", os.path.relpath(file, tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
