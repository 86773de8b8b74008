"""Stopping when everything fails alike."""

from __future__ import annotations

from aisbench.engine.breaker import Breaker
from aisbench.types.response import Fault, FaultKind

REFUSED = Fault(kind=FaultKind.CONNECT, message="refused")
AUTH = Fault(kind=FaultKind.HTTP, message="m", status=401)
OTHER_STATUS = Fault(kind=FaultKind.HTTP, message="m", status=500)


def test_it_trips_after_so_many_alike() -> None:
    breaker = Breaker(3)
    assert [breaker.record(AUTH) for _ in range(3)] == [False, False, True]
    assert breaker.tripped is AUTH


def test_messages_may_differ() -> None:
    breaker = Breaker(2)
    breaker.record(AUTH)
    assert breaker.record(Fault(kind=FaultKind.HTTP, message="other", status=401))


def test_a_success_starts_again() -> None:
    breaker = Breaker(2)
    for _ in range(5):
        assert not breaker.record(AUTH)
        assert not breaker.record(None)
    assert breaker.tripped is None


def test_another_kind_or_status_starts_again() -> None:
    breaker = Breaker(2)
    for fault in (AUTH, OTHER_STATUS, REFUSED, AUTH):
        assert not breaker.record(fault)
    assert breaker.record(AUTH)


def test_one_is_enough_when_the_limit_is_one() -> None:
    assert Breaker(1).record(REFUSED)


def test_what_tripped_it_is_kept() -> None:
    breaker = Breaker(1)
    breaker.record(AUTH)
    breaker.record(REFUSED)
    assert breaker.tripped is AUTH
