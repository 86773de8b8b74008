"""Reducers: figures within their range, whatever the order of the samples."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from aisbench.api import Figure, Measure, Reducer, Score, ScoreGroup, Verdict
from aisbench_testkit.checks.trial import NotChecked, refusal, trial

RIGHT = Score(value=1.0, verdict=Verdict.RIGHT, extracted="18")
WRONG = Score(value=0.0, verdict=Verdict.WRONG, extracted="17")
PARTLY = Score(value=0.5, verdict=Verdict.WRONG, extracted="16")
UNPARSED = Score(value=0.0, verdict=Verdict.UNPARSED)
FAILED = Score(value=0.0, verdict=Verdict.FAILED, reason="HTTP 500")


def groups(repeats: int, *kinds: Score) -> list[ScoreGroup]:
    """One sample for each of ``kinds``, which follow one another through its repeats."""
    return [
        ScoreGroup(
            sample_id=f"test-{row}",
            scores=tuple(kinds[(row + n) % len(kinds)] for n in range(repeats)),
        )
        for row in range(len(kinds))
    ]


def check_reducer(
    reducer: Reducer,
    repeats: int = 1,
    measures: Mapping[str, float] | None = None,
    name: str = "NAME",
) -> list[str]:
    """``repeats`` is how many scores a sample must have for it, ``measures`` what they carry.
    Raises
    NotChecked for one that makes no figure of any of the kit's scores; ``name`` is its own."""
    problems: list[str] = []

    def made(*kinds: Score) -> list[ScoreGroup]:
        return groups(repeats, *(_measured(one, measures or {}) for one in kinds))

    mixed = made(RIGHT, WRONG, RIGHT, UNPARSED, WRONG, FAILED, RIGHT)
    cases = {
        "one right sample": made(RIGHT),
        "one wrong sample": made(WRONG),
        "one failed sample": made(FAILED),
        "right ones": made(RIGHT) + _renamed(made(RIGHT, RIGHT)),
        "mixed outcomes": mixed,
    }
    _needs_figures(reducer, list(cases.values()), name)
    refusal(problems, "reduce() of no scores", ValueError, lambda: reducer.reduce([]))
    for what, some in cases.items():
        with trial(problems, f"reduce() of {what}"):
            made_of = reducer.reduce(some)
            if measures and not made_of and what == "one failed sample":
                continue  # nothing of it was measured
            problems += check_figures(made_of, len(some), what)
    with trial(problems, "reduce() of partly right answers"):
        # A reducer of right-or-wrong scores may refuse; it may not give nonsense.
        try:
            figures = reducer.reduce(made(RIGHT, PARTLY, WRONG))
        except ValueError:
            pass
        else:
            problems += check_figures(figures, 3, "partly right answers")
    problems += _order_and_direction(reducer, mixed, made)
    return problems


def _measured(score: Score, measures: Mapping[str, float]) -> Score:
    if score.verdict is Verdict.FAILED:
        return score
    return attrs.evolve(
        score, measures={name: Measure(value=value) for name, value in measures.items()}
    )


def _needs_figures(reducer: Reducer, cases: Sequence[Sequence[ScoreGroup]], name: str) -> None:
    said = ""
    for some in cases:
        try:
            if reducer.reduce(some):
                return
        except ValueError as error:
            said = said or str(error)
        except Exception:  # noqa: BLE001 - the check itself reports it
            return
    raise NotChecked(
        f"makes no figure of the kit's scores: {said or 'no reason is given'}",
        give=f"[tool.aisbench.check.{name}] measures = {{ ... }}, repeats = ..., or a "
        "ReducerConformance of your own scores",
    )


def _order_and_direction(
    reducer: Reducer, mixed: Sequence[ScoreGroup], made: Callable[..., list[ScoreGroup]]
) -> list[str]:
    problems: list[str] = []
    with trial(problems, "reduce() of the same scores in another order"):
        shuffled = random.Random(3).sample(mixed, len(mixed))
        for other in (list(mixed[1:]) + list(mixed[:1]), list(mixed[::-1]), shuffled):
            if not same(reducer.reduce(mixed), reducer.reduce(other)):
                problems.append("reduce() depends on the order of the samples")
                break
    with trial(problems, "reduce() of all right and of all wrong"):
        best, worst = (reducer.reduce(made(one, one, one)) for one in (RIGHT, WRONG))
        for high, low in zip(best, worst, strict=False):
            if high.name == low.name and high.better == "up" and high.value < low.value:
                problems.append(f"{high.name} is lower for right answers than for wrong ones")
    return problems


def _renamed(some: Sequence[ScoreGroup]) -> list[ScoreGroup]:
    return [ScoreGroup(sample_id=f"more-{one.sample_id}", scores=one.scores) for one in some]


def check_figures(figures: Sequence[Figure], samples: int, what: str) -> list[str]:
    """Numbers in the range of their unit, between their limits."""
    if not figures:
        return [f"{what} gives no figure"]
    problems = []
    if len({one.name for one in figures}) < len(figures):
        problems.append(f"{what} gives two figures of one name")
    for one in figures:
        problems += [f"{one.name} of {what} {odd}" for odd in _check_figure(one, samples)]
    return problems


def _check_figure(one: Figure, samples: int) -> Iterator[str]:
    """What is wrong with a figure, to be read behind its name."""
    limits = (one.low, one.high, one.bound_low, one.bound_high)
    numbers = [one.value, *(limit for limit in limits if limit is not None)]
    if not all(map(math.isfinite, numbers)):
        yield f"has a number that is not finite: {numbers}"
        return
    if one.unit == "%" and not all(-1e-9 <= number <= 100 + 1e-9 for number in numbers):
        yield f"leaves 0..100 %: {numbers}"
    yield from _check_limits(one.value, one.low, one.high)
    yield from _check_limits(one.value, one.bound_low, one.bound_high)
    if one.stderr is not None and not math.isfinite(one.stderr):
        yield f"has the standard error {one.stderr}; None means unknown"
    if one.n != samples:
        yield f"says n = {one.n}; there are {samples} samples"
    if one.low is not None and not one.method:
        yield "has an interval and does not say its method"


def _check_limits(value: float, low: float | None, high: float | None) -> Iterator[str]:
    if low is None or high is None:
        if low is not high:
            yield "has one limit of two"
    elif not low - 1e-9 <= value <= high + 1e-9:
        yield f"is {value:g}, outside {low:g}..{high:g}"


def same(first: Sequence[Figure], second: Sequence[Figure]) -> bool:
    """Equal but for the last digits."""

    def close(a: object, b: object) -> bool:
        if isinstance(a, float) and isinstance(b, float):
            return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) or (a != a and b != b)
        return a == b

    names = ("name", "value", "unit", "n", "better", "stderr", "low", "high")
    return len(first) == len(second) and all(
        close(getattr(a, name), getattr(b, name))
        for a, b in zip(first, second, strict=True)
        for name in names
    )
