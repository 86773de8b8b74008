"""Sides from what stands on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs

from aisbench import find_runs, load_run
from aisbench.api import AisbenchError
from aisbench_plugin_compare.foreign.reading import read_foreign, unknown_kind
from aisbench_plugin_compare.sides.own import own_side
from aisbench_plugin_compare.sides.repeated import together
from aisbench_plugin_compare.sides.side import ComparedSide, Load, SideTask


def read_side(text: str) -> ComparedSide:
    """The side that a word of the command line names: ``RUN``, ``RUN:MODEL``, several of them
    with commas between, which are repeats of one another; or results of another tool.

    Raises AisbenchError.
    """
    if _split(text)[0].exists() or "," not in text:
        return _one(text)
    return together([_one(part) for part in text.split(",") if part], text)


def _one(text: str) -> ComparedSide:
    path, model = _split(text)
    if not path.exists():
        raise AisbenchError(
            f"{text}: there is no such file or folder",
            hint="name the folder of a run, as the last line of `aisbench run` shows it, "
            "RUN:MODEL for one model of it, or results of another tool",
        )
    if not is_run(path):
        _refuse_many(path)
        side = read_foreign(path, text)
        if side is None:
            raise unknown_kind(path)
        return _of_model(side, model)
    side = own_side(load_run(path), text, [model] if model else ())
    if not model or side.tasks or side.loads:
        return _checked(side)
    names = sorted({*load_run(path).suite.get("models", {})})
    raise AisbenchError(
        f"{path}: has no model {model!r} with results", hint=f"it has: {', '.join(names)}"
    )


def is_run(path: Path) -> bool:
    """Whether a folder is a run of aisbench, if a damaged one."""
    return (path / "suite.toml").is_file() and any(
        (path / name).is_file() for name in ("environment.json", "seals.json", "log.jsonl")
    )


def _refuse_many(path: Path) -> None:
    """Raises AisbenchError for a folder that runs lie in."""
    runs = list(find_runs(path)) if path.is_dir() else []
    if runs and runs != [path]:
        raise AisbenchError(
            f"{path}: is a folder that {len(runs)} runs lie in, and no run",
            hint=f"name one of them; the newest is {runs[0]}",
        )


def _split(text: str) -> tuple[Path, str]:
    path = Path(text)
    if path.exists() or ":" not in text:
        return path, ""
    folder, _, model = text.rpartition(":")
    return (Path(folder), model) if Path(folder).exists() else (path, "")


def _of_model(side: ComparedSide, model: str) -> ComparedSide:
    if not model:
        return side
    tasks = [one for one in side.tasks if one.model == model]
    loads = [one for one in side.loads if one.model == model]
    if not tasks and not loads:
        names = sorted({one.model for one in _all(side)})
        raise AisbenchError(
            f"{side.source}: has no model {model!r}", hint=f"it has: {', '.join(names)}"
        )
    return attrs.evolve(side, tasks=tasks, loads=loads)


def _checked(side: ComparedSide) -> ComparedSide:
    if side.tasks or side.loads:
        return side
    raise AisbenchError(
        f"{side.source}: the run has neither scores nor measured loads",
        hint=f"aisbench evaluate {side.source} scores its answers; "
        f"aisbench run --resume {side.source} continues it",
    )


def apart(side: ComparedSide) -> list[ComparedSide]:
    """A side with several models as one side for each of them, in their order."""
    names = dict.fromkeys(one.model for one in _all(side))
    return [
        attrs.evolve(
            side,
            label=name,
            tasks=[one for one in side.tasks if one.model == name],
            loads=[one for one in side.loads if one.model == name],
            groups=[one for one in side.groups if one.part == name],
        )
        for name in names
    ]


def shortened(sides: Sequence[ComparedSide]) -> list[ComparedSide]:
    """The same with labels that tell them apart and say the most: names of their models, else of
    their tools, of the folders of their suites, of their outputs, of the runs; else as they were
    written."""
    for labels in (
        [_only_model(one) for one in sides],
        [one.tool for one in sides],
        [_folder(one.label, -2) for one in sides],
        [_folder(one.label, -3) for one in sides],
        [_folder(one.label, -1) for one in sides],
    ):
        if all(labels) and len(set(labels)) == len(labels):
            return [
                attrs.evolve(one, label=label) for one, label in zip(sides, labels, strict=True)
            ]
    return list(sides)


def _all(side: ComparedSide) -> list[SideTask | Load]:
    return [*side.tasks, *side.loads]


def _only_model(side: ComparedSide) -> str:
    names = {one.model for one in _all(side)}
    return names.pop() if len(names) == 1 else ""


def _folder(text: str, place: int) -> str:
    parts = Path(text.split(",")[0] if not Path(text).exists() else text).absolute().parts
    return parts[place] if len(parts) > 3 else ""
