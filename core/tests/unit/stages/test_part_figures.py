"""Figures of parts, and of groups of parts."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

import pytest

from aisbench.stages.part_figures import MEAN_OF_PARTS, figures_of, mean_figure
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
