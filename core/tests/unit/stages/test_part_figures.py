"""Figures of parts, and of groups of parts."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean
from typing import Any

import pytest

from aisbench.stages.means import harmonic_figure, mean_figure
from aisbench.stages.part_figures import MEAN_OF_PARTS, figures_of, part_share, whole_first
from aisbench.types.figure import Figure
from aisbench.types.offer import PartGroup
from aisbench.types.score import Score, ScoreGroup, Verdict


class Share:
    """The share of right ones, with an interval a tenth to each side."""

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        value = 100 * mean(group.scores[0].value for group in groups)
        return [
            Figure(name="share", value=value, unit="%", n=len(groups), stderr=5.0, low=value - 10,
                   high=value + 10)
        ]  # fmt: skip


def scores(**parts: str) -> list[ScoreGroup]:
    return [
        ScoreGroup(
            sample_id=f"{part}-{place}",
            scores=(Score(value=float(mark), verdict=Verdict.RIGHT),),
            part=part,
        )
        for part, marks in parts.items()
        for place, mark in enumerate(marks)
    ]


def values(found: Sequence[Figure]) -> dict[str, float]:
    return {figure.part: figure.value for figure in found}


GROUPS = (
    PartGroup(name="cats", members=("lion", "lynx")),
    PartGroup(name="alike", members=("cats", "crow"), mean="members"),
    PartGroup(name="heavy", members=("lion", "crow"), mean="members", weights=(3.0, 1.0)),
)
ANIMALS = scores(lion="1100", lynx="1", crow="00")


def test_without_parts_there_is_one_figure() -> None:
    assert values(figures_of(Share(), scores(**{"": "10"}), GROUPS)) == {"": 50.0}


def test_the_whole_comes_first_then_groups_then_parts() -> None:
    found = figures_of(Share(), ANIMALS, GROUPS)
    assert [figure.part for figure in found] == [
        "", MEAN_OF_PARTS, "cats", "alike", "heavy", "lion", "lynx", "crow",
    ]  # fmt: skip
    assert values(found) == pytest.approx(
        {
            "": 100 * 3 / 7, MEAN_OF_PARTS: 50.0, "cats": 60.0, "alike": 30.0, "heavy": 37.5,
            "lion": 50.0, "lynx": 100.0, "crow": 0.0,
        }
    )  # fmt: skip
    assert {figure.part: figure.n for figure in found}["cats"] == 5


def test_a_group_says_what_it_lacks() -> None:
    found = values(figures_of(Share(), scores(lion="10", crow="1"), GROUPS))
    assert found["cats (1 of 2)"] == 50.0
    assert found["alike"] == 75.0  # of the groups and parts that are there
    assert "heavy" in found


def test_a_group_of_absent_parts_is_left_out() -> None:
    found = values(figures_of(Share(), scores(crow="10"), GROUPS))
    assert not any(name.startswith("cats") for name in found)
    assert MEAN_OF_PARTS not in found


def test_a_nameless_group_is_the_data_sets_own_figure() -> None:
    groups = (PartGroup(name="", members=("lion", "crow"), mean="members"),)
    found = figures_of(Share(), scores(lion="1111", crow="0"), groups)
    assert (found[0].part, found[0].value) == ("", 50.0)
    assert sum(figure.part == "" for figure in found) == 1


def test_intervals_are_combined() -> None:
    one = Figure(name="x", value=50, unit="%", n=4, stderr=3.0, low=40, high=56)
    other = Figure(name="x", value=100, unit="%", n=6, stderr=0.0, low=70, high=100)
    found = mean_figure([one, other], [1, 1])
    assert found.value == 75
    assert found.n == 10
    assert found.stderr == pytest.approx(1.5)
    assert found.low == pytest.approx(75 - (5**2 + 15**2) ** 0.5)
    assert found.high == pytest.approx(75 + 3)


def test_bounds_are_combined() -> None:
    one = Figure(name="x", value=50, unit="%", n=4, bound_low=40, bound_high=60)
    other = Figure(name="x", value=100, unit="%", n=6)
    found = mean_figure([one, other], [1, 3])
    assert (found.bound_low, found.bound_high) == (85, 90)
    assert found.low is None and found.stderr is None


BBEH = {
    # Two rows of google-deepmind/bbeh, leaderboard.md: the mean that it gives, the tasks' figures.
    "o3-mini (high)": (
        44.8,
        "53 67 54 58.3 55 52.5 32 24 17 84 73 16 56.5 90 49.5 48.5 26.5 59.5 68.5 76.5 43 77.5 "
        "67.5",
    ),
    "Llama 3.1 8b Instruct": (
        3.6,
        "31.5 18 37 36.7 4.5 25.5 2 16.5 3 30 .5 13 .5 0 9.5 1 1.5 0 9.5 4 5.5 2.5 2.5",
    ),
}


@pytest.mark.parametrize("model", BBEH)
def test_harmonic_means_are_those_of_the_bbeh_leaderboard(model: str) -> None:
    published, tasks = BBEH[model]
    figures = [Figure(name="x", value=float(one), unit="%", n=200) for one in tasks.split()]
    found = harmonic_figure(figures, [1] * len(figures), plus=1)
    assert round(found.value, 1) == published
    assert (found.low, found.stderr, found.n) == (None, None, 4600)


def test_the_interval_of_a_harmonic_mean_is_that_of_the_reciprocals() -> None:
    one = Figure(
        name="x", value=50, unit="%", n=4, stderr=3.0, low=40, high=56, bound_low=50, bound_high=80
    )
    other = Figure(name="x", value=100, unit="%", n=6, stderr=0.0, low=80, high=100)
    found = harmonic_figure([one, other], [1, 1])
    assert found.value == pytest.approx(200 / 3)
    assert found.high == pytest.approx(1 / (0.5 / 56 + 0.5 / 100))
    above = ((0.5 / 40 - 0.5 / 50) ** 2 + (0.5 / 80 - 0.5 / 100) ** 2) ** 0.5
    assert found.low == pytest.approx(1 / (0.015 + above))
    assert found.stderr == pytest.approx((200 / 3) ** 2 * 0.5 * 3 / 50**2)
    assert found.bound_low == pytest.approx(200 / 3)
    assert found.bound_high == pytest.approx(2 / (1 / 80 + 1 / 100))


def test_a_member_at_0_makes_a_harmonic_mean_0_unless_something_is_added() -> None:
    none = Figure(name="x", value=0, unit="%", n=4, stderr=0.0, low=0, high=40)
    all_of_it = Figure(name="x", value=100, unit="%", n=4, stderr=0.0, low=60, high=100)
    found = harmonic_figure([none, all_of_it], [1, 1])
    assert (found.value, found.low, found.high, found.stderr) == (0, None, None, None)
    lifted = harmonic_figure([none, all_of_it], [1, 1], plus=1)
    assert lifted.value == pytest.approx(2 / (1 / 1 + 1 / 101))
    assert lifted.high == pytest.approx(2 / (1 / 41 + 1 / 101))
    assert harmonic_figure([none, all_of_it], [0, 1]).low == pytest.approx(60)
    with pytest.raises(ValueError, match="below 0"):
        harmonic_figure([Figure(name="x", value=-1, unit="", n=1)], [1])


def test_a_group_may_be_a_harmonic_mean() -> None:
    groups = (PartGroup(name="", members=("lion", "lynx"), mean="harmonic", plus=1.0),)
    found = figures_of(Share(), scores(lion="1100", lynx="1"), groups)
    assert (found[0].part, found[0].value) == ("", pytest.approx(2 / (1 / 51 + 1 / 101)))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"weights": (1.0, 1.0)}, "weights need"),
        ({"weights": (1.0,), "mean": "members"}, "1 weights for 2 members"),
        ({"weights": (-1.0, 2.0), "mean": "members"}, "0 or more"),
        ({"weights": (0.0, 0.0), "mean": "members"}, "not all 0"),
        ({"plus": 1.0}, "plus needs"),
        ({"plus": -1.0, "mean": "harmonic"}, "0 or more"),
    ],
)
def test_what_does_not_go_together_in_a_group_is_an_error(
    wrong: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=f"group 'g': .*{says}"):
        PartGroup(name="g", members=("a", "b"), **wrong)


class Few(Share):
    """Sums up what is worth a half or more, and can say nothing of others."""

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        fit = [one for one in groups if one.scores[0].value]
        if not fit:
            raise ValueError("nothing to sum up")
        return super().reduce(fit)


def test_a_part_whose_scores_do_not_suffice_has_no_figure() -> None:
    found = values(figures_of(Few(), ANIMALS, GROUPS))
    assert found == {"": 100.0, "cats": 100.0, "lion": 100.0, "lynx": 100.0}
    with pytest.raises(ValueError, match="nothing to sum up"):
        figures_of(Few(), scores(crow="00"), GROUPS)


def test_a_data_sets_own_mean_of_some_parts_is_its_figure() -> None:
    """As that of all parts is; a sentence says of how many."""
    own = PartGroup(name="", members=("tom", "pets", "dog"), mean="members")
    pets = PartGroup(name="pets", members=("cat", "bird"))
    figures = [
        Figure(name="accuracy", unit="%", value=10.0, n=4),
        Figure(name="accuracy", unit="%", value=20.0, n=4, part="(2 of 3)"),
        Figure(name="accuracy", unit="%", value=30.0, n=2, part="tom"),
        Figure(name="rouge", unit="%", value=40.0, n=4),
    ]
    found = [(one.name, one.part, one.value) for one in whole_first(figures)]
    assert found == [("accuracy", "", 20.0), ("accuracy", "tom", 30.0), ("rouge", "", 40.0)]
    assert part_share((pets, own), {"tom", "cat"}) == (
        "its own figure is the mean of 2 of its 4 parts",
    )
    assert part_share((pets, own), {"tom", "cat", "bird", "dog"}) == ()
    assert part_share((pets,), {"cat"}) == ()
