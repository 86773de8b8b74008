"""The requests before a load's start, on a made clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from load_specs import NumberedRows, load_spec
from simulated_load import MS, OK, Reply, SimulatedLoad, refused

from aisbench.base.errors import ServerError
from aisbench.config.load_keys import LoadSettings
from aisbench.conversation.conversation import Conversation
from aisbench.loadgen.attempt import Attempt
from aisbench.store.recording.columns import Phase


def warm(
    serve: Callable[[Attempt], Reply], at_once: int = 100, workers: int = 1, **keys: Any
) -> SimulatedLoad:
    spec = load_spec(settings=LoadSettings(**keys), workers=workers)
    with SimulatedLoad(spec, serve) as load:
        load.warm(at_once)
        return load


def test_as_many_as_are_wanted_so_many_at_once() -> None:
    most = 0

    def serve(attempt: Attempt) -> Reply:
        nonlocal most
        most = max(most, len(load.in_flight()))
        return Reply(10 * MS)

    with SimulatedLoad(load_spec(settings=LoadSettings(warm_up=7)), serve) as load:
        load.warm(3)
    assert len(load.sent) == 7
    assert most == 3
    assert load.workers[0].dones == 1
    assert {one.attempt.phase for one in load.recorded} == {Phase.WARM_UP}
    assert {one.attempt.active.number for one in load.recorded} == {-1}
    load.workers[0].warm_up.check()


def test_workers_share_it_and_ask_different_rows() -> None:
    load = warm(lambda _: Reply(MS), warm_up=5, workers=2)
    assert [worker.warm_up.wanted for worker in load.workers] == [3, 2]
    assert sorted(one.attempt.active.row for one in load.sent) == [2, 3, 4, 5, 6]


def test_one_is_sent_without_any_connection_and_no_more_than_may_be_in_flight() -> None:
    assert len({one.at_ns for one in warm(lambda _: Reply(MS), 0, warm_up=3).sent}) == 3
    load = warm(lambda _: Reply(MS), warm_up=4, max_concurrency=2)
    assert len({one.at_ns for one in load.sent}) == 2


def test_retries_are_awaited_before_it_is_done() -> None:
    def serve(attempt: Attempt) -> Reply:
        broken = attempt.number == 1 and attempt.active.row == 4  # the first
        return Reply(10 * MS, refused(503) if broken else OK)

    load = warm(serve, warm_up=3, attempts=2)
    assert [one.attempt.number for one in load.sent] == [1, 1, 1, 2]
    assert load.workers[0].dones == 1
    assert load.recorded[-1].attempt.number == 2
    load.workers[0].warm_up.check()


def test_one_answer_is_enough_and_none_is_an_error_that_says_why() -> None:
    answers = iter([refused(500), OK, refused(500)])
    warm(lambda _: Reply(MS, next(answers)), warm_up=3).workers[0].warm_up.check()
    broken = warm(lambda _: Reply(MS, refused(500)), warm_up=3).workers[0].warm_up
    with pytest.raises(ServerError, match=r"all 3 warm-up requests failed: no"):
        broken.check()


def test_however_many_rows_break_the_others_are_asked() -> None:
    class OneGood(NumberedRows):
        def warm_up(self, row: int, repeat: int) -> Conversation:
            made = self.begin(row, repeat)
            if row:
                made.fail("template 'x'", ValueError("odd row"))
            return made

    settings = LoadSettings(warm_up=2500)
    with SimulatedLoad(
        load_spec(settings=settings, conversations=OneGood(2500)), lambda _: Reply(MS)
    ) as load:
        load.warm(1)
    assert [one.attempt.active.row for one in load.sent] == [0]
    assert load.workers[0].dones == 1
    load.workers[0].warm_up.check()
