"""An imported run's own verdicts beside those of the tool that its answers are from."""

from __future__ import annotations

from collections.abc import Iterator

from aisbench import RunResult
from aisbench.api import Wording
from aisbench_plugin_compare.foreign.cause import CauseReport
from aisbench_plugin_compare.foreign.causes import sort_causes
from aisbench_plugin_compare.foreign.imported import FOLDER
from aisbench_plugin_compare.foreign.reading import read_foreign_run
from aisbench_plugin_compare.sides.own import own_side
from aisbench_plugin_compare.sides.side import SideTask


def verdict_lines(words: Wording, result: RunResult, tool: str) -> list[str]:
    """Both figures of each model, and each differing verdict by its cause."""
    lines = []
    for own, told in _tasks(result):
        report = report_of(own, told)
        lines.append(f"{own.label}:")
        for side, task in (("aisbench", own), (tool, told)):
            figures = ", ".join(_figures(task))
            lines.append(f"  {side}: {figures or words.text('no figures')}")
        if any(one.value is not None for one in told.rows):
            lines += [f"  {line}" for line in report.text()]
        lines += [f"  {note}" for note in told.notes]
    return lines


def _figures(task: SideTask) -> Iterator[str]:
    """Those of the whole data set; shares in %, which other tools tell between 0 and 1."""
    shares = {one.name for one in task.measures if one.is_share}
    for one in task.figures:
        if one.part:
            continue
        if not one.unit and one.measure in shares:
            yield f"{one.name} {100 * one.value:.4g} %"
        else:
            yield f"{one.name} {one.value:.4g} {one.unit}".rstrip()


def report_of(own: SideTask, told: SideTask) -> CauseReport:
    """The causes of verdicts that differ: answers are paired by sample and repeat."""
    places = {(one.id, one.repeat): place for place, one in enumerate(told.rows)}
    pairs = [
        (place, places[one.id, one.repeat])
        for place, one in enumerate(own.rows)
        if (one.id, one.repeat) in places
    ]
    return sort_causes(own, told, pairs)


def _tasks(result: RunResult) -> Iterator[tuple[SideTask, SideTask]]:
    kept = read_foreign_run(result.path / FOLDER)
    told = [one.task() for one in kept.tasks] if kept is not None else []
    yield from zip(own_side(result, "aisbench").tasks, told, strict=True)
