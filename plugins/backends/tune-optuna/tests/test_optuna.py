"""Optuna as a tuner: what it proposes, that it learns, and that it is repeatable."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from aisbench.api import DataError, TuneSpace, TuneTrial, TuneVariable
from aisbench_plugin_tune_optuna.tuner import OptunaSettings, OptunaTuner
from aisbench_testkit.conformance import PackagingConformance, TunerConformance

SEQS = TuneVariable(name="seqs", low=1, high=256, log=True, whole=True)
CHUNKED = TuneVariable(name="chunked", values=(True, False))
BLOCK = TuneVariable(name="block", low=16, high=128, step=2, log=True, whole=True,
                     when={"chunked": (True,)})  # fmt: skip
SHARE = TuneVariable(name="share", low=0.5, high=0.95)
STEP = TuneVariable(name="step", low=0.0, high=1.0, step=0.25)


class TestTuner(TunerConformance):
    offer = "optuna"
    settings: ClassVar[dict[str, Any]] = {"startup": 5}


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-tune-optuna"


def searched(
    count: int,
    of: Callable[[Mapping[str, Any]], tuple[float | None, bool]],
    *variables: TuneVariable,
    seed: int = 0,
    **settings: Any,
) -> list[dict[str, Any]]:
    space = TuneSpace(variables=variables, seed=seed, better="up")
    session = OptunaTuner(OptunaSettings(**settings)).session(space)
    found = []
    for _ in range(count):
        values = session.propose()
        assert values is not None
        found.append(dict(values))
        value, attained = of(values)
        session.learn(TuneTrial(values=values, value=value, attained=attained))
    return found


def served(values: Mapping[str, Any]) -> tuple[float | None, bool]:
    """More sequences are faster until the SLO breaks at 100; a share above 0.9 does not start."""
    if values.get("share", 0) > 0.9:
        return None, False
    seqs = values["seqs"]
    return float(seqs), seqs <= 100


def test_points_are_of_the_space() -> None:
    for one in searched(30, served, SEQS, CHUNKED, BLOCK, SHARE, STEP):
        assert type(one["seqs"]) is int
        assert 1 <= one["seqs"] <= 256
        assert type(one["chunked"]) is bool
        assert ("block" in one) == one["chunked"]
        assert one.get("block", 16) in (16, 32, 64, 128)
        assert 0.5 <= one["share"] <= 0.95
        assert one["step"] in (0.0, 0.25, 0.5, 0.75, 1.0)


def test_the_same_seed_and_outcomes_give_the_same_proposals() -> None:
    first = searched(20, served, SEQS, CHUNKED, BLOCK, SHARE, seed=3)
    assert searched(20, served, SEQS, CHUNKED, BLOCK, SHARE, seed=3) == first
    assert searched(20, served, SEQS, CHUNKED, BLOCK, SHARE, seed=4) != first
    # A later session tells what is known and comes to the same next point.
    assert searched(12, served, SEQS, CHUNKED, BLOCK, SHARE, seed=3) == first[:12]


def test_it_finds_what_chance_does_not_and_stays_within_the_limits() -> None:
    def best(method: str) -> float:
        sums = 0.0
        for seed in range(4):
            found = searched(40, served, SEQS, SHARE, seed=seed, method=method, startup=8)
            sums += max(float(one["seqs"]) for one in found if served(one)[1])
        return sums / 4

    learned, drawn = best("tpe"), best("random")
    assert learned > 90
    assert learned >= drawn
    late = searched(40, served, SEQS, SHARE, startup=8)[20:]
    assert sum(served(one)[1] for one in late) >= 12


def test_what_is_down_is_best_low() -> None:
    space = TuneSpace(variables=(SHARE,), seed=0, better="down")
    session = OptunaTuner(OptunaSettings(startup=5)).session(space)
    values = []
    for _ in range(30):
        made = session.propose()
        assert made is not None
        values.append(float(made["share"]))
        cost = math.fabs(values[-1] - 0.7)
        session.learn(TuneTrial(values=made, value=cost, attained=True))
    assert min(abs(one - 0.7) for one in values) < 0.01


@pytest.mark.parametrize(
    ("variables", "size"),
    [((CHUNKED, STEP), 10), ((SEQS,), None), ((SHARE,), None), ((CHUNKED, BLOCK), None)],
)
def test_how_many_points_there_are(variables: tuple[TuneVariable, ...], size: int | None) -> None:
    space = TuneSpace(variables=variables, seed=0, better="up")
    assert OptunaTuner(OptunaSettings()).size(space) == size


def test_a_method_whose_library_is_missing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import optuna

    def missing(**more: Any) -> None:
        raise ImportError("no cmaes")

    monkeypatch.setattr(optuna.samplers, "CmaEsSampler", missing)
    with pytest.raises(DataError, match=r"tune\.method = 'cma-es' needs a library"):
        searched(1, served, SEQS, method="cma-es")
