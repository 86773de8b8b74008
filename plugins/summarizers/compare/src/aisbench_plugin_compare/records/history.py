"""A suite's figures over all of its runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

from aisbench import RunResult, load_run
from aisbench.api import AisbenchError, Wording
from aisbench_plugin_compare.records.changes import FEWEST, change_points
from aisbench_plugin_compare.showing.numbers import value
from aisbench_plugin_compare.showing.page import Block, Grid, Heading, Lines
from aisbench_plugin_compare.sides.reading import is_run

_STATISTICS = ("mean", "p99")
_LATENCIES = ("ttft", "tpot", "e2el")
_THROUGHPUTS = ("request_throughput", "output_token_throughput", "goodput")
_BARS = "▁▂▃▄▅▆▇█"


@frozen(kw_only=True)
class PastFigure:
    """A figure of one run; ``low`` and ``high`` are its 95 % interval."""

    run: str
    started: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None


def past_figures(
    run: Path, wanted: Sequence[str] = ()
) -> tuple[dict[str, list[PastFigure]], list[str]]:
    """By name, of all runs beside ``run`` that are of its suite, the oldest first; and what is
    wrong with runs that were left out. ``wanted`` are names, or ends of names; none: the first
    figure of every data set, and the main ones of loads.

    Raises AisbenchError where none of that name is there.
    """
    suite = load_run(run, verify=False).name
    found: dict[str, list[PastFigure]] = {}
    left_out: list[str] = []
    others: dict[str, None] = {}
    for folder in sorted(run.absolute().parent.iterdir()):
        if not is_run(folder):
            continue
        try:
            result = load_run(folder, verify=False)
        except AisbenchError as error:
            left_out.append(str(error))
            continue
        if result.name != suite:
            continue
        sessions = result.sessions
        started = sessions[0].started if sessions else ""
        for name, main, one in _figures(result):
            others[name] = None
            if _chosen(name, wanted, main=main):
                past = PastFigure(
                    run=folder.name,
                    started=started,
                    value=one[0],
                    unit=one[1],
                    low=one[2],
                    high=one[3],
                )
                found.setdefault(name, []).append(past)
    if not found:
        raise AisbenchError(
            f"{run.parent}: no run of the suite {suite!r} has "
            + (f"a figure {', '.join(wanted)}" if wanted else "any figure"),
            hint=f"there are: {', '.join(others)}" if others else "evaluate the runs first",
        )
    return found, left_out


def _chosen(name: str, wanted: Sequence[str], *, main: bool) -> bool:
    if not wanted:
        return main
    return any(name == one or name.endswith((f".{one}", f"/{one}")) for one in wanted)


def _figures(
    result: RunResult,
) -> Iterator[tuple[str, bool, tuple[float, str, float | None, float | None]]]:
    """Name, whether it is a main one, and value, unit and interval."""
    for task in result.scores:
        label = "/".join(filter(None, (task.model, task.dataset, task.load)))
        for place, one in enumerate(task.figures):
            part = f"/{one.part}" if one.part else ""
            yield f"{label}{part}.{one.name}", place == 0, (one.value, one.unit, one.low, one.high)
    for load in result.loads:
        label = "/".join(filter(None, (load.model, load.dataset, load.load)))
        for population in load.populations[:1]:
            for one in population.figures:
                main = one.name in _THROUGHPUTS
                yield f"{label}.{one.name}", main, (one.value, one.unit, one.low, one.high)
            for each in population.statistics:
                values = {"mean": each.mean, **each.percentiles}
                for name, number in values.items():
                    main = each.name in _LATENCIES and name in _STATISTICS
                    yield f"{label}.{each.name}.{name}", main, (number, each.unit, None, None)


def history(found: dict[str, list[PastFigure]], words: Wording) -> list[Block]:
    """The page of a suite's past."""
    blocks: list[Block] = []
    for name, past in found.items():
        blocks.append(Heading(f"{name}  {_sparkline([one.value for one in past])}"))
        points = change_points([one.value for one in past])
        changed = {point.place for point in points}
        blocks.append(
            Grid(
                head=(words.text("run"), words.text("started"), words.text("value"), ""),
                rows=[
                    (
                        one.run,
                        one.started,
                        _with_interval(one),
                        words.text("changed here") if place in changed else "",
                    )
                    for place, one in enumerate(past)
                ],
                right=frozenset({2}),
            )
        )
        lines = [
            words.text(
                "changed with {run}: {before} before ({n} runs), {after} from there ({m} runs), "
                "p {p}",
                run=past[one.place].run,
                before=value(one.before, past[0].unit),
                after=value(one.after, past[0].unit),
                n=one.place - one.begin,
                m=one.end - one.place,
                p=f"{one.p:.3f}",
            )
            for one in points
        ]
        if not lines:
            lines = [
                words.text("no change that {n} runs could show", n=len(past))
                if len(past) >= FEWEST
                else words.text(
                    "{n} runs are too few to tell a change from chance: it takes {fewest}",
                    n=len(past),
                    fewest=FEWEST,
                )
            ]
        blocks.append(Lines(lines))
    return blocks


def _with_interval(one: PastFigure) -> str:
    text = value(one.value, one.unit)
    if one.low is not None and one.high is not None:
        text += f" [{value(one.low, '')}, {value(one.high, '')}]"
    return text


def _sparkline(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    if high <= low:
        return _BARS[3] * len(values)
    steps = len(_BARS) - 1
    return "".join(_BARS[round((one - low) / (high - low) * steps)] for one in values)
