"""What many data sets cost: a hundred installed declared ones, and the 57 subjects of MMLU.

python benchmarks/many_sets.py [--runs 5]

A hundred distributions are made, each with a declaration as long as MMLU's; `aisbench --help` and
`aisbench plugins list` run without them, with them, and with their manifests, beside Python doing
nothing. Then MMLU, as many rows as it has, made up in its official layout: a suite of it is
validated by the command, and planned and loaded within one process. Where the installed aisbench
writes no manifests (0.1.0), those lines are left out.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

SETS = 100
ROWS = 14_042
SUITE = """\
[suite]
name = "many"
seed = 1

[models.m]
backend = "vllm-chat"
url = "http://127.0.0.1:9"

[datasets.mmlu]
dataset = "mmlu"
path = "mmlu"
"""
INSIDE = """\
import json, time
from pathlib import Path
from aisbench.config.planner import make_plan
from aisbench.config.source import read_source
from aisbench.plugins.discovery import discover
begun = time.perf_counter()
catalog = discover()
found = time.perf_counter()
plan = make_plan(read_source(Path("suite.toml"), []), catalog)
planned = time.perf_counter()
rows = sum(1 for _ in plan.tasks[0].dataset.dataset.samples())
loaded = time.perf_counter()
print(json.dumps([found - begun, planned - found, loaded - planned, rows]))
"""


def declaration() -> str:
    """MMLU's own, as installed."""
    spec = importlib.util.find_spec("aisbench_plugin_mmlu")
    assert spec is not None and spec.origin is not None
    return (Path(spec.origin).parent / "mmlu.toml").read_text(encoding="utf-8")


def install_sets(site: Path, text: str) -> list[str]:
    """A hundred distributions as an installer leaves them; returns their names."""
    names = []
    for number in range(SETS):
        package = f"many_set_{number:03}"
        (site / package).mkdir(parents=True)
        (site / package / "__init__.py").write_text("", encoding="utf-8")
        (site / package / f"many-{number:03}.toml").write_text(text, encoding="utf-8")
        info = site / f"{package}-1.0.dist-info"
        info.mkdir()
        name = package.replace("_", "-")
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        (info / "METADATA").write_text(metadata, encoding="utf-8")
        points = f"[aisbench.declared]\n{name} = {package}\n"
        (info / "entry_points.txt").write_text(points, encoding="utf-8")
        names.append(name)
    return names


def write_mmlu(folder: Path, text: str) -> None:
    """Rows of MMLU's number and length, in its layout."""
    draw = random.Random(1)
    parts = text.partition("parts = [")[2].partition("]")[0]
    subjects = [one.strip(' ",\n') for one in parts.split(",")]
    subjects = [one for one in subjects if one]
    words = ["of", "which", "a", "the", "value", "energy", "state", "answer", "following", "law"]
    for split, rows in (("dev", 5), ("val", 27), ("test", ROWS // len(subjects))):
        (folder / split).mkdir(parents=True)
        for subject in subjects:
            with (folder / split / f"{subject}_{split}.csv").open("w", encoding="utf-8") as file:
                writer = csv.writer(file)
                for number in range(rows):
                    question = f"{number}: {' '.join(draw.choices(words, k=50))}?"
                    options = [" ".join(draw.choices(words, k=8)) + str(n) for n in range(4)]
                    writer.writerow([question, *options, draw.choice("ABCD")])


def spend(words: list[str], folder: Path, env: Mapping[str, str]) -> tuple[float, str]:
    """Seconds of one process, and its output."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, **env},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return time.perf_counter() - begun, done.stdout


def write_manifests(names: list[str], folder: Path, env: Mapping[str, str]) -> bool:
    """Whether this aisbench writes manifests; if so, they are there now."""
    for name in names:
        command = [sys.executable, "-m", "aisbench", "plugins", "manifest", name]
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **env}, capture_output=True, check=False
        )
        if done.returncode:
            return False
    return True


def show(name: str, seconds: list[float], bare: list[float]) -> None:
    """The median, and how many starts of the interpreter that is."""
    ratio = statistics.median(one / start for one, start in zip(seconds, bare, strict=True))
    print(f"{name:<44} {statistics.median(seconds):.3f} s, {ratio:.1f} interpreter starts")


def starts(runs: int, folder: Path, text: str) -> None:
    """Starts of the program without and with a hundred sets more."""
    plain, with_manifests = folder / "plain", folder / "manifests"
    install_sets(plain, text)
    names = install_sets(with_manifests, text)
    sites = {"": {}, ", 100 sets more": {"PYTHONPATH": str(plain)}}
    if write_manifests(names, folder, {"PYTHONPATH": str(with_manifests)}):
        sites[", 100 sets more with manifests"] = {"PYTHONPATH": str(with_manifests)}
    taken: dict[str, list[float]] = {}
    bare: list[float] = []
    for turn in range(runs + 1):
        start, _ = spend(["-c", "pass"], folder, {})
        for label, env in sites.items():
            for words in (["--help"], ["plugins", "list"]):
                seconds, _ = spend(["-m", "aisbench", *words], folder, env)
                if turn:  # the first one fills caches
                    taken.setdefault(f"aisbench {' '.join(words)}{label}", []).append(seconds)
        if turn:
            bare.append(start)
    print(f"{'python -c pass':<44} {statistics.median(bare):.3f} s")
    for name, seconds in taken.items():
        show(name, seconds, bare)


def subjects(runs: int, folder: Path, text: str) -> None:
    """MMLU validated, planned and loaded."""
    import json

    write_mmlu(folder / "mmlu", text)
    (folder / "suite.toml").write_text(SUITE, encoding="utf-8")
    validated, inside = [], []
    for _ in range(runs):
        validated.append(spend(["-m", "aisbench", "validate", "suite.toml"], folder, {})[0])
        inside.append(json.loads(spend(["-c", INSIDE], folder, {})[1]))
    rows = inside[0][3]
    print(f"{f'aisbench validate, MMLU, {rows} rows':<44} {statistics.median(validated):.3f} s")
    for place, name in enumerate(("plugins found", "suite planned", f"{rows} rows loaded")):
        print(f"{f'  {name}':<44} {statistics.median(one[place] for one in inside):.3f} s")


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    # A user's Python keeps its byte code.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    text = declaration()
    with tempfile.TemporaryDirectory() as folder:
        starts(runs, Path(folder), text)
        subjects(runs, Path(folder), text)


if __name__ == "__main__":
    main()
