"""Rows that are steps of sessions: which of them wait for which, and how long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from attrs import field, frozen

from aisbench.types.sample import Sample


@frozen
class SessionStep:
    """One row of a session. ``after`` are places of steps in the session, all before its own;
    ``pause_ns`` is how long it waits when the last of them is over, or the session has begun; it
    begins no earlier than ``at_ns`` after the session."""

    row: int
    after: tuple[int, ...] = ()
    pause_ns: int = 0
    at_ns: int = 0


@frozen
class SessionPlan:
    """The steps of a session, each behind those that it waits for."""

    steps: tuple[SessionStep, ...]
    followers: tuple[tuple[int, ...], ...] = field(init=False)
    """Of each step the places of those that wait for it."""

    def __attrs_post_init__(self) -> None:
        found: list[list[int]] = [[] for _ in self.steps]
        for place, step in enumerate(self.steps):
            for one in step.after:
                found[one].append(place)
        object.__setattr__(self, "followers", tuple(map(tuple, found)))

    @property
    def width(self) -> int:
        """How many steps may be under way at once, at most: by their depth, which is an upper
        bound where pauses keep them apart."""
        depth: list[int] = []
        for step in self.steps:
            depth.append(1 + max((depth[one] for one in step.after), default=-1))
        return max(depth.count(one) for one in set(depth))


@frozen
class SessionPlans:
    """All sessions of a data set's chosen rows, in the order of their first rows."""

    plans: tuple[SessionPlan, ...]
    arrivals_ns: tuple[int | None, ...]
    """When a trace recorded the beginning of each."""


def session_plans(samples: Iterable[Sample]) -> SessionPlans | None:
    """Rows of one session, and rows that ``after`` ties together, are a session; any other row is
    one by itself. None where no row is tied to another."""
    places: dict[str, int] = {}
    afters: list[tuple[str, ...]] = []
    names: dict[str, int] = {}
    pauses: list[int] = []
    arrivals: list[int | None] = []
    owner: list[int] = []

    def root(one: int) -> int:
        while owner[one] != one:
            owner[one] = owner[owner[one]]
            one = owner[one]
        return one

    for row, sample in enumerate(samples):
        places[sample.id] = row
        afters.append(sample.after)
        pauses.append(sum(sample.pauses.values()))
        arrivals.append(sample.arrival_ns)
        owner.append(row)
        tied = [places[one] for one in sample.after]
        if sample.session:
            tied.append(names.setdefault(sample.session, row))
        for one in tied:
            first, second = sorted((root(one), root(row)))
            owner[second] = first
    if not any(afters) and len(names) in (0, len(afters)):
        return None
    members: dict[int, list[int]] = defaultdict(list)
    for row in range(len(owner)):
        members[root(row)].append(row)
    plans = []
    for rows in members.values():
        inside = {row: place for place, row in enumerate(rows)}
        begun = arrivals[rows[0]]
        plans.append(
            SessionPlan(
                tuple(
                    SessionStep(
                        row,
                        tuple(inside[places[one]] for one in afters[row]),
                        pauses[row],
                        _later(begun, arrivals[row]),
                    )
                    for row in rows
                )
            )
        )
    return SessionPlans(tuple(plans), tuple(arrivals[rows[0]] for rows in members.values()))


def _later(begun: int | None, came: int | None) -> int:
    return 0 if begun is None or came is None else max(0, came - begun)
