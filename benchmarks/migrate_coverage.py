"""What of AISBench's configs `aisbench migrate` makes a suite of.

    python benchmarks/migrate_coverage.py [CHECKOUT]

Every config file of a checkout of AISBench/benchmark (models, data sets, summarizers, examples) is
migrated, and the suite checked as `aisbench validate` checks it before it reads data. Without a
checkout, the names are those of the tables. Printed: how many become suites, how many have a
stated reason, and how many have neither, which is the figure to keep at 0.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import aisbench
from aisbench_plugin_migrate.ais.command import from_command
from aisbench_plugin_migrate.ais.presets import configs
from aisbench_plugin_migrate.draft import Draft
from aisbench_plugin_migrate.inputs import of_configs
from aisbench_plugin_migrate.mend import mended
from aisbench_plugin_migrate.options import Options
from aisbench_plugin_migrate.tables.reading import table

CONFIGS = "ais_bench/benchmark/configs"


def verdict(draft: Draft) -> str:
    """suite, reason, or what is wrong."""
    if not draft.names("models") or not draft.names("datasets"):
        return "reason" if draft.left else "neither"
    problems = [one for one in mended(draft) if "does not exist" not in one.message]  # files
    if problems:
        return f"neither: {problems[0].path} {problems[0].message}"
    return "suite"


def dataset(name: str) -> str:
    """The verdict on a data set config, asked of a chat model or else of one that completes."""
    found = "neither"
    for model in ("vllm_api_general_chat", "vllm_api_general"):
        words = ["--models", model, "--datasets", name]
        found = verdict(from_command("ais_bench", words, "", Options()))
        if found == "suite":
            break
    return found


def file(path: Path, root: Path) -> str:
    """The verdict on a file that is read."""
    try:
        return verdict(of_configs([path], Options(roots=(root,))))
    except aisbench.AisbenchError as error:
        return f"reason: {error.message}" if "no config" in error.message else f"neither: {error}"


def stems(folder: Path) -> Iterator[str]:
    """Names of the configs in a folder."""
    yield from sorted(path.stem for path in folder.rglob("*.py") if path.stem != "__init__")


def by_name(root: Path | None) -> dict[str, Counter[str]]:
    """Verdicts on names of data sets and models."""
    if root is None:
        sets = sorted(one.name for one in configs().values())
        models = sorted(table("aisbench-models")["configs"])
    else:
        sets = list(stems(root / CONFIGS / "datasets"))
        models = list(stems(root / CONFIGS / "models"))
    return {
        "data set configs, by name": Counter(told(name, dataset(name)) for name in sets),
        "model configs, by name": Counter(
            told(name, verdict(from_command("ais_bench", ["--models", name], "", Options())))
            for name in models
        ),
    }


def told(name: str, found: str) -> str:
    """The verdict's first word; what is wrong is printed."""
    if found.startswith("neither"):
        print(f"  {name}: {found}")
    return found.partition(":")[0]


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    began = time.perf_counter()
    counts = by_name(root)
    if root is not None:
        for kind in ("datasets", "models", "summarizers"):
            paths = sorted((root / CONFIGS / kind).rglob("*.py"))
            counts[f"{kind}, read from their files"] = Counter(
                told(path.name, file(path, root)) for path in paths if path.stem != "__init__"
            )
        paths = sorted((root / "ais_bench/configs").rglob("*.py"))
        counts["examples, read from their files"] = Counter(
            told(path.name, file(path, root)) for path in paths
        )
    for what, count in counts.items():
        parts = ", ".join(f"{count[one]} {one}" for one in ("suite", "reason", "neither"))
        print(f"{what}: {sum(count.values())} in all: {parts}")
    print(f"{time.perf_counter() - began:.1f} s")
    return 1 if any(count["neither"] for count in counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
