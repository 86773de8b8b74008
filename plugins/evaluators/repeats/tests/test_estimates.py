"""Every estimator against an enumeration of all subsets, and by hand."""

from __future__ import annotations

import itertools
from math import ceil
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.api import Reading, Score, ScoreGroup, Verdict
from aisbench_plugin_repeats.accuracy import Accuracy
from aisbench_plugin_repeats.average import AvgAtN
from aisbench_plugin_repeats.circular import Circular
from aisbench_plugin_repeats.consensus import ConsAtK
from aisbench_plugin_repeats.half import ConsHalfAtK
from aisbench_plugin_repeats.passing import PassAtK
from aisbench_plugin_repeats.settings import K, KTau, N
from aisbench_plugin_repeats.stability import GPassAtK, MeanGPassAtK
from aisbench_plugin_repeats.worst import WorstAtK


def group(*values: float, answers: str | None = None, failed: tuple[int, ...] = ()) -> ScoreGroup:
    """One sample; ``answers`` are its extracted answers, a letter each, "-" for none."""
    scores = []
    for index, value in enumerate(values):
        verdict = Verdict.RIGHT if value == 1 else Verdict.WRONG
        letter = answers[index] if answers else ("r" if value == 1 else f"w{index}")
        if index in failed:
            verdict, letter = Verdict.FAILED, "-"
        scores.append(
            Score(value=value, verdict=verdict, extracted=None if letter == "-" else letter)
        )
    return ScoreGroup(sample_id="s", scores=tuple(scores))


def value(reducer: object, *groups: ScoreGroup) -> float:
    figures = reducer.reduce(groups)  # type: ignore[attr-defined]
    assert figures[0].low <= figures[0].value <= figures[0].high
    return float(figures[0].value)


graded = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=7)
binary = st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=8)


@given(graded, st.data())
def test_pass_and_worst_are_the_mean_over_all_subsets(
    values: list[float], data: st.DataObject
) -> None:
    k = data.draw(st.integers(1, len(values)))
    subsets = list(itertools.combinations(values, k))
    assert value(PassAtK(K(k=k)), group(*values)) == pytest.approx(100 * mean(map(max, subsets)))
    assert value(WorstAtK(K(k=k)), group(*values)) == pytest.approx(100 * mean(map(min, subsets)))


@given(binary, st.data())
def test_g_pass_is_the_share_of_subsets_with_enough_right(
    values: list[float], data: st.DataObject
) -> None:
    k = data.draw(st.integers(1, len(values)))
    m = data.draw(st.integers(1, k))
    share = mean(sum(subset) >= m for subset in itertools.combinations(values, k))
    assert value(GPassAtK(KTau(k=k, tau=m / k)), group(*values)) == pytest.approx(100 * share)


@given(binary, st.data())
def test_mean_g_pass(values: list[float], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(values)))
    subsets = list(itertools.combinations(values, k))
    expected = (
        2
        / k
        * sum(mean(sum(subset) >= i for subset in subsets) for i in range(ceil(k / 2) + 1, k + 1))
    )
    assert value(MeanGPassAtK(K(k=k)), group(*values)) == pytest.approx(100 * expected)


@given(
    st.lists(
        binary.filter(lambda v: len(v) == 4) | st.just([1.0, 0.0, 0.0, 1.0]),
        min_size=1,
        max_size=6,
    )
)
def test_one_of_each_is_the_same_figure(rows: list[list[float]]) -> None:
    groups = [group(*row) for row in rows]
    mean_score = 100 * mean(mean(row) for row in rows)
    for reducer in (
        Accuracy(),
        AvgAtN(N(n=4)),
        PassAtK(K(k=1)),
        WorstAtK(K(k=1)),
        ConsAtK(K(k=1)),
    ):
        assert value(reducer, *groups) == pytest.approx(mean_score)


@given(binary)
def test_pass_grows_and_worst_falls_with_k(values: list[float]) -> None:
    best = [value(PassAtK(K(k=k)), group(*values)) for k in range(1, len(values) + 1)]
    worst = [value(WorstAtK(K(k=k)), group(*values)) for k in range(1, len(values) + 1)]
    assert best == sorted(best)
    assert worst == sorted(worst, reverse=True)


@pytest.mark.parametrize(
    ("values", "answers", "expected"),
    [
        ((1, 1, 0, 0, 0), "aabcd", 100.0),  # most agree, though most are wrong
        ((1, 1, 0, 0, 0), "aabbb", 0.0),
        ((1, 1, 0, 0, 0), "aabbc", 50.0),  # a tie is worth its mean
        ((1, 0, 0, 0, 0), "a----", 100.0),  # who said nothing does not vote
        ((0, 0, 0, 0, 0), "-----", 0.0),
    ],
)
def test_majority(values: tuple[float, ...], answers: str, expected: float) -> None:
    assert value(ConsAtK(K(k=5)), group(*values, answers=answers)) == pytest.approx(expected)


@pytest.mark.parametrize(("right", "expected"), [(2, 0.0), (3, 100.0), (5, 100.0), (0, 0.0)])
def test_more_than_half_of_five(right: int, expected: float) -> None:
    values = [1.0] * right + [0.0] * (5 - right)
    assert value(ConsHalfAtK(K(k=5)), group(*values)) == expected


