"""Loads as lines of CSV and as Markdown tables."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from io import StringIO

from aisbench.api import METRICS, Figure, LabelledValue, PerformanceResult, Population, SuiteResult

COLUMNS = (
    "model", "dataset", "load", "population", "metric", "statistic", "value", "unit", "n",
)  # fmt: skip


def to_csv(results: SuiteResult) -> str:
    """RFC 4180 with the header :data:`COLUMNS`: a line for each number of each load.

    ``statistic`` is empty for figures of the run; ``low`` and ``high`` are the ends of the 95 %
    interval of the mean (of the figure, where ``statistic`` begins with ``value``). The
    ``population`` of requests by a label is its name and the value.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for result in results.performance:
        head = (result.model, result.dataset, result.load)
        for part in result.populations:
            for row in _numbers(part):
                writer.writerow((*head, part.name, *row))
        for label in result.labels:
            for one in label.values:
                of_label = f"{label.name} {one.value}"
                for row in _numbers(one):
                    writer.writerow((*head, of_label, *row))
        for name, value in result.health.values.items():
            writer.writerow((*head, "client", name, "", _cell(value), "", ""))
    return out.getvalue()


def _numbers(part: Population | LabelledValue) -> Iterator[tuple[object, ...]]:
    for one in part.statistics:
        values: list[tuple[str, float | None]] = [
            ("mean", one.mean),
            ("low", one.low),
            ("high", one.high),
            ("min", one.min),
            ("max", one.max),
            ("stddev", one.stddev),
            *one.percentiles.items(),
        ]
        for statistic, value in values:
            if value is not None:
                yield one.name, statistic, _cell(value), one.unit, one.n
    for figure in part.figures:
        yield figure.name, "", _cell(figure.value), figure.unit, figure.n
        for statistic, value in (("value low", figure.low), ("value high", figure.high)):
            if value is not None:
                yield figure.name, statistic, _cell(value), figure.unit, figure.n


def _cell(value: float) -> object:
    return value if math.isfinite(value) else ""


def to_markdown(results: SuiteResult) -> Iterator[list[str]]:
    """Rows of tables, a heading (one cell that begins with #) before each; notes have one cell."""
    for result in results.performance:
        yield [f"## {result.model} / {result.dataset}: {result.load}"]
        if not result.complete:
            yield ["INCOMPLETE: the load was cut short."]
        doubts = result.health.doubts
        if result.health.kept_up:
            yield ["Client kept up."]
        yield from ([f"Not to be trusted without care: {doubt}"] for doubt in doubts)
        if result.populations:
            yield from _requests(result.populations[0])
            yield from _run(result)
            yield from ([f"{part.name}: {part.note}"] for part in _parts(result) if part.note)
            yield from _labels(result)
        yield from ([note] for note in result.notes)
        for cause, count in result.faults.items():
            yield [f"{count} attempts failed: {cause}"]
    for search in results.searches:
        yield [f"## {search.model} / {search.dataset}: search of {search.key}"]
        best = "none" if search.best is None else f"{search.best:g}"
        yield [f"Heaviest load within the SLO: {best}. It ended because {search.reason}; "
               f"{search.sure}."]  # fmt: skip


def tunings_to_markdown(results: SuiteResult) -> Iterator[list[str]]:
    """Rows as :func:`to_markdown` has them: of each tuned server a row a point."""
    for tuning in results.tunings:
        yield [f"## servers.{tuning.server}: {tuning.objective} tuned by {tuning.tuner}"]
        best = tuning.best_point
        if best is None:
            held = (
                "The SLO held at no point." if tuning.measured else "No point could be measured."
            )
            yield [held]
        else:
            yield [f"Best: point {best.number}. Its command: `{tuning.command}`"]
        heads = ["point", *tuning.variables, "verdict", f"{tuning.objective} ({tuning.unit})",
                 tuning.against, "why"]  # fmt: skip
        yield heads
        yield ["---"] * len(heads)
        for one in tuning.points:
            values = [
                str(one.values[name]) if name in one.values else "" for name in tuning.variables
            ]
            figures = ["" if it is None else f"{it:.4g}" for it in (one.objective, one.against)]
            yield [str(one.number), *values, one.verdict, *figures, one.why]


def _requests(part: Population) -> Iterator[list[str]]:
    if not part.statistics:
        return
    names = list(dict.fromkeys(name for one in part.statistics for name in one.percentiles))
    heads = ["metric", "unit", "mean", "95 % interval", "min", "max", *names, "n"]
    yield heads
    yield ["---"] * len(heads)
    for one in part.statistics:
        interval = ""
        if one.low is not None and one.high is not None:
            interval = f"{one.low:.2f} to {one.high:.2f}"
        tails = [
            f"{one.percentiles[name]:.2f}" if name in one.percentiles else "" for name in names
        ]
        yield [
            title(one.name), one.unit, f"{one.mean:.2f}", interval, f"{one.min:.2f}",
            f"{one.max:.2f}", *tails, str(one.n),
        ]  # fmt: skip


def _run(result: PerformanceResult) -> Iterator[list[str]]:
    parts = _parts(result)
    names: Sequence[str] = list(dict.fromkeys(one.name for part in parts for one in part.figures))
    if not names:
        return
    heads = ["metric", "unit", *(part.name for part in parts)]
    yield heads
    yield ["---"] * len(heads)
    for name in names:
        found = [next((one for one in part.figures if one.name == name), None) for part in parts]
        unit = next((one.unit for one in found if one), "")
        yield [title(name), unit, *("" if one is None else _value(one) for one in found)]


def _labels(result: PerformanceResult) -> Iterator[list[str]]:
    """A table a label: a row a value, its counts and the figures that most people want."""
    statistics = ("ttft", "tpot", "e2el")
    for label in result.labels:
        heads = [
            label.name, "requests", "failed", *(f"{title(name)} mean (ms)" for name in statistics),
            title("goodput"),
        ]  # fmt: skip
        yield heads
        yield ["---"] * len(heads)
        for one in label.values:
            means = {found.name: f"{found.mean:.2f}" for found in one.statistics}
            goodput = [_value(found) for found in one.figures if found.name == "goodput"]
            yield [
                one.value, str(one.counts.total), str(one.counts.failed),
                *(means.get(name, "") for name in statistics), *(goodput or [""]),
            ]  # fmt: skip
        if label.distinct > len(label.values):
            shown = len(label.values)
            yield [f"{shown} of {label.distinct} values, those with the most requests."]


def _parts(result: PerformanceResult) -> list[Population]:
    """The populations that stand side by side."""
    wanted = ("run", "steady", "full-concurrency")
    return [part for part in result.populations if part.name in wanted]


def _value(figure: Figure) -> str:
    """Counts are whole."""
    return str(figure.value) if isinstance(figure.value, int) else f"{figure.value:.2f}"


def title(name: str) -> str:
    """What users call a metric."""
    metric = METRICS.get(name)
    return metric.title if metric else name
