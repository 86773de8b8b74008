"""What grid and random propose."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.api import DataError, TuneSpace, TuneTrial, TuneVariable
from aisbench.tuners.drawn import RandomTuner
from aisbench.tuners.grid import GridTuner
from aisbench.types.tuning import same_point, same_value


def space(*variables: TuneVariable, seed: int = 0) -> TuneSpace:
    return TuneSpace(variables=variables, seed=seed, better="up")


def grid(*variables: TuneVariable) -> list[dict[str, Any]]:
    session = GridTuner().session(space(*variables))
    found = [dict(one) for one in iter(session.propose, None)]
    assert GridTuner().size(space(*variables)) == len(found)
    return found


SEQS = TuneVariable(name="seqs", values=(1, 2))
CHUNKED = TuneVariable(name="chunked", values=(True, False))
BLOCK = TuneVariable(name="block", values=(16, 32), when={"chunked": (True,)})


def test_a_grid_has_every_combination_and_one_without_a_value_that_does_not_matter() -> None:
    assert grid(SEQS, CHUNKED, BLOCK) == [
        {"seqs": seqs, "chunked": chunked, **block}
        for seqs in (1, 2)
        for chunked, block in (
            (True, {"block": 16}), (True, {"block": 32}), (False, {}),
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("variable", "values"),
    [
        (TuneVariable(name="x", low=1, high=4, whole=True), [1, 2, 3, 4]),
        (TuneVariable(name="x", low=1, high=10, step=4, whole=True), [1, 5, 9]),
        (TuneVariable(name="x", low=16, high=128, log=True, whole=True), [16, 32, 64, 128]),
        (TuneVariable(name="x", low=1, high=9, log=True, step=3, whole=True), [1, 3, 9]),
        (TuneVariable(name="x", low=0.5, high=0.9, step=0.1), [0.5, 0.6, 0.7, 0.8, 0.9]),
    ],
)  # fmt: skip
def test_a_range_has_steps(variable: TuneVariable, values: list[object]) -> None:
    assert [one["x"] for one in grid(variable)] == values


def test_a_grid_of_a_range_without_a_step_cannot_be() -> None:
    with pytest.raises(DataError, match=r"has no end of values between 0\.1 and 0\.9"):
        GridTuner().size(space(TuneVariable(name="x", low=0.1, high=0.9)))
    with pytest.raises(DataError, match="more than 1,000,000 combinations"):
        GridTuner().size(
            space(*(TuneVariable(name=name, values=tuple(range(100))) for name in "abcd"))
        )


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10), count=st.integers(1, 30))
def test_random_points_are_of_the_space_and_depend_on_the_seed_alone(
    seed: int, count: int
) -> None:
    variables = (
        SEQS, CHUNKED, BLOCK,
        TuneVariable(name="share", low=0.8, high=0.95),
        TuneVariable(name="tokens", low=256, high=8192, log=True, whole=True),
        TuneVariable(name="step", low=0, high=10, step=5, whole=True),
    )  # fmt: skip
    asked = space(*variables, seed=seed)
    one, other = RandomTuner().session(asked), RandomTuner().session(asked)
    for _ in range(count):
        values = one.propose()
        assert values is not None
        assert values == other.propose()
        assert ("block" in values) == (values["chunked"] is True)
        assert 0.8 <= float(values["share"]) <= 0.95
        assert 256 <= int(values["tokens"]) <= 8192
        assert values["step"] in (0, 5, 10)
        one.learn(TuneTrial(values=values, value=1.0, attained=True))


def test_random_points_of_a_log_range_are_spread_over_its_orders() -> None:
    asked = space(TuneVariable(name="x", low=1, high=10_000, log=True, whole=True))
    session = RandomTuner().session(asked)
    found = [int((session.propose() or {})["x"]) for _ in range(400)]
    assert 60 < sum(one <= 10 for one in found) < 140
    assert RandomTuner().size(space(TuneVariable(name="x", low=0.0, high=1.0))) is None


def test_one_and_true_are_not_the_same() -> None:
    different: tuple[Any, ...] = (1, True, 1.5, "1")
    for one, other in itertools.permutations(different, 2):
        assert not same_value(one, other)
    assert same_value(1, 1.0)
    assert not same_point({"a": 1}, {"a": 1, "b": 2})
