"""The statistics against brute force, and against values that others published."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest

from aisbench_plugin_compare.comparing.contributions import of_values
from aisbench_plugin_compare.comparing.difference import weighed
from aisbench_plugin_compare.comparing.reductions import (
    expected_best,
    majority,
    reduction_of,
)
from aisbench_plugin_compare.records.changes import change_points
from aisbench_plugin_compare.statistics.bootstrap import mean_interval, smallest_mean
from aisbench_plugin_compare.statistics.hierarchy import (
    compare_figures,
    compare_loads,
    independent,
)
from aisbench_plugin_compare.statistics.holm import holm
from aisbench_plugin_compare.statistics.load_draws import sample_of, statistic, within
from aisbench_plugin_compare.statistics.normal import (
    normal_quantile,
    student_below,
    student_quantile,
)
from aisbench_plugin_compare.statistics.paired_counts import (
    mcnemar,
    smallest_paired,
    tango_interval,
)
from aisbench_plugin_compare.statistics.permutation import sign_flips


@pytest.mark.parametrize("flips", range(1, 13))
def test_mcnemar_is_the_share_of_outcomes_as_uneven(flips: int) -> None:
    for gained in range(flips + 1):
        uneven = abs(2 * gained - flips)
        outcomes = [sum(one) for one in itertools.product((0, 1), repeat=flips)]
        share = sum(abs(2 * one - flips) >= uneven for one in outcomes) / len(outcomes)
        assert mcnemar(gained, flips - gained) == pytest.approx(share, abs=1e-12)


def test_mcnemar_of_none_and_of_many() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5000, 5000) == 1.0
    # The binomial by integers: nothing is rounded before the end.
    tail = sum(math.comb(1000, k) for k in range(401))
    assert mcnemar(600, 400) == pytest.approx(2 * tail / 2**1000, rel=1e-9)
    assert mcnemar(3000, 0) == 0.0 or mcnemar(3000, 0) < 1e-300


@pytest.mark.parametrize("seed", range(6))
def test_sign_flips_are_the_share_of_all_signs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.round(rng.normal(0.3, 1, 9), 1)
    sums = [
        abs(math.fsum(sign * value for sign, value in zip(signs, values, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(values))
    ]
    observed = abs(math.fsum(values))
    share = sum(one >= observed - 1e-9 for one in sums) / len(sums)
    found = sign_flips(values, seed)
    assert found.p == pytest.approx(share)
    assert found.error is None


@pytest.mark.parametrize("step", [0.5, 0.0])
def test_drawn_signs_come_near_the_exact_ones(step: float) -> None:
    """Drawn as counts of equal sizes, and one by one."""
    rng = np.random.default_rng(3)
    values = rng.normal(0.25, 1, 17)
    if step:
        values = np.round(values / step) * step
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums + value, sums - value])
    exact = float(np.mean(np.abs(sums) >= abs(values.sum()) - 1e-9))
    # Zeros change no sum: with a hundred of them more the differences are drawn all the same.
    found = sign_flips(np.concatenate([values, np.full(100, 1e-15)]), 7)
    assert found.error is not None
    assert abs(found.p - exact) < 5 * found.error + 1e-4


def test_no_difference_at_all_is_certain() -> None:
    assert sign_flips(np.zeros(50), 0).p == 1.0


def test_one_question_decides_nothing() -> None:
    assert sign_flips(np.array([1.0]), 0).p == 1.0


def test_mcnemar_is_the_permutation_test_of_right_and_wrong() -> None:
    values = np.array([1.0] * 9 + [-1.0] * 3 + [0.0] * 40)
    assert sign_flips(values, 0).p == pytest.approx(mcnemar(9, 3))


def brute_holm(values: Sequence[float], level: float) -> list[bool]:
    """The procedure as it is written: refuse from the smallest on while p <= level/(m - i)."""
    order = sorted(range(len(values)), key=values.__getitem__)
    refused = [False] * len(values)
    for rank, place in enumerate(order):
        if values[place] > level / (len(values) - rank):
            break
        refused[place] = True
    return refused


def test_holm_refuses_what_the_procedure_refuses() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        values = list(rng.random(rng.integers(1, 8)) ** 3)
        for level in (0.01, 0.05, 0.2):
            found = [one <= level for one in holm(values)]
            assert found == brute_holm(values, level)


def test_holm_of_ties_and_none() -> None:
    assert holm([]) == []
    assert holm([0.01, 0.04, 0.01]) == pytest.approx([0.03, 0.04, 0.03])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


@pytest.mark.parametrize(
    ("p", "degrees", "value"),
    [(0.975, 1, 12.7062), (0.975, 4, 2.77645), (0.95, 10, 1.81246), (0.995, 30, 2.75000)],
)
def test_students_quantiles_are_those_of_the_tables(p: float, degrees: int, value: float) -> None:
    assert student_quantile(p, degrees) == pytest.approx(value, rel=1e-5)
    assert student_below(value, degrees) == pytest.approx(p, abs=1e-5)
    assert student_quantile(1 - p, degrees) == pytest.approx(-value, rel=1e-5)


def test_student_with_many_degrees_is_normal() -> None:
    assert student_quantile(0.975, math.inf) == normal_quantile(0.975)
    assert student_quantile(0.975, 1e7) == pytest.approx(normal_quantile(0.975), rel=1e-6)


def score_statistic(delta: float, gained: int, lost: int, n: int) -> float:
    """Tango's statistic with the likelihood's maximum found by search, not by its formula."""
    both = n - gained - lost
    best, found = -math.inf, 0.0
    for step in range(1, 20000):
        q = step / 20000
        p = q + delta
        rest = 1 - p - q
        if p <= 0 or rest <= 0:
            continue
        value = gained * math.log(p) + lost * math.log(q) + both * math.log(rest)
        if value > best:
            best, found = value, q
    return (gained - lost - n * delta) / math.sqrt(n * (2 * found + delta - delta * delta))


@pytest.mark.parametrize(("gained", "lost", "n"), [(10, 2, 60), (7, 7, 50), (1, 9, 30)])
def test_tangos_ends_are_where_the_score_is_just_refused(gained: int, lost: int, n: int) -> None:
    low, high = tango_interval(gained, lost, n)
    assert score_statistic(low, gained, lost, n) == pytest.approx(1.96, abs=0.01)
    assert score_statistic(high, gained, lost, n) == pytest.approx(-1.96, abs=0.01)


def test_intervals_of_extremes_stay_inside() -> None:
    for gained, lost, n in ((0, 0, 10), (10, 0, 10), (0, 10, 10), (1, 0, 1)):
        low, high = tango_interval(gained, lost, n)
        assert -1 <= low <= (gained - lost) / n <= high <= 1
    assert tango_interval(3, 1, 20)[0] == pytest.approx(-tango_interval(1, 3, 20)[1])


def test_the_smallest_difference_shrinks_with_n_and_grows_with_flips() -> None:
    assert smallest_paired(50, 50, 1000) < smallest_paired(5, 5, 100)
    assert smallest_paired(50, 50, 1000) < smallest_paired(150, 150, 1000)
    # Without a flip six one way are the fewest that the exact test refuses: 2 / 2^6 < 0.05.
    assert mcnemar(6, 0) < 0.05 < mcnemar(5, 0)
    assert smallest_paired(0, 0, 100) >= 0.06
    assert smallest_paired(0, 0, 3) == 1.0
    assert smallest_mean(1.0) == pytest.approx(2.8016, abs=1e-3)


def test_bootstrap_of_means_is_near_students_interval() -> None:
    rng = np.random.default_rng(1)
    for values in (rng.normal(1, 2, 400), rng.choice([-1.0, 0.0, 1.0], 400)):
        low, high = mean_interval(values, 5)
        reach = 1.966 * values.std(ddof=1) / 20
        assert low == pytest.approx(values.mean() - reach, abs=0.15 * reach)
        assert high == pytest.approx(values.mean() + reach, abs=0.15 * reach)
    assert mean_interval(np.array([2.0, 2.0]), 0) == (2.0, 2.0)
    with pytest.raises(ValueError, match="two"):
        mean_interval(np.array([2.0]), 0)


def test_draws_of_a_percentile_are_those_of_resampled_blocks() -> None:
    rng = np.random.default_rng(2)
    values = rng.gamma(2, 10, 240)
    sample = sample_of(values)
    draws = within(sample, 90.0, 400, np.random.default_rng(0))
    blocks = np.array_split(values, sample.blocks)
    brute = [
        np.percentile(
            np.concatenate([blocks[i] for i in rng.integers(0, len(blocks), len(blocks))]),
            90,
            method="higher",
        )
        for _ in range(400)
    ]
    assert np.mean(draws) == pytest.approx(np.mean(brute), rel=0.03)
    assert np.std(draws) == pytest.approx(np.std(brute), rel=0.2)
    means = within(sample, None, 4000, np.random.default_rng(0))
    assert means.mean() == pytest.approx(values.mean(), rel=0.01)


def test_large_loads_are_drawn_by_ranks() -> None:
    rng = np.random.default_rng(2)
    values = rng.gamma(2, 10, 50_000)
    sample = sample_of(values)
    assert len(sample.edges) < 5000
    draws = within(sample, 99.0, 200, np.random.default_rng(0))
    assert np.median(draws) == pytest.approx(statistic(values, 99.0), rel=0.01)


def test_a_conversation_stays_in_one_block() -> None:
    clusters = np.repeat(np.arange(40), 5)
    order = np.random.default_rng(0).permutation(len(clusters))
    sample = sample_of(np.arange(200.0), clusters[order])
    assert set(sample.sizes) <= {5.0, 10.0}
    assert sample.sizes.sum() == 200


def test_repeated_loads_are_compared_by_students_test() -> None:
    """The published example of two samples: differences and degrees as any book has them."""
    left, right = (20.0, 22.0, 19.0), (28.0, 26.0, 30.0)
    found = compare_figures(left, right)
    assert found is not None
    assert found.difference == pytest.approx(7.6667, abs=1e-4)
    assert found.degrees == 4
    t = 7.6667 / math.sqrt(7 / 9 + 4 / 3)
    assert found.p == pytest.approx(2 * (1 - student_below(t, 4)), abs=1e-4)
    assert compare_figures((1.0,), (2.0,)) is None


def test_one_load_against_several_takes_their_spread() -> None:
    found = compare_figures((20.0,), (28.0, 26.0, 30.0))
    assert found is not None
    assert found.degrees == 2
    assert found.high - found.low == pytest.approx(2 * 4.30265 * math.sqrt(4 + 4 / 3), abs=1e-3)


def test_one_load_a_side_knows_the_spread_within_alone() -> None:
    rng = np.random.default_rng(0)
    left, right = ([sample_of(rng.normal(mean, 5, 600))] for mean in (100, 103))
    found = compare_loads(left, right, None, 1)
    assert found.basis == "requests"
    assert found.low < 3 < found.high
    assert found.p < 0.001
    again = compare_loads(left, right, None, 1)
    assert (again.low, again.high, again.p) == (found.low, found.high, found.p)


def test_equal_loads_do_not_differ() -> None:
    one = [sample_of(np.full(40, 7.0)), sample_of(np.full(40, 7.0))]
    found = compare_loads(one, one, 99.0, 1)
    assert (found.p, found.low, found.high) == (1.0, 0.0, 0.0)
    single = compare_loads([sample_of(np.array([1.0]))], [sample_of(np.array([9.0]))], None, 1)
    assert single.p == 1.0
    assert math.isinf(single.low)


def test_independent_intervals() -> None:
    low, high = independent((10, 9, 11), (13, 12, 14))
    assert (low, high) == pytest.approx((3 - math.sqrt(2), 3 + math.sqrt(2)))


@pytest.mark.parametrize("k", [1, 2, 3])
def test_reductions_are_means_over_all_choices(k: int) -> None:
    scores = [0.0, 1.0, 1.0, 0.5, 0.0]
    best = [max(one) for one in itertools.combinations(scores, k)]
    worst = [min(one) for one in itertools.combinations(scores, k)]
    assert expected_best(scores, k) == pytest.approx(sum(best) / len(best))
    found = reduction_of(f"worst@{k}")
    assert found is not None
    assert found(scores) == pytest.approx(sum(worst) / len(worst))
    passing = reduction_of(f"g-pass@{k}_1")
    assert passing is not None
    all_right = [min(one) >= 1 for one in itertools.combinations(scores, k)]
    assert passing(scores) == pytest.approx(sum(all_right) / len(all_right))


@pytest.mark.parametrize(
    "name", ["pass@", "pass@0", "cons@4", "nothing@2", "g-pass@2_x", "pass@x"]
)
def test_what_is_no_reduction(name: str) -> None:
    assert reduction_of(name) is None


def test_votes() -> None:
    assert majority([("3", 1.0), ("3", 1.0), ("4", 0.0)]) == 1.0
    assert majority([("3", 1.0), ("4", 0.0)]) == 0.5
    assert majority([(None, 0.0)]) == 0.0


def test_a_change_of_level_is_found_where_it_is() -> None:
    rng = np.random.default_rng(0)
    values = [*rng.normal(70, 1, 8), *rng.normal(62, 1, 7)]
    (found,) = change_points(values)
    assert found.place == 8
    assert (found.begin, found.end) == (0, 15)
    assert found.before == pytest.approx(70, abs=1)
    assert found.after == pytest.approx(62, abs=1)


def test_two_changes_and_none() -> None:
    rng = np.random.default_rng(1)
    values = [*rng.normal(5, 0.1, 9), *rng.normal(8, 0.1, 9), *rng.normal(4, 0.1, 9)]
    assert [one.place for one in change_points(values)] == [9, 18]
    assert change_points([3.0] * 20) == []
    assert change_points([1.0, 9.0, 1.0]) == []
    alarms = sum(bool(change_points(rng.normal(0, 1, 12))) for _ in range(60))
    assert alarms <= 9


def test_false_alarms_are_no_more_than_said() -> None:
    """A little of benchmarks/compare_calibration.py: at most as many of 200 as 5 % make once in a
    thousand, for three kinds of values."""
    rng = np.random.default_rng(5)
    alarms = {"right or wrong": 0, "marks": 0, "loads": 0}
    for _ in range(200):
        n = 200
        base = rng.random(n)
        left, right = (base + rng.normal(0, 0.2, n) for _ in range(2))
        found = of_values(np.round(left > 0.5), np.round(right > 0.5), single=True)
        alarms["right or wrong"] += (weighed(found, 1).p or 0) < 0.05
        alarms["marks"] += sign_flips(right[:30] - left[:30], 1, draws=999).p < 0.05
        loads = rng.normal(100, 5, (2, 3))
        loads_found = compare_figures(list(loads[0]), list(loads[1]))
        assert loads_found is not None
        alarms["loads"] += loads_found.p < 0.05
    assert max(alarms.values()) <= 21, alarms
    assert min(alarms.values()) >= 1, alarms