def test_half_of_four_is_not_more() -> None:
    assert value(ConsHalfAtK(K(k=4)), group(1, 1, 0, 0)) == 0.0


def test_votes_go_over_blocks_in_order_and_leave_the_rest() -> None:
    one = group(1, 1, 0, 0, 0, 0, 1, answers="aabbbca")
    assert value(ConsAtK(K(k=3)), one) == pytest.approx(50.0)
    assert value(ConsHalfAtK(K(k=3)), one) == pytest.approx(50.0)


def test_failures_count_zero_and_give_bounds() -> None:
    groups = [group(1, 0, failed=(1,)), group(0, 0, failed=(0, 1)), group(1, 1)]
    figure = Accuracy().reduce(groups)[0]
    assert figure.value == pytest.approx(50.0)
    assert (figure.bound_low, figure.bound_high) == pytest.approx((50.0, 100.0))
    votes = ConsAtK(K(k=2)).reduce(groups)[0]
    assert votes.value == pytest.approx(200 / 3)
    assert (votes.bound_low, votes.bound_high) == pytest.approx((200 / 3, 100.0))


def test_failed_votes_join_the_right_answer() -> None:
    one = group(1, 0, 0, 0, 0, answers="abb--", failed=(3, 4))
    figure = ConsAtK(K(k=5)).reduce([one])[0]
    assert (figure.value, figure.bound_low, figure.bound_high) == (0.0, 0.0, 100.0)


def test_no_bounds_without_failures() -> None:
    figure = Accuracy().reduce([group(1, 0), group(0, 0)])[0]
    assert figure.bound_low is None
    assert figure.bound_high is None


def test_readings_are_reported_only_where_they_differ() -> None:
    same = Score(
        value=1, verdict=Verdict.RIGHT, readings={"strict": Reading(value=1, extracted="a")}
    )
    other = Score(
        value=1,
        verdict=Verdict.RIGHT,
        readings={
            "strict": Reading(value=0, extracted=None),
            "lenient": Reading(value=1, extracted="a"),
        },
    )
    failed = Score(value=0, verdict=Verdict.FAILED)

    def names(*scores: Score) -> dict[str, float]:
        groups = [ScoreGroup(sample_id=str(i), scores=(s,)) for i, s in enumerate(scores)]
        return {figure.name: figure.value for figure in Accuracy().reduce(groups)}

    assert names(same, failed) == {"accuracy": 50.0}
    assert names(same, other) == {"accuracy": 100.0, "accuracy (strict)": 50.0}


def test_names_are_the_suites_spelling() -> None:
    one = group(*[1.0] * 8)
    reducers = [
        PassAtK(K(k=5)), ConsAtK(K(k=5)), ConsHalfAtK(K(k=5)), AvgAtN(N(n=5)), WorstAtK(K(k=5)),
        GPassAtK(KTau(k=8, tau=0.5)), GPassAtK(KTau(k=8, tau=1.0)), MeanGPassAtK(K(k=8)),
    ]  # fmt: skip
    assert [reducer.reduce([one])[0].name for reducer in reducers] == [
        "pass@5", "cons@5", "cons-half@5", "avg@5", "worst@5", "g-pass@8_0.5", "g-pass@8_1",
        "mg-pass@8",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "reducer", [PassAtK(K(k=3)), ConsAtK(K(k=3)), ConsHalfAtK(K(k=3)), AvgAtN(N(n=3)),
                GPassAtK(KTau(k=3, tau=0.5)), MeanGPassAtK(K(k=3)), WorstAtK(K(k=3))],
)  # fmt: skip
def test_too_few_repeats_say_what_to_set(reducer: PassAtK) -> None:
    with pytest.raises(ValueError, match=r"needs 3 repeats, the run has 2: set repeats = 3"):
        reducer.reduce([group(1, 0)])


def test_no_scores_and_unequal_numbers_of_them() -> None:
    """A question with fewer options is asked in fewer orders: it weighs as much as others."""
    with pytest.raises(ValueError, match="no scores"):
        Accuracy().reduce([])
    assert value(Accuracy(), group(1), group(1, 0)) == pytest.approx(75.0)
    with pytest.raises(ValueError, match="needs 2 repeats, the run has 1"):
        PassAtK(K(k=2)).reduce([group(1), group(1, 0)])


def test_one_sample_has_no_standard_error() -> None:
    figure = Accuracy().reduce([group(1)])[0]
    assert figure.stderr is None
    assert figure.low is not None
    assert figure.low < 100


def test_thresholds_are_not_rounded_up() -> None:
    # 0.1 * 30 is 3.0000000000000004 in binary floating point; three right answers suffice.
    values = [1.0] * 3 + [0.0] * 27
    assert value(GPassAtK(KTau(k=30, tau=0.1)), group(*values)) == pytest.approx(100.0)


def test_circular_counts_questions_that_are_right_in_all_ways() -> None:
    """However many ways each is asked in; a graded score counts as its worst."""
    groups = [group(1, 1, 1, 1), group(1, 0, 1), group(1, 1), group(0), group(1, 0.5)]
    assert value(Circular(), *groups) == pytest.approx(100 * 2.5 / 5)
    (figure,) = Circular().reduce([group(1, 1, failed=(1,)), group(1, 1)])
    assert (figure.bound_low, figure.bound_high, figure.n) == (50.0, 100.0, 2)
