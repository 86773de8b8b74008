"""How far the loads of a run are: those that were measured, the one that runs, those to come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import define, field

from aisbench.config.plan import Plan
from aisbench.loadgen.live import LiveLoad
from aisbench.loadgen.trace import TraceKeeper
from aisbench.types.json import JsonObject
from aisbench.types.performance import PerformanceResult
from aisbench.types.run_state import LoadWord


@define
class LoadProgress:
    """One load of the run."""

    model: str
    dataset: str
    label: str
    asked: JsonObject = field(factory=dict)
    """What the suite says of it."""
    state: LoadWord = "waiting"
    live: LiveLoad | None = None
    """Its counters, from when it runs."""
    trace: TraceKeeper = field(factory=TraceKeeper)
    result: PerformanceResult | None = None
    searching: bool = False
    """Whether it stands for a search, whose probes come before it."""


@define
class LoadsProgress:
    """All loads, in the order in which they run. Probes of searches are known when they run."""

    loads: list[LoadProgress] = field(factory=list)
    stopping: bool = False
    title: str = ""
    """What a reader calls the run."""

    @property
    def running(self) -> LoadProgress | None:
        """The load that runs now."""
        return next((one for one in self.loads if one.state == "running"), None)

    def of(self, model: str, dataset: str, label: str) -> LoadProgress:
        """The load with that label, which is put before the search that asks for it, if new."""
        place = len(self.loads)
        for number, one in enumerate(self.loads):
            if (one.model, one.dataset) == (model, dataset):
                if one.label == label and not one.searching:
                    return one
                if one.searching:
                    place = number
        made = LoadProgress(model=model, dataset=dataset, label=label)
        self.loads.insert(place, made)
        return made

    def searched(self, model: str, dataset: str) -> None:
        """The search of a task is over: nothing stands for it any more."""
        self.loads = [
            one
            for one in self.loads
            if not (one.searching and (one.model, one.dataset) == (model, dataset))
        ]

    def look(self) -> None:
        """Take a point of the load that runs; called about once a second."""
        one = self.running
        if one is not None and one.live is not None:
            one.trace.look(one.live)


def planned_loads(plan: Plan) -> Iterator[LoadProgress]:
    """What a plan is to run; of a search one that stands for all of its probes."""
    for model in plan.models:
        loads = plan.loads.get(model.name)
        for task in plan.tasks if loads is not None else ():
            if loads is None or task.model is not model:
                continue
            names = (model.name, task.dataset.name)
            if plan.tune is not None:
                yield LoadProgress(*names, "tuning", searching=True)
                continue
            if loads.search is not None:
                yield LoadProgress(*names, f"search: {loads.search_key}", searching=True)
                continue
            for point in loads.points:
                yield LoadProgress(*names, point.label)


def key_figures(result: PerformanceResult | None) -> Mapping[str, float]:
    """The figures of the whole load by name, percentiles as ``ttft_p99``."""
    if result is None or not result.populations:
        return {}
    whole = result.populations[0]
    found = {one.name: one.value for one in whole.figures}
    for one in whole.statistics:
        for name, value in one.percentiles.items():
            found[f"{one.name}_{name}"] = value
    return found
