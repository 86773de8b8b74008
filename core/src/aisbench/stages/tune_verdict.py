"""What became of a point: its loads and searches as a verdict, the objective, and the latency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

from attrs import frozen

from aisbench.config.tune_objective import Objective
from aisbench.metrics.energy_metrics import ENERGY
from aisbench.stages.loads_progress import key_figures
from aisbench.types.performance import PerformanceResult, SearchResult
from aisbench.types.tuning import TunePoint, TuneVerdict

OF_ENERGY = frozenset(one.name for one in ENERGY)


@frozen(kw_only=True)
class PointOutcome:
    """A verdict on a point with its figures."""

    verdict: TuneVerdict
    why: str = ""
    objective: float | None = None
    against: float | None = None


def judge(
    loads: Sequence[PerformanceResult],
    searches: Sequence[SearchResult],
    objective: Objective,
    against: Objective,
) -> PointOutcome:
    """The verdict on a point whose loads all ran.

    Of each model with each data set the best load counts: of a search the heaviest that held, of
    a sweep the best of those that held. The SLO must hold for all of them; the figures are the
    means over them.
    """
    parts = [_of_task(one, searches, objective, against) for one in _by_task(loads)]
    if not parts:
        return PointOutcome(verdict="no figure", why="no load recorded anything")
    order: tuple[TuneVerdict, ...] = ("client", "not held", "no figure", "held")
    worst = min(parts, key=lambda one: order.index(one.verdict))
    values = [one.objective for one in parts]
    latencies = [one.against for one in parts]
    return PointOutcome(
        verdict=worst.verdict,
        why=worst.why,
        objective=_mean(values),
        against=_mean(latencies),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return fmean(known) if known and len(known) == len(values) else None


def _by_task(loads: Sequence[PerformanceResult]) -> Iterator[list[PerformanceResult]]:
    for key in dict.fromkeys((one.model, one.dataset) for one in loads):
        yield [one for one in loads if (one.model, one.dataset) == key]


def holds(load: PerformanceResult) -> bool:
    """Whether a load ran to its end within the limits, where there are any."""
    if not load.complete or not load.counts.success:
        return False
    return load.slo is None or load.slo.holds is True


def value_of(load: PerformanceResult, figure: Objective) -> float | None:
    """A figure of a load; None where it has none."""
    found = key_figures(load)
    if figure.name in found:
        return found[figure.name]
    name = figure.name.removesuffix("_mean")
    for one in load.populations[0].statistics if load.populations else ():
        if one.name == name and name != figure.name:
            return one.mean
    return None


def _of_task(
    loads: Sequence[PerformanceResult],
    searches: Sequence[SearchResult],
    objective: Objective,
    against: Objective,
) -> PointOutcome:
    search = next(
        (
            one
            for one in searches
            if (one.model, one.dataset) == (loads[0].model, loads[0].dataset)
        ),
        None,
    )
    if search is not None:
        return _of_search(loads, search, objective, against)
    held = [one for one in loads if holds(one)]
    sign = -1 if objective.better == "up" else 1
    known = [one for one in held or loads if value_of(one, objective) is not None]
    best = min(known, key=lambda one: sign * (value_of(one, objective) or 0.0), default=None)
    figures = _figures(best, objective, against)
    if held and best is None:
        return PointOutcome(verdict="no figure", why=_lacking(loads, objective))
    if held:
        return PointOutcome(verdict="held", objective=figures[0], against=figures[1])
    if not any(one.health.kept_up for one in loads):
        why = "; ".join(loads[-1].health.doubts) or "the client did not keep up"
        return PointOutcome(verdict="client", why=why, objective=figures[0], against=figures[1])
    why = _broken(loads[-1])
    return PointOutcome(verdict="not held", why=why, objective=figures[0], against=figures[1])


def _of_search(
    loads: Sequence[PerformanceResult],
    search: SearchResult,
    objective: Objective,
    against: Objective,
) -> PointOutcome:
    chosen = [one.load for one in search.probes if one.held and one.value == search.best] or [
        one.load for one in search.probes[:1]
    ]
    picked = [one for one in loads if one.load in chosen]
    values = [_figures(one, objective, against) for one in picked]
    means = (_mean([one[0] for one in values]), _mean([one[1] for one in values]))
    if search.best is None:
        client = any(not one.kept_up and not one.held for one in search.probes)
        return PointOutcome(
            verdict="client" if client else "not held",
            why=search.reason,
            objective=means[0],
            against=means[1],
        )
    if means[0] is None:
        return PointOutcome(verdict="no figure", why=_lacking(picked, objective))
    return PointOutcome(verdict="held", objective=means[0], against=means[1])


def _lacking(loads: Sequence[PerformanceResult], objective: Objective) -> str:
    """Why there is no figure."""
    unknown = {one: None for load in loads if load.devices for one in load.devices.unknown}
    if unknown and objective.name in OF_ENERGY:
        return f"no {objective.name}: the energy of {', '.join(unknown)} is not known"
    return f"no load has the figure {objective.name}"


def _figures(
    load: PerformanceResult | None, objective: Objective, against: Objective
) -> tuple[float | None, float | None]:
    if load is None:
        return None, None
    return value_of(load, objective), value_of(load, against)


def _broken(load: PerformanceResult) -> str:
    """Why a load did not hold."""
    if not load.complete:
        return "; ".join(load.notes[:1]) or "a load was cut short"
    if not load.counts.success:
        causes = ", ".join(f"{count} x {what}" for what, count in load.faults.items())
        return f"no request was answered: {causes}" if causes else "no request was answered"
    if load.slo is not None and load.slo.attainment is not None and load.slo.holds is False:
        return (
            f"{load.slo.attainment:.2%} of the requests were within all limits, "
            f"{load.slo.attainment_asked:.2%} are wanted"
        )
    return "the SLO does not hold" if load.slo is not None else "a load was cut short"


def best_of(points: Sequence[TunePoint], better: str) -> TunePoint | None:
    """The best of those at which the SLO held; of equal ones that with the lower latency, then
    the first."""
    sign = -1 if better == "up" else 1
    held = [one for one in points if one.verdict == "held" and one.objective is not None]
    return min(
        held,
        key=lambda one: (
            sign * (one.objective or 0.0),
            float("inf") if one.against is None else one.against,
        ),
        default=None,
    )


def front_of(points: Sequence[TunePoint], better: str, against: str) -> tuple[int, ...]:
    """The numbers of the points at which the SLO held and that no other beats in both figures (as
    good in one and better in the other), the best objective first."""
    signs = (-1 if better == "up" else 1, -1 if against == "up" else 1)
    placed = sorted(
        (signs[0] * one.objective, signs[1] * one.against, one.number)
        for one in points
        if one.verdict == "held" and one.objective is not None and one.against is not None
    )
    front: list[int] = []
    lowest: tuple[float, float] | None = None
    for objective, latency, number in placed:
        same = lowest is not None and (objective, latency) == lowest
        if lowest is None or latency < lowest[1] or same:
            front.append(number)
            lowest = (objective, latency)
    return tuple(front)
