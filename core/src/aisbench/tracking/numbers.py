"""Figures as named numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import attrs
from attrs import frozen

from aisbench.types.figure import Figure
from aisbench.types.groups import GroupResult
from aisbench.types.performance import PerformanceResult, Statistics
from aisbench.types.results import TaskResult
from aisbench.types.run_progress import RunProgress

INTERVAL = ("low", "high", "bound_low", "bound_high")
OVER_LOADS = ("p50", "p99")
"""The percentiles that are also shown over all loads of a run."""


@frozen(kw_only=True)
class TrackedNumber:
    """A number with its name and unit. ``step`` places it in a series of that name; None: it is
    of the run as a whole."""

    name: str
    value: float
    unit: str = ""
    step: int | None = None


def plain_name(*parts: str) -> str:
    """The parts that are not empty, with slashes between them; characters that services refuse
    become underscores."""
    cleaned = ("".join(c if c.isalnum() or c in "-._" else "_" for c in one) for one in parts)
    words = ("_".join(filter(None, one.split("_"))) for one in cleaned)
    return "/".join(filter(None, (one.replace("_.", ".") for one in words)))


def numbers_of_task(result: TaskResult) -> tuple[TrackedNumber, ...]:
    """``MODEL/DATASET/FIGURE`` in its unit, with ``.low`` and ``.high`` of its 95 % interval and
    ``.n``; a part stands before the figure, a load behind the data set. ``count/OUTCOME`` are
    answers, ``tokens/NAME`` sums."""
    place = (result.model, result.dataset, result.load)
    found: list[TrackedNumber] = []
    for figure in result.figures:
        found += _figure(figure, (*place, figure.part, figure.name))
    for name, count in attrs.asdict(result.counts).items():
        found.append(_number((*place, "count", name), count, "answers"))
    if result.odd is not None:
        found.append(_number((*place, "count", "odd"), result.odd, "answers"))
    for name, total in result.tokens.items():
        if total is not None:
            found.append(_number((*place, "tokens", name), total, "tokens"))
    return _known(found)


def numbers_of_group(result: GroupResult) -> tuple[TrackedNumber, ...]:
    """``MODEL/GROUP/FIGURE``, as of a task; nothing of a group without a figure."""
    if result.figure is None:
        return ()
    place = (result.model, result.name, result.load, result.figure.name)
    return _known(_figure(result.figure, place))


def numbers_of_load(result: PerformanceResult, number: int) -> tuple[TrackedNumber, ...]:
    """``MODEL/DATASET/LOAD/METRIC`` of the whole load, and of quantities ``METRIC/p99`` and its
    like; beside them ``MODEL/DATASET/loads/METRIC`` as a series over the loads of a run, at the
    step ``number``: a sweep as a curve."""
    place = (result.model, result.dataset, result.load)
    series = (result.model, result.dataset, "loads")
    found: list[TrackedNumber] = []
    for part in result.populations[:1]:
        for figure in part.figures:
            found += _figure(figure, (*place, figure.name))
            found.append(_number((*series, figure.name), figure.value, figure.unit, number))
        for one in part.statistics:
            found += _spread(one, place)
            found += [
                _number((*series, f"{one.name}_{name}"), one.percentiles[name], one.unit, number)
                for name in OVER_LOADS
                if name in one.percentiles
            ]
    for name, count in attrs.asdict(result.counts).items():
        found.append(_number((*place, "count", name), count, "requests"))
    found.append(_number((*place, "client_kept_up"), int(result.health.kept_up), ""))
    return _known(found)


def numbers_of_progress(found: Sequence[RunProgress], step: int) -> tuple[TrackedNumber, ...]:
    """``progress/TASK/done`` and its like, at the step ``step``: seconds since the run began."""
    made: list[TrackedNumber] = []
    for one in found:
        place = ("progress", *one.label.split(" / "))
        values = {
            "done": (one.done, ""),
            "failed": (one.failed, ""),
            "in_flight": (one.in_flight, ""),
            "accuracy": (one.accuracy, ""),
            "requests_per_second": (one.requests_per_second, "requests/s"),
            "tokens_per_second": (one.tokens_per_second, "tokens/s"),
            "ttft_p50": (None if one.ttft_ms is None else one.ttft_ms[0], "ms"),
            "ttft_p99": (None if one.ttft_ms is None else one.ttft_ms[1], "ms"),
        }
        made += [
            _number((*place, name), value, unit, step)
            for name, (value, unit) in values.items()
            if value is not None
        ]
    return _known(made)


def _spread(one: Statistics, place: tuple[str, ...]) -> Iterator[TrackedNumber]:
    values = {"mean": one.mean, "min": one.min, "max": one.max, "stddev": one.stddev}
    for name, value in {**values, **one.percentiles}.items():
        yield _number((*place, one.name, name), value, one.unit)
    for name, end in (("mean.low", one.low), ("mean.high", one.high)):
        if end is not None:
            yield _number((*place, one.name, name), end, one.unit)


def _figure(figure: Figure, place: tuple[str, ...]) -> list[TrackedNumber]:
    made = [_number(place, figure.value, figure.unit)]
    *before, name = place
    for end in INTERVAL:
        value: float | None = getattr(figure, end)
        if value is not None:
            made.append(_number((*before, f"{name}.{end}"), value, figure.unit))
    made.append(_number((*before, f"{name}.n"), figure.n, ""))
    return made


def _number(
    place: Sequence[str], value: float, unit: str, step: int | None = None
) -> TrackedNumber:
    return TrackedNumber(name=plain_name(*place), value=float(value), unit=unit, step=step)


def _known(found: Sequence[TrackedNumber]) -> tuple[TrackedNumber, ...]:
    """Those that are numbers, each name once: of two that became the same the first."""
    by_name: dict[str, TrackedNumber] = {}
    for one in found:
        if math.isfinite(one.value):
            by_name.setdefault(one.name, one)
    return tuple(by_name.values())
