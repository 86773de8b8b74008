"""All points of a space in their order, or some of them in a drawn one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from aisbench.base.errors import DataError
from aisbench.types.tuning import TuneSpace, TuneValue, TuneVariable

MOST_POINTS = 1_000_000
"""Nobody waits for more; they are not counted."""


def values_of(variable: TuneVariable) -> Sequence[TuneValue]:
    """All values of a variable. Raises DataError for a range without a step."""
    found = variable.listed()
    if found is None:
        raise DataError(
            f"tune.variables.{variable.name}: has no end of values between {variable.low:g} and "
            f"{variable.high:g}",
            hint='give it a "step" (with log = true: the factor from one value to the next), or a '
            "list of values; tuners that draw values need none",
        )
    return found


def walk(variables: Sequence[TuneVariable]) -> Iterator[dict[str, TuneValue]]:
    """Every point, the last variable changing fastest; one without a value for a variable that is
    not active stands there once. Raises DataError."""
    listed = [values_of(one) for one in variables]

    def below(place: int, chosen: Mapping[str, TuneValue]) -> Iterator[dict[str, TuneValue]]:
        if place == len(variables):
            yield dict(chosen)
            return
        if not variables[place].active(chosen):
            yield from below(place + 1, chosen)
            return
        for value in listed[place]:
            yield from below(place + 1, {**chosen, variables[place].name: value})

    return below(0, {})


def count(space: TuneSpace) -> int:
    """How many points there are. Raises DataError for too many."""
    product = 1
    for one in space.variables:
        product *= len(values_of(one))
    if product <= 10_000 or any(one.when for one in space.variables):
        product = sum(1 for _ in itertools.islice(walk(space.variables), MOST_POINTS + 1))
    if product > MOST_POINTS:
        raise DataError(
            f"tune.variables: have more than {MOST_POINTS:,} combinations",
            hint="list fewer values, or use a tuner that draws points",
        )
    return product
