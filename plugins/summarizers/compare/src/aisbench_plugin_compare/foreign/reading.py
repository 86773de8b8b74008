"""Which tool wrote a file or folder, and the side that it makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import field, frozen

from aisbench.api import AisbenchError, DataError
from aisbench_plugin_compare.foreign import (
    aiperf,
    aisbench_load,
    evalscope,
    guidellm,
    imported,
    lm_eval,
    opencompass,
    vllm_bench,
)
from aisbench_plugin_compare.foreign.answers import ForeignTask
from aisbench_plugin_compare.foreign.files import files_below
from aisbench_plugin_compare.foreign.sniffing import LOOKED_FOR, SniffedFile, sniff
from aisbench_plugin_compare.sides.side import ComparedSide, Load

_TASKS: dict[str, Callable[[Sequence[SniffedFile]], list[ForeignTask]]] = {
    "lm-eval": lm_eval.read,
    "evalscope": evalscope.read,
    "AISBench": opencompass.read,
    "OpenCompass": opencompass.read,
    "imported": imported.read,
}
_LOADS: dict[str, Callable[[Sequence[SniffedFile]], list[Load]]] = {
    "AISBench": aisbench_load.read,
    "vllm bench": vllm_bench.read,
    "guidellm": guidellm.read,
    "aiperf": aiperf.read,
}


@frozen(kw_only=True)
class ForeignRun:
    """What a tool left behind, before it is made a side."""

    tool: str
    source: Path
    tasks: Sequence[ForeignTask] = field(factory=tuple)
    loads: Sequence[Load] = field(factory=tuple)


def read_foreign(path: Path, label: str) -> ComparedSide | None:
    """The side that the results of another tool make, or None where no reader knows them.

    Raises AisbenchError for results of a known tool that are damaged, and for several runs.
    """
    run = read_foreign_run(path)
    if run is None:
        return None
    return ComparedSide(
        label=label,
        source=str(path),
        tool=run.tool,
        tasks=[one.task() for one in run.tasks],
        loads=list(run.loads),
        facts={"versions": {"tool": run.tool}},
    )


def read_foreign_run(path: Path) -> ForeignRun | None:
    """The same as answers, for who scores them again. Raises AisbenchError."""
    files = _sniffed(path)
    tools = list(dict.fromkeys(one.kind.tool for one in files if one.kind is not None))
    if not tools:
        return None
    if len(tools) > 1:
        raise DataError(
            f"{path}: holds results of several tools: {', '.join(tools)}",
            hint="name the folder of one of them",
        )
    (tool,) = tools
    _check_damage(files)
    known = [one for one in files if one.kind is not None]
    tasks = _TASKS[tool](known) if tool in _TASKS else []
    loads = _LOADS[tool](known) if tool in _LOADS else []
    _check_one_run(path, tasks, loads)
    if tool == "imported":
        tool, _ = imported.source_of(known[0].path.parent)
    return ForeignRun(tool=tool, source=path, tasks=tuple(tasks), loads=tuple(loads))


def unknown_kind(path: Path) -> AisbenchError:
    """Why a path is nothing that can be compared, with all that was looked for."""
    if not path.exists():
        return DataError(f"{path}: there is no such file or folder")
    looked = "\n  ".join(LOOKED_FOR)
    files = _sniffed(path)
    pickled = next((one.path for one in files if one.pickled), None)
    damaged = next((one.damage for one in files if one.damage is not None), None)
    what = "is neither a run of aisbench nor the results of a tool that is known"
    if pickled is not None:
        what += f"; {pickled.name} is a pickle, which can run code and is not read"
    elif damaged is not None:
        what += f"; {damaged.message}"
    elif path.is_dir() and not files:
        what += ": there is no file in it"
    return DataError(f"{path}: {what}", hint=f"looked for a run folder, and for\n  {looked}")


def _sniffed(path: Path) -> list[SniffedFile]:
    if path.is_dir():
        return [sniff(one) for one in files_below(path)]
    if not path.exists():
        return []
    one = sniff(path)
    if path.suffix in (".json", ".jsonl") and one.kind is not None:
        return [one, *_companions(one)]
    return [one]


def _companions(one: SniffedFile) -> list[SniffedFile]:
    """Files that belong to one that was named: aiperf's requests beside its figures, lm-eval's
    results beside its samples, AISBench's failures beside its answers, evalscope's report."""
    assert one.kind is not None
    beside = _BESIDE.get(one.kind.tool)
    others = [] if beside is None else beside(one.path, one.kind.holds)
    found = [sniff(path) for path in others if path != one.path and path.is_file()]
    tool = one.kind.tool
    return [other for other in found if other.kind is not None and other.kind.tool == tool]


def _beside_evalscope(path: Path, holds: str) -> list[Path]:
    above = path.absolute().parents
    if len(above) < 3:
        return []
    run, model = above[2], path.parent.name
    reports = sorted((run / "reports" / model).glob("*.json"))
    found = [report for report in reports if path.stem.startswith(report.stem)]
    return [*found, run / "predictions" / model / path.name] if holds == "reviews" else found


def _beside_aisbench(path: Path, holds: str) -> list[Path]:
    stem = path.stem.removesuffix("_failed").removesuffix("_details")
    names = (f"{stem}_failed.jsonl", f"{stem}.jsonl", f"{stem}_details.jsonl", f"{stem}.json")
    return [path.with_name(name) for name in names]


def _beside_aiperf(path: Path, holds: str) -> list[Path]:
    return sorted(path.parent.glob("profile_export*"))


def _beside_lm_eval(path: Path, holds: str) -> list[Path]:
    return sorted(path.parent.glob("results_*.json")) if holds == "samples" else []


_BESIDE: dict[str, Callable[[Path, str], list[Path]]] = {
    "evalscope": _beside_evalscope,
    "AISBench": _beside_aisbench,
    "aiperf": _beside_aiperf,
    "lm-eval": _beside_lm_eval,
}
"""Where files lie that belong to a named one, by tool."""


def _check_damage(files: Sequence[SniffedFile]) -> None:
    """Raises the error of a damaged file: what is known stands beside it, and would be shown as a
    smaller result."""
    for one in files:
        if one.damage is not None:
            raise one.damage


def _check_one_run(path: Path, tasks: Sequence[ForeignTask], loads: Sequence[Load]) -> None:
    """Raises DataError where one model was asked one data set twice."""
    counted = Counter((one.model, one.dataset) for one in tasks)
    for (model, dataset), count in counted.items():
        if count > 1:
            raise DataError(
                f"{path}: holds {count} results of {model} on {dataset}",
                hint="name the folder (or the file) of one run",
            )
    if not tasks and not loads:
        raise DataError(f"{path}: holds no answers and no requests")
