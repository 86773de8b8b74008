"""Sessions of steps that wait for others, and users' rates, on a made clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from attrs import define
from hypothesis import given, settings
from hypothesis import strategies as st
from load_specs import NumberedRows, load_spec
from simulated_load import MS, OK, START, Reply, SimulatedLoad, refused

from aisbench.base.errors import DataError
from aisbench.config.load_keys import LoadSettings
from aisbench.conversation.conversation import Conversation
from aisbench.conversation.sessions import SessionPlan, SessionStep, session_plans
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.spec import SECOND
from aisbench.shapes.users import Users, UsersSettings
from aisbench.types.answer import Transcript
from aisbench.types.load import ClosedLoop, LoadContext, OpenLoop, TurnGap, VirtualClient
from aisbench.types.sample import Sample


@define
class MadeSessions:
    """Rows of one turn in sessions."""

    plans: Sequence[SessionPlan]
    rows: NumberedRows

    def follow(self, row: int, repeat: int, before: Sequence[Transcript]) -> Conversation:
        return self.rows.begin(row, repeat)


def play(
    plans: Sequence[SessionPlan],
    serve: Callable[[Attempt], Reply],
    schedule: OpenLoop | ClosedLoop,
    keys: dict[str, Any] | None = None,
    **spec: Any,
) -> SimulatedLoad:
    rows = NumberedRows(sum(len(one.steps) for one in plans))
    made = load_spec(
        schedule,
        LoadSettings(**(keys or {})),
        conversations=rows,
        sessions=MadeSessions(plans, rows),
        **{"requests": len(plans), "abort_after": 10**6, **spec},
    )
    with SimulatedLoad(made, serve) as load:
        return load.run()


AGENT = SessionPlan(
    (
        SessionStep(0),
        SessionStep(1, (0,), 10 * MS),
        SessionStep(2, (0,), 20 * MS),
        SessionStep(3, (1,), 0),
        SessionStep(4, (2, 3), 5 * MS),
    )
)
"""A request, two sub-agents of two requests and of one, and what joins them."""


def test_sub_agents_run_in_parallel_and_join() -> None:
    load = play([AGENT], lambda _: Reply(100 * MS), OpenLoop(due_ns=[0]))
    when = {one.attempt.active.row: one.at_ns // MS for one in load.sent}
    assert when == {0: 0, 1: 110, 2: 120, 3: 210, 4: 315}
    assert {one.attempt.active.number for one in load.sent} == {0}
    assert load.shared.total("begun") == 1 and load.shared.total("measured_open") == 0


def test_a_client_begins_its_next_session_when_all_steps_are_over() -> None:
    other = SessionPlan((SessionStep(5),))
    load = play(
        [AGENT, other],
        lambda _: Reply(100 * MS),
        ClosedLoop(clients=[VirtualClient()]),
        requests=3,
    )
    begun = [one.at_ns // MS for one in load.sent if one.attempt.active.step == 0]
    assert begun == [0, 415, 515]


def test_what_waits_for_a_failed_step_never_begins() -> None:
    def serve(attempt: Attempt) -> Reply:
        return Reply(100 * MS, refused(500) if attempt.active.row == 1 else OK)

    load = play([AGENT], serve, ClosedLoop(clients=[VirtualClient()]), requests=2)
    assert [one.attempt.active.row for one in load.sent] == [0, 1, 2] * 2
    # The session is over with its last step that was sent, and the client goes on.
    assert [one.at_ns // MS for one in load.sent][3] == 220


def test_a_duration_cuts_a_session_short() -> None:
    load = play(
        [AGENT],
        lambda _: Reply(100 * MS),
        ClosedLoop(clients=[VirtualClient()]),
        requests=None,
        duration_ns=115 * MS,
    )
    assert [one.attempt.active.row for one in load.sent] == [0, 1]


PLANS = st.lists(
    st.lists(st.tuples(st.sets(st.integers(0, 7), max_size=3), st.integers(0, 80)), max_size=8),
    min_size=1,
    max_size=4,
)


@settings(max_examples=80, deadline=None)
@given(
    PLANS,
    st.lists(st.integers(0, 200), min_size=1, max_size=9),
    st.integers(1, 2),
    st.booleans(),
    st.integers(0, 6),
    st.none() | st.integers(2, 4),
    st.none() | st.integers(100, 900),
)
def test_each_step_is_sent_once_after_those_it_waits_for(
    drawn: list[list[tuple[set[int], int]]],
    times: list[int],
    workers: int,
    closed: bool,
    failing: int,
    limit: int | None,
    duration: int | None,
) -> None:
    plans, row = [], 0
    for one in drawn:
        steps = [SessionStep(row)]
        for place, (after, pause) in enumerate(one, 1):
            before = tuple(sorted(found for found in after if found < place))
            steps.append(SessionStep(row + place, before, pause * MS))
        row += len(steps)
        plans.append(SessionPlan(tuple(steps)))

    def serve(attempt: Attempt) -> Reply:
        bad = failing and (attempt.active.row + 1) % (failing + 1) == 0
        return Reply(times[attempt.active.row % len(times)] * MS, refused(500) if bad else OK)

    schedule: OpenLoop | ClosedLoop = OpenLoop(due_ns=[50 * MS * n for n in range(len(plans))])
    if closed:
        schedule = ClosedLoop(clients=[VirtualClient()] * 2)
    load = play(
        plans,
        serve,
        schedule,
        {"max_concurrency": limit},
        workers=workers,
        duration_ns=None if duration is None else duration * MS,
    )
    for name in ("in_flight", "measured_open", "waiting"):
        assert load.shared.total(name) == 0, name
    assert all(one.dones == 1 for one in load.workers)
    keys = [(one.attempt.active.number, one.attempt.active.step) for one in load.sent]
    assert len(set(keys)) == len(keys)
    done = {
        (one.attempt.active.number, one.attempt.active.step): one
        for one in load.recorded
        if one.final
    }
    for one in load.sent:
        active = one.attempt.active
        assert active.session is not None
        step = active.session.plan.steps[active.step]
        ends = [done[active.number, place] for place in step.after]
        assert all(end.outcome.name == "SUCCESS" for end in ends)
        if ends:
            due = max(end.at_ns for end in ends) + step.pause_ns
            assert one.attempt.scheduled - START == due and one.at_ns >= due
    if duration is None and not failing and not closed:
        assert len(keys) == sum(len(one.steps) for one in plans)


def test_rows_become_sessions() -> None:
    samples = [
        Sample(id="a", session="s", arrival_ns=5),
        Sample(id="b"),
        Sample(id="c", after=("a",), pauses={"tool": 3, "think": 4}),
        Sample(id="d", session="s"),
        Sample(id="e", after=("b",)),
    ]
    found = session_plans(samples)
    assert found is not None
    first, second = found.plans
    assert first.steps == (SessionStep(0), SessionStep(2, (0,), 7), SessionStep(3))
    assert first.width == 2
    assert second.steps == (SessionStep(1), SessionStep(4, (0,))) and found.arrivals_ns == (
        5,
        None,
    )
    assert session_plans(samples[1:2]) is None
    assert session_plans([Sample(id="x", session="1"), Sample(id="y", session="2")]) is None


# -- users


def users(gap_ms: int, serve_ms: int, turns: int, clients: int = 1) -> list[int]:
    schedule = ClosedLoop(
        clients=[VirtualClient()] * clients, turn_gap=TurnGap(mean_ns=gap_ms * MS)
    )
    spec = load_spec(schedule, conversations=NumberedRows(3, turns=turns), requests=2)
    with SimulatedLoad(spec, lambda _: Reply(serve_ms * MS)) as load:
        return [one.at_ns // MS for one in load.run().sent]


def test_a_user_asks_at_its_rate_and_across_sessions() -> None:
    assert users(100, 30, turns=3) == [0, 100, 200, 300, 400, 500]


def test_a_slow_answer_puts_a_user_off() -> None:
    assert users(100, 130, turns=2) == [0, 130, 260, 390]


def context(**keys: Any) -> LoadContext:
    return LoadContext(
        **{"arrivals_ns": [None], "requests": None, "duration_ns": 60 * SECOND, "seed": 1, **keys}
    )


def test_users_come_evenly_over_the_ramp() -> None:
    schedule = Users(UsersSettings(users=4, rate_per_user=0.1)).schedule(context())
    assert isinstance(schedule, ClosedLoop)
    assert [one.begin_ns / SECOND for one in schedule.clients] == [0, 2.5, 5, 7.5]
    assert schedule.turn_gap == TurnGap(mean_ns=10 * SECOND)


def test_users_come_and_go() -> None:
    made = UsersSettings(users_per_second=2.0, rate_per_user=1.0, gaps="exponential")
    schedule = Users(made).schedule(context(duration_ns=500 * SECOND))
    assert isinstance(schedule, OpenLoop) and schedule.turn_gap is not None
    assert schedule.turn_gap.drawn and 900 < len(schedule.due_ns) < 1100


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "one of users and users_per_second"),
        ({"users": 2, "users_per_second": 1.0}, "one of users and users_per_second"),
        ({"users_per_second": 1.0, "ramp_up": 3.0}, "ramp_up has no effect"),
        ({"users": 50, "ramp_up": 90.0}, "50 users come over 90 s"),
    ],
)
def test_settings_of_users_that_do_not_fit(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        Users(UsersSettings(rate_per_user=0.1, **keys)).schedule(context())
