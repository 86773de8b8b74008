"""The search for the heaviest load: bracketing, halving, noise, limits of client and budget."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.config.load_keys import Search
from aisbench.loadgen.search import Finding, ProbeResult, search

Server = Callable[[float], ProbeResult]


def run(server: Server, *, whole: bool = False, **keys: float) -> tuple[Finding, list[float]]:
    """Play the loads of a search against ``server``."""
    tried = []
    steps = search(Search(**keys), whole=whole)  # type: ignore[arg-type]
    try:
        value = next(steps)
        while True:
            tried.append(value)
            value = steps.send(server(value))
    except StopIteration as end:
        return end.value, tried


def limit(at: float) -> Server:
    return lambda value: ProbeResult(held=value <= at, kept_up=True)


@given(
    at=st.floats(1.0, 5000.0),
    trials=st.integers(1, 5),
    precision=st.sampled_from([0.01, 0.05, 0.2]),
)
def test_a_sharp_limit_is_found_within_the_precision(
    at: float, trials: int, precision: float
) -> None:
    found, tried = run(limit(at), trials=trials, precision=precision, probes=500)
    assert found.best is not None
    assert found.worst is not None
    assert found.best <= at < found.worst
    assert found.worst - found.best <= precision * found.worst * 1.001
    assert "as close as" in found.reason
    assert found.runs == len(tried)
    # The best load was tried until a majority was certain.
    best = found.probes[found.best]
    assert best.held == best.runs > trials / 2


@given(at=st.integers(1, 300))
def test_whole_loads_are_found_exactly(at: int) -> None:
    found, tried = run(limit(at), whole=True, precision=0.001, probes=500)
    assert (found.best, found.worst) == (at, at + 1)
    assert all(type(value) is int for value in tried)


def test_the_upper_bound_is_kept_and_said() -> None:
    found, tried = run(limit(1e9), high=100.0)
    assert found.best == 100
    assert max(tried) == 100
    assert found.reason == "the limits still hold at load.search.high = 100"
    assert found.probes[100.0].runs == 2  # of 3 trials: the majority is certain


def test_nothing_holds() -> None:
    found, tried = run(limit(0.5))
    assert found.best is None
    assert found.worst == 1
    assert found.reason == "the limits do not even hold at load.search.low = 1"
    assert found.sure() == "no load held"
    assert tried == [1, 1]


def test_a_client_at_its_limit_ends_the_search_with_the_reason() -> None:
    def server(value: float) -> ProbeResult:
        return ProbeResult(held=value <= 100, kept_up=value <= 100, doubt="answers were read late")

    found, _ = run(server)
    assert found.best == 64
    assert found.reason == (
        "the client, not the server, is the limit at 128: answers were read late"
    )
    assert found.worst is None
    assert found.probes[64.0].runs == 2


def test_a_load_that_holds_holds_whatever_the_client_says() -> None:
    found, _ = run(lambda value: ProbeResult(held=value <= 10, kept_up=value > 10))
    assert found.best is not None
    assert found.best <= 10


def test_the_budget_ends_it_in_every_phase() -> None:
    for probes in range(2, 12):
        found, tried = run(limit(37.0), probes=probes)
        assert len(tried) == probes
        assert found.reason == f"load.search.probes = {probes} runs were made"
        assert found.best is not None
        assert found.best <= 37


def test_a_best_load_that_was_luck_is_given_up() -> None:
    """16 holds at its first trial only: the search goes on below it and says so in its bounds."""
    seen: dict[float, int] = {}

    def server(value: float) -> ProbeResult:
        seen[value] = seen.get(value, 0) + 1
        return ProbeResult(held=value <= 10 or (value == 16 and seen[value] == 1), kept_up=True)

    found, _ = run(server, probes=100)
    assert found.best is not None
    assert found.best <= 10 < (found.worst or 0) < 16
    assert "as close as" in found.reason


def test_luck_at_the_upper_bound_is_given_up_too() -> None:
    seen: dict[float, int] = {}

    def server(value: float) -> ProbeResult:
        seen[value] = seen.get(value, 0) + 1
        return ProbeResult(held=value <= 6 or (value == 16 and seen[value] == 1), kept_up=True)

    found, _ = run(server, high=16.0, low=4.0, probes=100)
    assert found.best is not None
    assert found.best <= 6
    assert "as close as" in found.reason


@pytest.mark.parametrize("seed", range(20))
def test_a_noisy_limit_is_found_near_where_half_of_the_runs_hold(seed: int) -> None:
    chance = random.Random(seed)

    def server(value: float) -> ProbeResult:
        return ProbeResult(held=value * chance.gauss(1, 0.05) <= 100, kept_up=True)

    found, _ = run(server, trials=5, precision=0.02, probes=200)
    assert found.best == pytest.approx(100, rel=0.15)
    assert "of 5 runs" in found.sure() or "of 3 runs" in found.sure() or "4 runs" in found.sure()


def test_how_sure_it_is_is_said() -> None:
    found, _ = run(limit(8.0), whole=True, trials=3)
    assert found.sure() == (
        "2 of 2 runs held at the best load (at least 34% of runs would, with 97.5 % confidence); "
        "0 of 2 at the lightest load that does not hold"
    )
