"""Which point comes next, what is best, and what is not asked again."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.base.errors import PluginError
from aisbench.config.plan import Plan
from aisbench.config.planner import make_plan
from aisbench.config.source import source_of_tables
from aisbench.config.tune_objective import Objective
from aisbench.plugins.discovery import discover
from aisbench.stages.tune_verdict import best_of, front_of, judge
from aisbench.stages.tuning import (
    NextPoint,
    ServerTuning,
    folder_of,
    read_tunings,
    tuning_plan,
)
from aisbench.store.run import RunFolder
from aisbench.types.figure import Figure
from aisbench.types.performance import (
    Health,
    PerformanceResult,
    Population,
    RequestCounts,
    SearchProbe,
    SearchResult,
)
from aisbench.types.tuning import TunePoint

UP = Objective(name="request_throughput", unit="requests/s", better="up")
DOWN = Objective(name="e2el_p99", unit="ms", better="down")
installed = functools.cache(discover)


def plan_of(tuner: str = "grid", command: str = "--seqs={seqs}", **tune: Any) -> Plan:
    tables: dict[str, Any] = {
        "suite": {"mode": "performance", "seed": 7},
        "servers": {"s": {"command": ["serve", command]}},
        "models": {"m": {"backend": "vllm-chat", "server": "s"}},
        "datasets": {"d": {"dataset": "gsm8k-demo"}},
        "load": {"requests": 4},
        "tune": {
            "tuner": tuner, "objective": "request_throughput",
            "variables": {"seqs": [1, 2, 4, 8]}, **tune,
        },
    }  # fmt: skip
    return make_plan(source_of_tables(tables, "suite"), installed())


def tuning(folder: Path, plan: Plan, told: list[str] | None = None) -> ServerTuning:
    assert plan.tune is not None
    tell = (told if told is not None else []).append
    return ServerTuning(plan, plan.tune, plan.tune.servers[0], RunFolder(folder), tell)


def tried(step: NextPoint, **more: Any) -> TunePoint:
    speed = float(step.values["seqs"])
    made = {"verdict": "held", "objective": speed, "against": 10 * speed, "seconds": 2.0}
    return TunePoint(
        number=step.number, values=step.values, command=step.command, **{**made, **more}
    )


def walk(one: ServerTuning, most: int = 100, make: Callable[..., TunePoint] = tried) -> list[int]:
    asked: list[Any] = []
    for step in one.steps():
        if len(asked) == most:
            break  # killed in the middle of this point
        asked.append(step.values["seqs"])
        one.kept(make(step))
    return asked


def test_all_points_are_asked_and_the_best_is_kept(tmp_path: Path) -> None:
    plan = plan_of()
    one = tuning(tmp_path, plan)
    assert walk(one) == [1, 2, 4, 8]
    (result,) = read_tunings(RunFolder(tmp_path))
    assert (result.best, result.planned, result.models) == (4, 4, ("m",))
    assert result.front == (4, 3, 2, 1)
    assert result.command == "serve --seqs=8"
    assert result.reason == "every point of the tuner was tried"
    assert list(tuning_plan(plan)) == [
        "tune servers.s: grid, 4 points of seqs; each starts the server and runs 1 load(s); "
        "request_throughput is to be high"
    ]


@pytest.mark.parametrize("tuner", ["grid", "random"])
def test_a_session_that_goes_on_asks_no_point_again(tmp_path: Path, tuner: str) -> None:
    plan = plan_of(tuner)
    whole = walk(tuning(tmp_path / "whole", plan))
    first = walk(tuning(tmp_path / "cut", plan), most=2)
    (unfinished,) = read_tunings(RunFolder(tmp_path / "cut"))
    assert unfinished.reason == ""
    rest = walk(tuning(tmp_path / "cut", plan))
    assert (first, rest) == (whole[:2], whole[2:])
    found = [next(iter(read_tunings(RunFolder(tmp_path / name)))) for name in ("whole", "cut")]
    assert found[0] == found[1]
    assert walk(tuning(tmp_path / "cut", plan)) == []


def test_the_budget_ends_it(tmp_path: Path) -> None:
    one = tuning(tmp_path / "points", plan_of(points=2))
    assert walk(one) == [1, 2]
    assert one.reason == "tune.points = 2 were tried"
    assert walk(tuning(tmp_path / "points", plan_of(points=3))) == [4]
    two = tuning(tmp_path / "time", plan_of(time="3s"))
    assert walk(two) == [1, 2]
    assert two.reason == "the points took 4 s in all, and tune.time = 3s"


def test_points_of_another_command_are_not_used(tmp_path: Path) -> None:
    walk(tuning(tmp_path, plan_of()), most=2)
    told: list[str] = []
    one = tuning(tmp_path, plan_of(command="-s={seqs}"), told)
    assert walk(one) == [1, 2, 4, 8]
    assert [point.number for point in one.points] == [3, 4, 5, 6]
    assert told == [
        "servers.s: 2 points of earlier sessions were of another command or of other loads, and "
        "are not used"
    ]


def test_points_that_failed_are_not_asked_again_either(tmp_path: Path) -> None:
    def failing(step: NextPoint) -> TunePoint:
        return tried(step, verdict="not started", objective=None, against=None, log=("boom",))

    walk(tuning(tmp_path, plan_of()), make=failing)
    again = tuning(tmp_path, plan_of())
    assert walk(again) == []
    (result,) = read_tunings(RunFolder(tmp_path))
    assert (result.best, result.front, result.command) == (None, (), "")
    assert result.points[0].log == ("boom",)
    document = json.loads((folder_of(RunFolder(tmp_path), "s") / "point-0001.json").read_text())
    assert document["point"]["verdict"] == "not started"


class Stubborn:
    def __init__(self, proposals: list[Any]) -> None:
        self.proposals = proposals

    def size(self, space: Any) -> None:
        return None

    def session(self, space: Any) -> Any:
        left = iter(self.proposals)

        class Session:
            def propose(self) -> Any:
                return next(left, {"seqs": 1})

            def learn(self, trial: Any) -> None:
                pass

        return Session()


def with_tuner(plan: Plan, tuner: Any) -> Plan:
    import attrs

    assert plan.tune is not None
    component = attrs.evolve(plan.tune.tuner, instance=tuner)
    servers = tuple(attrs.evolve(one, size=None) for one in plan.tune.servers)
    return attrs.evolve(plan, tune=attrs.evolve(plan.tune, tuner=component, servers=servers))


def test_a_tuner_that_repeats_itself_ends(tmp_path: Path) -> None:
    one = tuning(tmp_path, with_tuner(plan_of(), Stubborn([{"seqs": 2}])))
    assert walk(one) == [2, 1]
    assert one.reason == "the tuner proposes nothing new"


@pytest.mark.parametrize(
    "proposal", [7, {}, {"seqs": 3}, {"seqs": True}, {"seqs": 1, "other": 1}, {"seqs": None}]
)
def test_a_tuner_is_not_believed(tmp_path: Path, proposal: Any) -> None:
    one = tuning(tmp_path, with_tuner(plan_of(), Stubborn([proposal])))
    with pytest.raises(PluginError, match="proposes a point that may not be"):
        walk(one)


points = st.lists(
    st.tuples(
        st.integers(0, 6), st.integers(0, 6),
        st.sampled_from(["held", "held", "held", "not held", "died"]),
    ),
    max_size=12,
)  # fmt: skip


@given(points, st.sampled_from(["up", "down"]))
def test_a_front_is_what_no_other_beats(found: list[tuple[int, int, Any]], better: str) -> None:
    made = [
        TunePoint(number=at, values={}, verdict=verdict, objective=value, against=latency)
        for at, (value, latency, verdict) in enumerate(found)
    ]
    sign = 1 if better == "up" else -1
    held = [one for one in made if one.verdict == "held"]

    def beaten(one: TunePoint) -> bool:
        mine = (sign * (one.objective or 0), -(one.against or 0))
        for other in held:
            theirs = (sign * (other.objective or 0), -(other.against or 0))
            if theirs != mine and theirs[0] >= mine[0] and theirs[1] >= mine[1]:
                return True
        return False

    assert set(front_of(made, better, "down")) == {one.number for one in held if not beaten(one)}
    best = best_of(made, better)
    assert (best is None) == (not held)
    if best is not None:
        assert best.number == front_of(made, better, "down")[0]


def load(label: str, speed: float | None, **more: Any) -> PerformanceResult:
    figures = [] if speed is None else [
        Figure(name="request_throughput", value=speed, unit="requests/s", n=4)
    ]  # fmt: skip
    made: dict[str, Any] = {
        "model": "m", "dataset": "d", "variant": "v", "load": label, "settings": {},
        "complete": True, "streamed": True, "counts": RequestCounts(total=4, success=4),
        "health": Health(kept_up=True),
        "populations": (
            Population(name="run", begin_ns=0, end_ns=1, figures=tuple(figures)),
        ),
    }  # fmt: skip
    return PerformanceResult(**{**made, **more})


def probe(value: float, held: bool, label: str, kept_up: bool = True) -> SearchProbe:
    return SearchProbe(value=value, held=held, kept_up=kept_up, load=label)


def test_the_verdict_of_a_point() -> None:
    def of(*loads: PerformanceResult, searches: Any = ()) -> tuple[Any, ...]:
        one = judge(loads, searches, UP, DOWN)
        return one.verdict, one.objective, one.why

    assert of() == ("no figure", None, "no load recorded anything")
    assert of(load("a", 2), load("b", 5)) == ("held", 5, "")
    assert of(load("a", 2), load("b", 5, model="n")) == ("held", 3.5, "")
    cut = load("a", 2, complete=False, notes=("ended early: x",))
    assert of(cut) == ("not held", 2, "ended early: x")
    assert of(cut, load("b", 1)) == ("held", 1, "")
    slow = load("a", 2, complete=False, health=Health(kept_up=False, doubts=("late",)))
    assert of(slow) == ("client", 2, "late")
    assert of(slow, load("b", 5, model="n"))[0] == "client"
    none = load("a", None)
    assert of(none) == ("no figure", None, "no load has the figure request_throughput")
    empty = load("a", 0, counts=RequestCounts(total=4, failed=4), faults={"reset": 4})
    assert of(empty) == ("not held", 0, "no request was answered: 4 x reset")


def test_the_verdict_of_a_search_is_that_of_its_best_load() -> None:
    def found(best: float | None, *probes: SearchProbe) -> SearchResult:
        return SearchResult(
            model="m", dataset="d", key="rate", best=best, low=best, high=None, reason="r",
            sure="s", probes=probes,
        )  # fmt: skip

    loads = [load("1", 1.0), load("2,run=1", 2.0), load("2,run=2", 2.2), load("4", 3.0)]
    good = found(
        2, probe(1, True, "1"), probe(2, True, "2,run=1"), probe(2, True, "2,run=2"),
        probe(4, False, "4"),
    )  # fmt: skip
    outcome = judge(loads, [good], UP, DOWN)
    assert outcome.verdict == "held"
    assert outcome.objective == pytest.approx(2.1)
    bad = judge(loads[:1], [found(None, probe(1, False, "1"))], UP, DOWN)
    assert (bad.verdict, bad.objective, bad.why) == ("not held", 1.0, "r")
    late = judge(loads[:1], [found(None, probe(1, False, "1", kept_up=False))], UP, DOWN)
    assert late.verdict == "client"
