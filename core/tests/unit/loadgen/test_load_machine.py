"""What a worker sends, waits for and cancels, on a made clock: no sockets and no sleep."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from load_specs import NumberedRows, load_spec
from simulated_load import MS, OK, START, TICK_NS, Reply, SimulatedLoad, refused

from aisbench.config.load_keys import LoadSettings
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.shared_counters import STOP_ALL, STOP_NEW
from aisbench.loadgen.spec import SECOND
from aisbench.store.recording.columns import AttemptOutcome, Phase
from aisbench.types.load import ClosedLoop, OpenLoop, VirtualClient
from aisbench.types.response import Response

SUCCESS, FAILED, CANCELLED = (
    AttemptOutcome.SUCCESS,
    AttemptOutcome.FAILED,
    AttemptOutcome.CANCELLED,
)


def after(ms: float, response: Response = OK) -> Callable[[Attempt], Reply]:
    """A server that answers everything so."""
    return lambda _: Reply(int(ms * MS), response)


def loop(clients: int, **settings: Any) -> dict[str, Any]:
    """A closed loop."""
    return {
        "schedule": ClosedLoop(clients=[VirtualClient()] * clients),
        "settings": LoadSettings(**settings),
    }


def arrivals(*due_ms: float, **settings: Any) -> dict[str, Any]:
    """An open loop."""
    return {
        "schedule": OpenLoop(due_ns=[int(one * MS) for one in due_ms]),
        "settings": LoadSettings(**settings),
    }


def play(
    serve: Callable[[Attempt], Reply],
    *,
    before: Callable[[SimulatedLoad], None] = lambda _: None,
    play_ms: float = 0,
    **spec: Any,
) -> SimulatedLoad:
    """A whole load; ``before`` it, further things can be made to happen."""
    with SimulatedLoad(load_spec(**spec), serve, play_ns=int(play_ms * MS)) as load:
        before(load)
        return load.run()


def times_ms(load: SimulatedLoad) -> list[float]:
    return [one.at_ns / MS for one in load.sent]


# -- properties

REPLIES = st.lists(
    st.builds(
        Reply,
        st.integers(0, 300).map(lambda ms: ms * MS),
        st.sampled_from([OK, OK, OK, refused(503), refused(400)]),
    ),
    min_size=1,
    max_size=12,
)
"""Of the server, in turn."""


def in_turn(replies: list[Reply]) -> Callable[[Attempt], Reply]:
    endless = itertools.cycle(replies)
    return lambda _: next(endless)


def end_is_tidy(load: SimulatedLoad) -> None:
    """All counters say that nothing is left, and each request has one final record."""
    shared = load.shared
    for name in ("in_flight", "measured_open", "waiting"):
        assert shared.total(name) == 0, name
    final = [one.attempt for one in load.recorded if one.final]
    assert len(final) == len({(one.active.number, one.request.turn) for one in final})
    assert shared.total("sent") == len(load.sent)
    assert shared.total("begun") == len(load.begun())
    assert shared.total("measured_begun") == len(load.measured())


@settings(max_examples=60, deadline=None)
@given(
    due=st.lists(st.integers(0, 1500), min_size=1, max_size=25).map(sorted),
    replies=REPLIES,
    workers=st.integers(1, 3),
    attempts=st.integers(1, 3),
    turns=st.integers(1, 3),
    limit=st.none() | st.integers(3, 8),
)
def test_an_open_loop_begins_every_conversation_once_in_order_and_when_it_is_due(
    due: list[int],
    replies: list[Reply],
    workers: int,
    attempts: int,
    turns: int,
    limit: int | None,
) -> None:
    load = play(
        in_turn(replies),
        **arrivals(*due, attempts=attempts, max_concurrency=limit),
        workers=workers,
        requests=len(due),
        abort_after=10**6,
        conversations=NumberedRows(5, turns=turns),
    )
    begun = load.measured()
    assert sorted(one.attempt.active.number for one in begun) == list(range(len(due)))
    for index in range(workers):
        mine = [n for one in begun if (n := one.attempt.active.number) % workers == index]
        assert mine == sorted(mine)
    for one in begun:
        number = one.attempt.active.number
        assert one.attempt.scheduled == START + due[number] * MS
        assert one.attempt.active.row == number % 5
        assert one.at_ns >= due[number] * MS
        if limit is None:
            assert one.at_ns == due[number] * MS
    end_is_tidy(load)
    assert len(load.outcomes()) >= len(due)


CLIENTS = st.lists(
    st.builds(
        VirtualClient,
        st.integers(0, 800).map(lambda ms: ms * MS),
        st.none() | st.integers(1, 1500).map(lambda ms: ms * MS),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(
    clients=CLIENTS,
    replies=REPLIES,
    workers=st.integers(1, 3),
    attempts=st.integers(1, 2),
    turns=st.integers(1, 3),
    think=st.sampled_from([0.0, 0.05]),
    requests=st.integers(1, 40),
)
def test_a_closed_loop_never_exceeds_its_clients(
    clients: list[VirtualClient],
    replies: list[Reply],
    workers: int,
    attempts: int,
    turns: int,
    think: float,
    requests: int,
) -> None:
    def check() -> None:
        active = [one.active.client for one in load.in_flight()]
        assert None not in active
        assert len(active) == len(set(active)), "two requests of one client"
        assert len(active) <= len(clients)
        begun = sum(START + one.begin_ns <= load.now for one in clients)
        assert len(active) <= begun

    spec = load_spec(
        ClosedLoop(clients=clients),
        LoadSettings(attempts=attempts, think=think),
        workers=workers,
        requests=requests,
        duration_ns=3 * SECOND,
        abort_after=10**6,
        conversations=NumberedRows(5, turns=turns),
    )
    # Answers without any delay would be asked for without end.
    with SimulatedLoad(spec, in_turn([Reply(one.after_ns + MS, one.response) for one in replies]),
                       check) as load:  # fmt: skip
        load.run()
    begun = load.measured()
    numbers = [one.attempt.active.number for one in begun]
    assert sorted(numbers) == list(range(len(numbers)))
    assert len(numbers) <= requests
    for one in begun:
        client = one.attempt.active.client
        assert client is not None
        assert client.end is None or one.attempt.scheduled < client.end
    end_is_tidy(load)


@settings(max_examples=60, deadline=None)
@given(
    due=st.none() | st.lists(st.integers(0, 3000), min_size=1, max_size=25).map(sorted),
    clients=st.integers(1, 5),
    replies=REPLIES,
    workers=st.integers(1, 2),
    duration=st.integers(1, 2000),
    cool_down=st.sampled_from([0.0, 0.3]),
    grace=st.sampled_from([None, 0.0, 0.1]),
)
def test_nothing_begins_after_the_end(
    due: list[int] | None,
    clients: int,
    replies: list[Reply],
    workers: int,
    duration: int,
    cool_down: float,
    grace: float | None,
) -> None:
    keys = {"cool_down": cool_down, "grace": grace}
    end = duration * MS
    load = play(
        in_turn([Reply(one.after_ns + MS, one.response) for one in replies]),
        **(loop(clients, **keys) if due is None else arrivals(*due, **keys)),
        workers=workers,
        duration_ns=end,
        abort_after=10**6,
        conversations=NumberedRows(5, turns=2),
    )
    for one in load.sent:
        at = one.attempt.scheduled - START
        assert at < end + cool_down * SECOND
        assert (at < end) is (one.attempt.phase is Phase.MEASURED) or one.attempt.request.turn
    if grace is not None:
        assert all(one.at_ns <= end + grace * SECOND + TICK_NS for one in load.recorded)
    end_is_tidy(load)


# -- the end, case by case


def test_a_closed_loop_asks_as_many_as_are_wanted_and_a_client_asks_again_at_once() -> None:
    load = play(after(100), **loop(2), requests=5)
    assert times_ms(load) == [0, 0, 100, 100, 200]
    assert [one.attempt.scheduled - START for one in load.sent] == [one.at_ns for one in load.sent]
    assert load.outcomes() == [SUCCESS] * 5


def test_what_is_in_flight_at_the_end_may_take_its_time_without_a_grace() -> None:
    load = play(after(9000), **loop(1), duration_ns=SECOND)
    assert [(one.at_ns, one.outcome) for one in load.recorded] == [(9 * SECOND, SUCCESS)]


def test_after_the_grace_it_is_cancelled() -> None:
    load = play(after(9000), **loop(2, grace=0.5), duration_ns=SECOND)
    assert load.outcomes() == [CANCELLED] * 2
    assert 1500 * MS <= load.recorded[0].at_ns <= 1500 * MS + TICK_NS


def test_the_grace_of_a_number_of_requests_counts_from_the_last_one_s_beginning() -> None:
    def serve(attempt: Attempt) -> Reply:
        return Reply((9000 if attempt.active.number == 1 else 300) * MS)

    load = play(serve, **loop(1, grace=0.5), requests=2)
    assert load.outcomes() == [SUCCESS, CANCELLED]
    assert 800 * MS <= load.recorded[1].at_ns <= 800 * MS + 2 * TICK_NS


def test_the_cool_down_keeps_the_load_up_until_measured_requests_have_ended() -> None:
    def serve(attempt: Attempt) -> Reply:
        return Reply((1000 if attempt.active.number == 2 else 100) * MS)

    load = play(serve, **loop(3, cool_down=5.0), requests=4)
    cooling = [one for one in load.sent if one.attempt.phase is Phase.COOL_DOWN]
    # Two clients go on at 10 requests/s each, one from 0.1 s on and one from 0.2 s on, to 1 s.
    assert len(cooling) == pytest.approx(19, abs=2)
    assert max(one.at_ns for one in load.sent) <= SECOND + TICK_NS
    assert load.outcomes() == [SUCCESS] * 4
    last = [one.outcome for one in load.recorded if one.attempt.phase is Phase.COOL_DOWN][-2:]
    assert last == [CANCELLED] * 2


def test_the_cool_down_lasts_no_longer_than_it_is_said_to() -> None:
    def serve(attempt: Attempt) -> Reply:
        return Reply((9000 if attempt.active.number == 0 else 100) * MS)

    load = play(serve, **loop(2, cool_down=0.5), requests=2)
    assert max(one.at_ns for one in load.sent) < 600 * MS + TICK_NS
    assert load.outcomes() == [SUCCESS] * 2


def test_stopped_once_it_begins_nothing_new_and_finishes_what_has_begun() -> None:
    def stop(load: SimulatedLoad) -> None:
        load.at(START + 150 * MS, lambda: load.shared.__setitem__("stop", STOP_NEW))

    closed = play(after(100), before=stop, **loop(2))
    assert times_ms(closed) == [0, 0, 100, 100]
    assert closed.outcomes() == [SUCCESS] * 4
    opened = play(after(100), before=stop, **arrivals(0, 140, 160, 5000))
    assert times_ms(opened) == [0, 140]
    # Whoever thinks about a next turn does not come back.
    talks = play(
        after(100),
        before=stop,
        **loop(1, think=30.0),
        conversations=NumberedRows(1, turns=2),
    )
    assert times_ms(talks) == [0]


def test_stopped_twice_it_cancels_everything() -> None:
    def stop(load: SimulatedLoad) -> None:
        load.at(START + 150 * MS, lambda: load.shared.__setitem__("stop", STOP_ALL))

    load = play(after(9000), before=stop, **arrivals(0, 10, 20, 5000, max_concurrency=2))
    assert times_ms(load) == [0, 10]
    # The third was held back: it is recorded all the same.
    assert load.outcomes() == [CANCELLED] * 3
    assert load.recorded[0].at_ns <= 150 * MS + TICK_NS


def test_ended_by_another_process_at_a_given_instant() -> None:
    def close(load: SimulatedLoad) -> None:
        load.at(START + 250 * MS, lambda: load.shared.__setitem__("measured_end", load.now))

    load = play(after(100), before=close, **loop(1, cool_down=0.3))
    phases = [one.attempt.phase for one in load.sent]
    assert phases == [Phase.MEASURED] * 3 + [Phase.COOL_DOWN] * (len(phases) - 3)
    assert times_ms(load)[-1] < 550


# -- turns


def test_turns_follow_their_answer_after_the_prompt_s_delay_and_the_think_time() -> None:
    load = play(
        after(100),
        **loop(1, think=0.5),
        requests=1,
        conversations=NumberedRows(1, turns=3, delay_ns=50 * MS),
    )
    assert times_ms(load) == [0, 650, 1300]
    assert [one.attempt.request.turn for one in load.sent] == [0, 1, 2]
    assert [one.attempt.scheduled - START for one in load.sent] == [one.at_ns for one in load.sent]


def test_without_either_the_next_turn_is_sent_at_once() -> None:
    load = play(after(100), **loop(1), requests=1, conversations=NumberedRows(1, turns=3))
    assert times_ms(load) == [0, 100, 200]


def test_think_times_drawn_by_chance_are_those_of_the_seed() -> None:
    def waits(seed: int) -> list[float]:
        load = play(
            after(0),
            **loop(1, think=0.5, think_time="exponential"),
            requests=60,
            seed=seed,
            conversations=NumberedRows(1, turns=2),
        )
        times = times_ms(load)
        return [second - first for first, second in zip(times[::2], times[1::2], strict=True)]

    assert waits(1) == waits(1) != waits(2)
    assert len(set(waits(1))) == 60
    assert sum(waits(1)) / 60 == pytest.approx(500, rel=0.3)


def test_a_conversation_with_a_failed_turn_does_not_go_on() -> None:
    load = play(
        after(100, refused(400)), **loop(1), requests=2, conversations=NumberedRows(1, turns=3)
    )
    assert [one.attempt.request.turn for one in load.sent] == [0, 0]
    assert load.outcomes() == [FAILED] * 2


def test_a_turn_after_the_end_is_not_measured() -> None:
    load = play(
        after(100),
        **loop(1, cool_down=5.0),
        duration_ns=150 * MS,
        conversations=NumberedRows(1, turns=3),
    )
    assert [one.attempt.phase for one in load.sent][:3] == [
        Phase.MEASURED,
        Phase.MEASURED,
        Phase.COOL_DOWN,
    ]
    assert load.measured()[0].attempt.active.phase is Phase.MEASURED


# -- data sets that take their time, or break


def test_a_turn_counts_from_when_the_data_set_has_said_it() -> None:
    load = play(
        after(100), **loop(1), requests=1, play_ms=300,
        conversations=NumberedRows(1, turns=2, slow=True),
    )  # fmt: skip
    # The first step is taken ahead of the start.
    assert times_ms(load) == [0, 400]
    assert [one.attempt.scheduled - START for one in load.sent] == [one.at_ns for one in load.sent]


def test_an_arrival_whose_data_set_is_slow_is_late_and_told_so() -> None:
    load = play(
        after(1), **arrivals(0), requests=1, play_ms=1200,
        conversations=NumberedRows(1, slow=True),
    )  # fmt: skip
    assert times_ms(load) == [200]
    assert load.sent[0].attempt.scheduled == START


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("turn", [0, 1])
def test_where_a_data_set_breaks_a_request_has_failed_and_others_go_on(
    slow: bool, turn: int
) -> None:
    load = play(
        after(100), **loop(1), requests=3,
        conversations=NumberedRows(3, turns=2, slow=slow, breaks=(1, turn)),
    )  # fmt: skip
    (broken,) = [one for one in load.recorded if one.outcome is FAILED]
    assert (broken.attempt.active.number, broken.attempt.request.turn) == (1, turn)
    assert broken.attempt.fault is not None
    assert broken.attempt.fault.message.startswith("data set 'd' fails: ValueError: odd row (")
    assert "at sample 1" in broken.attempt.fault.message
    assert broken.attempt not in [one.attempt for one in load.sent]
    assert load.outcomes().count(SUCCESS) == 4 + turn


def test_a_data_set_that_always_breaks_ends_the_load() -> None:
    load = play(
        after(100), **loop(1), abort_after=4,
        conversations=NumberedRows(1, turns=2, breaks=(0, 1)),
    )  # fmt: skip
    assert load.outcomes() == [SUCCESS, FAILED] * 4


@settings(max_examples=60, deadline=None)
@given(
    due=st.none() | st.lists(st.integers(0, 3000), min_size=1, max_size=15).map(sorted),
    clients=st.integers(1, 5),
    replies=REPLIES,
    workers=st.integers(1, 2),
    duration=st.integers(1, 2000),
    cool_down=st.sampled_from([0.0, 0.3]),
    grace=st.sampled_from([None, 0.0, 0.1]),
    play_ms=st.sampled_from([0, 30, 2500]),
    breaks=st.none() | st.tuples(st.integers(0, 4), st.integers(0, 1)),
)
def test_slow_and_broken_data_sets_leave_nothing_behind(
    due: list[int] | None,
    clients: int,
    replies: list[Reply],
    workers: int,
    duration: int,
    cool_down: float,
    grace: float | None,
    play_ms: int,
    breaks: tuple[int, int] | None,
) -> None:
    keys = {"cool_down": cool_down, "grace": grace}
    load = play(
        in_turn([Reply(one.after_ns + MS, one.response) for one in replies]),
        **(loop(clients, **keys) if due is None else arrivals(*due, **keys)),
        workers=workers,
        duration_ns=duration * MS,
        abort_after=10**6,
        play_ms=play_ms,
        conversations=NumberedRows(5, turns=2, slow=True, breaks=breaks),
    )
    for name in ("in_flight", "measured_open", "waiting"):
        assert load.shared.total(name) == 0, name
    final = [one.attempt for one in load.recorded if one.final]
    assert len(final) == len({(one.active.number, one.request.turn) for one in final})
    if due is None:
        assert len(load.in_flight()) <= clients


# -- failures


def fails(times: int, status: int, retry_after: str | None = None) -> Callable[[Attempt], Reply]:
    """A server that fails each request so many times before it answers."""

    def serve(attempt: Attempt) -> Reply:
        response = refused(status) if attempt.number <= times else OK
        return Reply(100 * MS, response, retry_after)

    return serve


def test_transient_failures_are_retried_after_a_growing_wait() -> None:
    load = play(fails(2, 503), **loop(1, attempts=3), requests=1)
    assert [one.attempt.number for one in load.sent] == [1, 2, 3]
    assert [one.final for one in load.recorded] == [False, False, True]
    assert load.outcomes() == [SUCCESS]
    # retry.backoff is 0.5 s, of which half to all is waited, then twice as much.
    first, second, third = times_ms(load)
    assert 350 <= first + second <= 600
    assert 600 <= third - second <= 1100
    assert {one.attempt.scheduled for one in load.sent} == {START}
    assert load.shared.total("retried") == 2


def test_the_server_may_say_how_long_to_wait() -> None:
    load = play(fails(1, 429, retry_after="7"), **loop(1, attempts=2), requests=1)
    assert times_ms(load) == [0, 7100]


def test_the_last_attempt_and_what_will_not_change_are_final() -> None:
    for status, attempts, sent in ((503, 2, 2), (400, 5, 1)):
        load = play(fails(9, status), **loop(1, attempts=attempts), requests=1)
        assert len(load.sent) == sent
        assert load.outcomes() == [FAILED]


def test_nothing_is_retried_after_the_end_and_a_waiting_retry_is_cancelled() -> None:
    load = play(fails(9, 503), **loop(1, attempts=5, grace=10.0), duration_ns=50 * MS)
    assert len(load.sent) == 1
    assert load.outcomes() == [FAILED]
    waiting = play(fails(9, 503, "60"), **loop(1, attempts=5, grace=0.2), duration_ns=150 * MS)
    assert len(waiting.sent) == 1
    assert waiting.outcomes() == [CANCELLED]
    assert waiting.recorded[-1].at_ns <= 350 * MS + TICK_NS


def test_the_same_failure_again_and_again_ends_the_load() -> None:
    load = play(after(10, refused(401)), **loop(1), requests=100, abort_after=5)
    assert len(load.sent) == 5
    fault = load.workers[0].machine.tripped
    assert fault is not None
    assert fault.status == 401


def test_refused_admission_ends_a_closed_loop_and_never_an_open_one() -> None:
    closed = play(after(10, refused(429)), **loop(1), requests=100, abort_after=5)
    assert len(closed.sent) == 5
    opened = play(after(10, refused(429)), **arrivals(*range(100)), abort_after=5)
    assert len(opened.sent) == 100
    assert opened.workers[0].machine.tripped is None
    other = play(after(10, refused(503)), **arrivals(*range(0, 10000, 100)), abort_after=5)
    assert len(other.sent) == 5


# -- limits


def test_no_more_are_in_flight_than_may_be_and_who_waited_longest_is_next() -> None:
    load = play(after(100), **arrivals(0, 10, 20, 30, max_concurrency=2))
    assert times_ms(load) == [0, 10, 100, 110]
    assert [one.attempt.active.number for one in load.sent] == [0, 1, 2, 3]
    assert [(one.attempt.scheduled - START) / MS for one in load.sent] == [0, 10, 20, 30]
    assert load.shared.total("held_back") == 2


def test_the_limit_is_shared_out_among_workers() -> None:
    most = 0

    def check() -> None:
        nonlocal most
        most = max(most, len(load.in_flight()))

    spec = load_spec(**arrivals(*[0] * 20, max_concurrency=5), workers=3)
    with SimulatedLoad(spec, after(100), check) as load:
        load.run()
    assert most == 5
    assert [worker.in_flight.most for worker in load.workers] == [2, 2, 1]


def test_clients_come_and_go_as_the_schedule_says() -> None:
    clients = [VirtualClient(), VirtualClient(250 * MS, 420 * MS)]
    load = play(
        after(100),
        schedule=ClosedLoop(clients=clients),
        settings=LoadSettings(),
        duration_ns=500 * MS,
    )
    second = [one.at_ns / MS for one in load.sent if one.at_ns % (100 * MS)]
    assert second == [250, 350]
    assert sorted(times_ms(load)) == [0, 100, 200, 250, 300, 350, 400]


def test_a_worker_without_clients_is_done_at_once() -> None:
    load = play(after(100), **loop(1), requests=3, workers=2)
    assert len(load.sent) == 3
