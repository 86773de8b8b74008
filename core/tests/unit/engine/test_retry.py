"""Which failures are tried again, and when."""

from __future__ import annotations

import email.utils
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.config.service_keys import Retry
from aisbench.engine.retry import Backoff, is_transient, may_be_deterministic, parse_retry_after
from aisbench.types.response import Fault, FaultKind


def http(status: int | None) -> Fault:
    return Fault(kind=FaultKind.HTTP, message="m", status=status)


def fault(kind: FaultKind) -> Fault:
    return Fault(kind=kind, message="m")


@pytest.mark.parametrize(
    ("status", "transient", "deterministic"),
    [
        (None, False, False),
        (301, False, False),
        (400, False, False),
        (401, False, False),
        (404, False, False),
        (408, True, False),
        (409, True, False),
        (413, False, False),
        (422, False, False),
        (425, True, False),
        (429, True, False),
        (500, True, True),
        (501, True, True),
        (502, True, False),
        (503, True, False),
        (504, True, False),
        (529, True, False),
    ],
)
def test_statuses(status: int | None, transient: bool, deterministic: bool) -> None:
    assert is_transient(http(status)) is transient
    assert may_be_deterministic(http(status)) is deterministic


@pytest.mark.parametrize(
    ("kind", "transient", "deterministic"),
    [
        (FaultKind.CONNECT, True, False),
        (FaultKind.TLS, False, False),
        (FaultKind.TIMEOUT, True, False),
        (FaultKind.SERVER, True, True),
        (FaultKind.PROTOCOL, True, True),
        (FaultKind.BUG, True, True),
        (FaultKind.CUT, True, False),
    ],
)
def test_kinds(kind: FaultKind, transient: bool, deterministic: bool) -> None:
    assert is_transient(fault(kind)) is transient
    assert may_be_deterministic(fault(kind)) is deterministic


@pytest.mark.parametrize(
    ("message", "body"),
    [("Overloaded", None), ("x", '{"type":"rate_limit_error"}'), ("Too many requests", None)],
)
def test_overload_inside_a_stream_is_nobodys_fault(message: str, body: str | None) -> None:
    """As Anthropic reports it behind the first words."""
    assert not may_be_deterministic(Fault(kind=FaultKind.SERVER, message=message, body=body))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("Wed, 99 Foo 2015 07:28:00 GMT", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value) == seconds


def test_retry_after_a_date() -> None:
    value = email.utils.formatdate(time.time() + 100, usegmt=True)
    assert parse_retry_after(value) == pytest.approx(100, abs=2)


@pytest.mark.parametrize(
    "value",
    [
        "Fri, 31 Dec 99999999999999999999 23:59:59 GMT", "nan", "inf", "1e9", "+5", "0x10",
        "Fri, 31 Dec 9999 23:59:59 -9999", "Mon, 01 Jan 0000 00:00:00 GMT", "x" * 70_000,
        "Thu, 99 Zzz 2020 99:99:99 GMT", "\xff\xfe", ",", "Fri,", "99999999999999999999 GMT",
        "Fri, 31 Dec 2020 23:59:59 +99999999999999999999", "-99999999999999999999",
    ],
)  # fmt: skip
def test_retry_after_that_nobody_can_wait_for(value: str) -> None:
    found = parse_retry_after(value)
    assert found is None or 0 <= found <= 366 * 86400


def test_the_longest_retry_after() -> None:
    assert parse_retry_after("9" * 5000) == 366 * 86400
    assert parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT") == 366 * 86400


@given(
    value=st.one_of(
        st.text(max_size=40),
        st.from_regex(r"(Mon|Fri), [0-9]{1,20} (Jan|Feb|Zzz) -?[0-9]{1,22} [0-9:]{1,20} .{0,6}"),
        st.from_regex(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [0-9]{1,20} [0-9:]{0,12} -?[0-9]{1,25}"),
        st.integers().map(str),
    )
)
def test_no_retry_after_raises(value: str) -> None:
    found = parse_retry_after(value)
    assert found is None or 0 <= found <= 366 * 86400


def test_retry_after_in_digits_that_are_no_numbers() -> None:
    assert parse_retry_after("²") is None


def test_retry_after_in_the_old_form_is_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    value = time.asctime(time.gmtime(time.time() + 100))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert parse_retry_after(value) == pytest.approx(100, abs=2)
    finally:
        monkeypatch.undo()
        time.tzset()


@given(st.text(alphabet=st.characters(max_codepoint=0x7F)))
@settings(deadline=None)
def test_retry_after_never_raises_on_ascii(value: str) -> None:
    seconds = parse_retry_after(value)
    assert seconds is None or seconds >= 0


@given(st.integers(1, 2000), st.floats(0.001, 100), st.floats(0, 100), st.integers())
@settings(deadline=None)
def test_waits_double_with_jitter_up_to_the_longest(
    failures: int, first: float, longest: float, seed: int
) -> None:
    backoff = Backoff(Retry(backoff=first, backoff_max=longest), random.Random(seed))
    full = min(first * 2.0 ** min(failures - 1, 1000), longest)
    assert full / 2 <= backoff.wait(failures, None) <= full


def test_waits() -> None:
    class Least(random.Random):
        def random(self) -> float:
            return 0.0

    least = Backoff(Retry(backoff=1, backoff_max=5), Least())
    assert [least.wait(failures, None) for failures in (1, 2, 3, 4, 9)] == [0.5, 1, 2, 2.5, 2.5]
    waits = {Backoff(Retry(), random.Random(3)).wait(1, None) for _ in range(2)}
    assert len(waits) == 1
    source = Backoff(Retry(), random.Random(3))
    assert source.wait(1, None) != source.wait(1, None)


def test_the_servers_wish_wins_within_the_longest_wait() -> None:
    backoff = Backoff(Retry(backoff=10, backoff_max=60), random.Random(0))
    assert backoff.wait(1, 0.0) == 0.0
    assert backoff.wait(3, 45.0) == 45.0
    assert backoff.wait(1, 3600.0) == 60.0
