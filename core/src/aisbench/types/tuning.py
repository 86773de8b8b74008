"""Settings of a server that are tuned: what may be tried, what was tried, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from attrs import field, frozen

from aisbench.types.performance import SearchResult

TuneValue = bool | int | float | str
"""What a variable of a server's command may be."""

TuneVerdict = Literal[
    "held", "not held", "not started", "not ready", "died", "client", "timed out", "no figure"
]
"""What became of a point. "held": it was measured, and the SLO held. "not started": its server
ended before it was ready; "not ready": it was not in time; "died": it ended during the loads;
"client": the client did not keep up, so nothing is known of the server; "timed out": the point
took longer than it may; "no figure": what the objective is taken from is not known."""

LONGEST_GRID = 100_000
"""Values of one variable; more are not listed."""


@frozen(kw_only=True)
class TuneVariable:
    """A setting of a server and what it may be: one of ``values``; or, where there are none, a
    number from ``low`` to ``high``, whole or not, in steps of ``step``. With ``log`` small numbers
    are as likely as large ones, and ``step`` is the factor between one value and the next.

    ``when`` names variables that stand before it with the values with which it matters; with
    others a point has no value for it.
    """

    name: str
    values: tuple[TuneValue, ...] = ()
    low: float | None = None
    high: float | None = None
    step: float | None = None
    log: bool = False
    whole: bool = False
    when: Mapping[str, tuple[TuneValue, ...]] = field(factory=dict)

    def listed(self) -> tuple[TuneValue, ...] | None:
        """All its values, the smallest first where it is a range; None for a range of numbers
        without a step, or of more than :data:`LONGEST_GRID`."""
        if self.values:
            return self.values
        assert self.low is not None
        assert self.high is not None
        step = self.step
        if step is None and self.whole:
            step = 2 if self.log else 1
        if step is None:
            return None
        found: list[TuneValue] = []
        for exact in self._steps(self.low, self.high * (1 + 1e-9), step):
            if len(found) == LONGEST_GRID:
                return None
            found.append(round(exact) if self.whole else float(f"{exact:.12g}"))
        return tuple(dict.fromkeys(found))

    def _steps(self, low: float, high: float, step: float) -> Iterator[float]:
        """From ``low`` on, by differences or by factors."""
        at = 0
        while (exact := low * step**at if self.log else low + at * step) <= high:
            yield exact
            at += 1

    def active(self, values: Mapping[str, TuneValue]) -> bool:
        """Whether it matters where variables before it have these values."""
        return all(
            any(same_value(values.get(name), one) for one in allowed)
            for name, allowed in self.when.items()
        )


def same_value(one: TuneValue | None, other: TuneValue | None) -> bool:
    """Whether two values are the same; 1 and true are not."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def same_point(one: Mapping[str, TuneValue], other: Mapping[str, TuneValue]) -> bool:
    """Whether two points have the same values."""
    return one.keys() == other.keys() and all(same_value(one[key], other[key]) for key in one)


@frozen(kw_only=True)
class TuneSpace:
    """What a tuner may propose: a value for each variable that is active, in their order.

    ``seed`` is the suite's; ``better`` says whether the objective is to be high ("up") or low.
    """

    variables: tuple[TuneVariable, ...]
    seed: int
    better: Literal["up", "down"]


@frozen(kw_only=True)
class TuneTrial:
    """A point that was tried, as a tuner is told of it.

    ``value`` is the objective, None where nothing was measured; ``attained`` says whether the
    SLO held.
    """

    values: Mapping[str, TuneValue]
    value: float | None
    attained: bool


@frozen(kw_only=True)
class TunePoint:
    """One set of a server's settings, tried."""

    number: int
    """From 1, in the order of the proposals."""
    values: Mapping[str, TuneValue]
    verdict: TuneVerdict
    why: str = ""
    """The reason for the verdict, in a sentence; "" where the SLO held."""
    objective: float | None = None
    """In the unit of the result; None where nothing was measured."""
    against: float | None = None
    """What the front sets it against, in ms."""
    loads: tuple[str, ...] = ()
    """Labels of its loads, each of a model and a data set."""
    searches: tuple[SearchResult, ...] = ()
    """What the search within the point found, one for each model and data set."""
    seconds: float = 0.0
    """From the start of the server to its end."""
    ready_seconds: float | None = None
    """Until the server was ready; None where it never was."""
    command: tuple[str, ...] = ()
    """With which the server was started; {port} and {python} stand in it as in the suite."""
    log: tuple[str, ...] = ()
    """The last lines of the server's output, where it did not do its work."""


@frozen(kw_only=True)
class TuneResult:
    """A server's settings, tuned: every point that was tried, and the best.

    ``planned`` is how many the tuner would propose at most, None where it has no end of its own;
    ``front`` the numbers of the points that none of the others beats in both the objective and
    ``against``, the best objective first; ``reason`` says why it ended.
    """

    server: str
    models: tuple[str, ...]
    tuner: str
    objective: str
    """A key of the metric dictionary, or such a key with a percentile or the mean: ttft_p99."""
    unit: str
    better: Literal["up", "down"]
    against: str
    variables: tuple[str, ...]
    points: tuple[TunePoint, ...]
    best: int | None
    front: tuple[int, ...]
    planned: int | None
    reason: str
    command: str = ""
    """The best server's command, to be copied into a shell; {port} is 8000 there."""

    @property
    def best_point(self) -> TunePoint | None:
        """The best point; None where the SLO held in none."""
        return next((one for one in self.points if one.number == self.best), None)

    @property
    def measured(self) -> bool:
        """Whether anything is known of any point's load."""
        return any(one.objective is not None for one in self.points)
