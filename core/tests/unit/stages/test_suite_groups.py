"""Groups of data sets: their figures, intervals, and what they say of what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aisbench.base.errors import Problem
from aisbench.config.group_keys import MemberTable, SuiteGroupTable
from aisbench.config.plan_groups import planned_groups
from aisbench.settings.convert import structure
from aisbench.settings.problems import Problems
from aisbench.stages.suite_groups import group_results
from aisbench.types.figure import Figure
from aisbench.types.groups import GroupResult
from aisbench.types.results import Counts, TaskResult

DATASETS = {"mmlu": "mmlu", "math": "gsm8k", "quiz": "own"}


def figure(value: float, n: int = 100, **more: Any) -> Figure:
    more = {"name": "accuracy", "unit": "%", "better": "up", "stderr": 4.0, **more}
    return Figure(value=value, n=n, low=value - 10, high=value + 10, **more)


def task(
    dataset: str, *figures: Figure, model: str = "m", parts: tuple[str, ...] = ()
) -> TaskResult:
    return TaskResult(
        model=model, dataset=dataset, variant="", samples=100, repeats=1, counts=Counts(),
        figures=figures, parts=dict.fromkeys(parts, 10),
    )  # fmt: skip


TASKS = (
    task(
        "mmlu",
        figure(60),
        figure(50, part="mean of parts"),
        figure(80, n=10, part="law"),
        figure(30, n=10, part="art"),
        figure(55, part="stem (3 of 20)"),
        parts=("law", "art"),
    ),
    task("math", figure(90, n=300), figure(40, name="pass@5")),
    task("quiz", figure(20, unit="points")),
)


def results(tasks: tuple[TaskResult, ...] = TASKS, **tables: Any) -> dict[str, GroupResult]:
    groups = {
        name: SuiteGroupTable(**{"optional": True, **table}) for name, table in tables.items()
    }
    found, _ = group_results(planned_groups(groups, DATASETS), tasks)
    return {one.name: one for one in found}


def value(**table: Any) -> float:
    found = results(g=table)["g"].figure
    assert found is not None
    return found.value


def test_members_count_alike_by_weights_by_samples_or_harmonically() -> None:
    both = ("mmlu", "math")
    assert value(members=both) == 75
    assert value(members=both, weights=(1.0, 3.0)) == 82.5
    assert value(members=both, mean="samples") == 82.5
    assert value(members=both, mean="harmonic") == pytest.approx(72)
    assert value(members=both, mean="harmonic", plus=10.0) == pytest.approx(2 / (1 / 70 + 1 / 100))


def test_members_are_found_by_the_suites_names_and_by_those_of_plugins_and_parts() -> None:
    assert value(members=("gsm8k", "mmlu/law")) == 85
    assert value(members=("mmlu/mean of parts",)) == 50
    assert value(members=("mmlu", MemberTable(of="math", figure="pass@5"))) == 50
    assert value(members=("math",), figure="pass@5") == 40


def test_groups_may_hold_groups() -> None:
    found = results(
        outer={"members": ("inner", "math")}, inner={"members": ("mmlu/law", "mmlu/art")}
    )
    assert found["outer"].figure is not None
    assert found["outer"].figure.value == pytest.approx((55 + 90) / 2)
    assert (found["outer"].present, found["outer"].total, found["outer"].complete) == (3, 3, True)
    assert [one.name for one in found["outer"].members] == ["inner", "math"]


def test_members_are_called_by_titles_and_figures() -> None:
    members = ("inner", "math", MemberTable(of="math", figure="pass@5"))
    found = results(outer={"members": members}, inner={"members": ("mmlu",), "title": "Inside"})
    assert [one.name for one in found["outer"].members] == ["Inside", "math", "math (pass@5)"]


def test_what_is_missing_is_said_and_never_counted() -> None:
    found = results(g={"members": ("mmlu", "arc", "math/algebra", "math")})["g"]
    assert found.figure is not None
    assert found.figure.value == 75
    assert (found.share, found.missing) == ("2 of 4", ("arc", "math/algebra"))
    assert found.members[1].figure is None
    nested = results(outer={"members": ("g", "mmlu")}, g={"members": ("math", "arc")})["outer"]
    assert (nested.share, nested.missing) == ("2 of 3", ("arc",))
    nothing = results(g={"members": ("arc",)})["g"]
    assert (nothing.figure, nothing.share) == (None, "0 of 1")


@pytest.mark.parametrize(
    ("member", "says"),
    [
        ("mmlu/maths", "g: mmlu has no part 'maths'; it has: mean of parts, law, art, stem"),
        (MemberTable(of="math", figure="pass@7"), "no figure 'pass@7'; it has: accuracy, pass@5"),
    ],
)
def test_a_part_or_figure_that_is_not_there_is_told_with_those_that_are(
    member: Any, says: str
) -> None:
    for optional in (False, True):
        table = SuiteGroupTable(members=(member,), optional=optional)
        _, problems = group_results(planned_groups({"g": table}, DATASETS), TASKS)
        assert [says in one for one in problems] == ([] if optional else [True])


def test_a_title_is_one_line() -> None:
    with pytest.raises(Problems, match="one line"):
        structure(SuiteGroupTable, {"members": ["mmlu"], "title": "a\nb"}, Path())


def test_a_group_of_parts_that_is_there_in_part_is_said() -> None:
    found = results(g={"members": ("mmlu/stem", "math")})["g"]
    assert found.figure is not None
    assert found.figure.value == 72.5
    assert found.missing == ("mmlu/stem (3 of 20)",)


def test_scores_can_be_counted_from_what_guessing_gives() -> None:
    assert value(members=(MemberTable(of="mmlu", floor=25.0),)) == pytest.approx(100 * 35 / 75)
    assert value(members=(MemberTable(of="mmlu/art", floor=50.0), "math")) == 45  # below it: 0
    found = results(g={"members": (MemberTable(of="mmlu", floor=20.0),)})["g"].figure
    assert found is not None
    assert (found.low, found.high, found.stderr) == pytest.approx((37.5, 62.5, 5.0))


def test_intervals_of_members_that_share_samples_are_added_up() -> None:
    apart = results(g={"members": ("mmlu", "math")})["g"].figure
    assert apart is not None and apart.low is not None
    assert (apart.low, apart.n) == (pytest.approx(75 - 50**0.5), 400)
    for members in (("mmlu", "mmlu/law"), ("mmlu/mean of parts", "mmlu/art")):
        shared = results(g={"members": members})["g"].figure
        assert shared is not None and shared.low is not None
        assert (shared.low, shared.n) == (pytest.approx(shared.value - 10), 100)
        assert "same samples" in shared.method
    parts = results(g={"members": ("mmlu/law", "mmlu/art")})["g"].figure
    assert parts is not None and parts.low is not None
    assert (parts.low, parts.n) == (pytest.approx(55 - 50**0.5), 20)


def test_members_of_several_kinds_have_no_mean_and_that_is_said() -> None:
    groups = {"g": SuiteGroupTable(members=("mmlu", "quiz"))}
    found, told = group_results(planned_groups(groups, DATASETS), TASKS)
    assert found[0].figure is None
    assert "several kinds (accuracy in %, accuracy in points)" in told[0]
    floor = {"g": SuiteGroupTable(members=(MemberTable(of="quiz", floor=5.0), "mmlu"))}
    found, told = group_results(planned_groups(floor, DATASETS), TASKS)
    assert found[0].share == "1 of 2"
    assert "a floor needs a figure in per cent" in told[0]


def test_each_model_has_its_own() -> None:
    tasks = (*TASKS, task("math", figure(10), model="other"))
    groups = {"g": SuiteGroupTable(members=("mmlu", "math"))}
    found, _ = group_results(planned_groups(groups, DATASETS), tasks)
    assert [(one.model, one.figure and one.figure.value, one.share) for one in found] == [
        ("m", 75, ""), ("other", 10, "1 of 2"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"members": ("arc",)}, "no data set and no group 'arc'"),
        ({"members": ("mmlu", "mmlu")}, "named twice"),
        ({"members": ("g",)}, "holds itself"),
        ({"members": ("section",)}, "without a mean"),
        ({"members": ("own",)}, "may be quiz or second"),
        ({"members": ("mmlu",), "weights": (1.0, 2.0)}, "2 weights for 1 members"),
        ({"members": ("mmlu",), "weights": (1.0,), "mean": "samples"}, "no effect"),
        ({"members": ("mmlu",), "weights": (0.0,)}, "not all 0"),
        ({"members": ("mmlu",), "plus": 1.0}, "no effect"),
    ],
)
def test_mistakes_are_told_with_their_key(table: dict[str, Any], says: str) -> None:
    problems: list[Problem] = []
    tables = {
        "g": SuiteGroupTable(**table),
        "section": SuiteGroupTable(members=("mmlu",), mean="none"),
    }
    planned_groups(tables, {**DATASETS, "second": "own"}, problems.append)
    assert [says in one.message for one in problems] == [True]
    assert problems[0].path[:2] == ("groups", "g")
