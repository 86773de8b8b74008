"""Finding the heaviest load within the SLO: a search's probes, run one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from aisbench.config.plan import LoadPlan, LoadPoint, Plan, Task
from aisbench.loadgen.search import Finding, ProbeResult, search
from aisbench.store.rows import converter
from aisbench.store.run import RunFolder, read_json, understanding
from aisbench.types.performance import PerformanceResult, SearchProbe, SearchResult

WHOLE_KEYS = ("concurrency", "max_concurrency", "size")
"""Keys that only whole numbers can be searched for."""


def find_limit(
    task: Task,
    loads: LoadPlan,
    run_probe: Callable[[str, LoadPoint], PerformanceResult | None],
    tell: Callable[[str], None],
) -> SearchResult | None:
    """Search; ``run_probe`` runs a load under a label and gives its figures, or None to end the
    search without a result."""
    assert loads.search is not None
    steps = search(loads.search, whole=loads.search_key in WHOLE_KEYS)
    runs: dict[float, int] = {}
    probes: list[SearchProbe] = []
    try:
        value = next(steps)
        while True:
            runs[value] = runs.get(value, 0) + 1
            point = loads.make({loads.search_key: value})
            result = run_probe(f"{loads.search_key}={value:g},run={runs[value]}", point)
            if result is None:
                return None
            verdict = _verdict(result)
            probes.append(_probe(value, verdict, result))
            tell(
                f"{task.label}: {loads.search_key} = {value:g}: the limits "
                f"{'hold' if verdict.held else 'do not hold'}"
                + ("" if verdict.kept_up else "; the client did not keep up")
            )
            value = steps.send(verdict)
    except StopIteration as end:
        finding: Finding = end.value
    return SearchResult(
        model=task.model.name,
        dataset=task.dataset.name,
        key=loads.search_key,
        best=finding.best,
        low=finding.best,
        high=finding.worst,
        reason=finding.reason,
        sure=finding.sure(),
        probes=tuple(probes),
    )


def _verdict(result: PerformanceResult) -> ProbeResult:
    return ProbeResult(
        held=result.slo is not None and result.slo.holds is True and result.complete,
        kept_up=result.health.kept_up,
        doubt="; ".join(result.health.doubts),
    )


def _probe(value: float, verdict: ProbeResult, result: PerformanceResult) -> SearchProbe:
    figures: dict[str, float] = {}
    tails: dict[str, float | None] = {}
    for population in result.populations[:1]:
        figures = {one.name: one.value for one in population.figures}
        tails = {one.name: one.percentiles.get("p99") for one in population.statistics}
    return SearchProbe(
        value=value,
        held=verdict.held,
        kept_up=verdict.kept_up,
        load=result.load,
        request_throughput=figures.get("request_throughput"),
        goodput=figures.get("goodput"),
        slo_attainment=figures.get("slo_attainment"),
        ttft_p99=tails.get("ttft"),
        tpot_p99=tails.get("tpot"),
        e2el_p99=tails.get("e2el"),
    )


def read_searches(plan: Plan, run: RunFolder) -> Iterator[SearchResult]:
    """The searches that were finished. Raises DamageError."""
    for task in plan.tasks:
        path = run.search(task.model.name, task.dataset.name)
        if path.exists():
            with understanding(path):
                yield converter().structure(read_json(path), SearchResult)
