"""Transports that misbehave: each is the fault of its own request, and is named."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import time
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import pytest
from forged_tasks import make_task

from aisbench.config.plan import Model
from aisbench.config.service_keys import Retry, Timeouts
from aisbench.config.suite import ServiceSettings
from aisbench.engine import held
from aisbench.engine.client import AttemptResult
from aisbench.engine.own_link import OwnLink
from aisbench.engine.replicas import Replica
from aisbench.types.offer import BackendOffer
from aisbench.types.prompt import Prompt
from aisbench.types.request import Request
from aisbench.types.response import FaultKind, FinishReason, Response, Usage
from aisbench.types.transport import TransportAddress, TransportError

Send = Callable[[Any, Any], Awaitable[Any]]

REQUEST = Request(
    key="k", sample_id="1", repeat=0, turn=0, model="m", prompt=Prompt(text="hi"),
    generation={}, stream=True, seed=1,
)  # fmt: skip
OFFER = BackendOffer(name="odd", summary="", target="x:X", transport="own", schemes=("odd",))


class Odd:
    """A transport that sends as it is told; it counts what it opens and closes."""

    def __init__(self, send: Send) -> None:
        self.on_send = send
        self.on_connect: Callable[[], Awaitable[Any]] | None = None
        self.opened = self.closed = 0
        self.usable = True

    async def connect(self, address: TransportAddress) -> Any:
        self.opened += 1
        return self if self.on_connect is None else await self.on_connect()

    async def send(self, request: Request, tape: Any) -> Any:
        return await self.on_send(request, tape)

    async def close(self) -> None:
        self.closed += 1


def link_to(odd: Any, **limits: Any) -> OwnLink:
    service = ServiceSettings(
        url="odd://there", retry=Retry(attempts=1),
        timeout=Timeouts(**{"connect": 0.2, "first_token": 0.2, "total": 0.4, **limits}),
    )  # fmt: skip
    task = make_task("http://127.0.0.1:1", 1)
    model: Model = attrs.evolve(task.model, name="m", offer=OFFER, common=service, backend=odd)
    return OwnLink(model, {})


def attempt(odd: Any, count: int = 1, **limits: Any) -> list[AttemptResult]:
    async def main() -> list[AttemptResult]:
        async with link_to(odd, **limits) as link:
            replica = Replica("odd://there")
            found = [await link.attempt(REQUEST, replica) for _ in range(count)]
            assert replica.in_flight == 0
            return found

    return asyncio.run(main())


def failed(send: Send, **limits: Any) -> tuple[FaultKind, str]:
    odd = Odd(send)
    (result,) = attempt(odd, **limits)
    assert odd.closed == odd.opened == 1
    fault = result.response.fault
    assert fault is not None
    return fault.kind, fault.message


async def good(_: Request, tape: Any) -> Response:
    tape.sent()
    tape.read(2, "a b")
    tape.read(1, " c")
    return Response(
        text="a b c", finish_reason=FinishReason.STOP, usage=Usage(completion_tokens=3)
    )


def test_a_good_one_keeps_its_connection() -> None:
    odd = Odd(good)
    results = attempt(odd, 3)
    assert odd.opened == odd.closed == 1
    for one in results:
        assert one.response.text == "a b c"
        timing = one.timing
        assert timing.sent is not None
        assert timing.first_token is not None
        assert timing.dispatched <= timing.sent <= timing.first_token
        assert timing.first_answer == timing.first_token


async def raises(_: Request, tape: Any) -> Response:
    raise KeyError("odd")


async def exits(_: Request, tape: Any) -> Response:
    raise SystemExit(3)


async def cancels_itself(_: Request, tape: Any) -> Response:
    raise asyncio.CancelledError


async def gives_text(_: Request, tape: Any) -> Any:
    tape.sent()
    return "the answer"


async def never_sent(_: Request, tape: Any) -> Response:
    return Response(text="a")


async def negative(_: Request, tape: Any) -> Response:
    tape.sent()
    tape.read(-1)
    return Response()


async def half(_: Request, tape: Any) -> Response:
    tape.sent()
    tape.read(0.5)
    return Response()


async def after_the_end(_: Request, tape: Any) -> Response:
    tape.sent()
    tape.end()
    tape.read(1, "more")
    return Response()


async def before_sent(_: Request, tape: Any) -> Response:
    tape.read(1, "early")
    return Response()


async def to_come(_: Request, tape: Any) -> Response:
    tape.sent()
    tape.read(1, "a", at=tape.now() + 10**9)
    return Response()


async def out_of_order(_: Request, tape: Any) -> Response:
    early = tape.now()
    tape.sent()
    tape.read(1, "a", at=early)
    return Response()


async def hides_its_lie(_: Request, tape: Any) -> Response:
    tape.sent()
    with contextlib.suppress(Exception):
        tape.read(-1)
    return Response(text="fine")


@pytest.mark.parametrize(
    ("send", "said"),
    [
        (raises, "KeyError: 'odd' (test_own_link.py"),
        (exits, "SystemExit"),
        (cancels_itself, "core did not give the request up"),
        (gives_text, "send() gave str, not a Response"),
        (never_sent, "never said that the request was sent"),
        (negative, "tokens = -1 (test_own_link.py"),
        (half, "tokens = 0.5"),
        (after_the_end, "read() was called after the end of the answer"),
        (before_sent, "read() was called before sent()"),
        (to_come, "which is to come"),
        (out_of_order, "before the one told last"),
        (hides_its_lie, "tokens = -1"),
    ],
)
def test_bugs_and_lies_are_named(send: Any, said: str) -> None:
    kind, message = failed(send)
    assert kind is FaultKind.BUG
    assert said in message


def test_a_send_that_is_not_asynchronous() -> None:
    odd: Any = Odd(good)
    odd.send = lambda request, tape: Response()
    (result,) = attempt(odd)
    assert result.response.fault is not None
    assert "a Response, and not a coroutine" in result.response.fault.message


async def never_ends(_: Request, tape: Any) -> Response:
    tape.sent()
    await asyncio.sleep(30)
    return Response()


async def stops_halfway(_: Request, tape: Any) -> Response:
    tape.sent()
    tape.read(1, "begun")
    await asyncio.sleep(30)
    return Response()


async def keeps_on(_: Request, tape: Any) -> Response:
    tape.sent()
    while True:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            tape.read(1, "I go on")


@pytest.mark.parametrize(
    ("send", "label"),
    [(never_ends, "first_token"), (stops_halfway, "total"), (keeps_on, "first_token")],
)
def test_time_outs_end_what_does_not_end(send: Send, label: str) -> None:
    kind, message = failed(send)
    assert kind is FaultKind.TIMEOUT
    assert f"timeout.{label}" in message


def test_a_failed_request_keeps_what_had_arrived() -> None:
    (result,) = attempt(Odd(stops_halfway))
    assert result.response.text == "begun"
    assert result.timing.first_token is not None


def test_a_larger_answer_than_the_suite_allows() -> None:
    async def large(_: Request, tape: Any) -> Response:
        tape.sent()
        tape.read(1, "a", size=10**9)
        return Response(text="a")

    kind, message = failed(large)
    assert kind is FaultKind.PROTOCOL
    assert "limits." in message


def test_faults_that_a_transport_names() -> None:
    async def full(_: Request, tape: Any) -> Response:
        raise TransportError(
            FaultKind.HTTP, "full", status=429, body="come again", retry_after=2.5
        )

    (result,) = attempt(Odd(full))
    fault = result.response.fault
    assert fault is not None
    assert (fault.kind, fault.status, fault.body) == (FaultKind.HTTP, 429, "come again")
    assert result.retry_after == 3

    async def broken(_: Request, tape: Any) -> Response:
        tape.sent()
        raise ConnectionResetError(104, "reset")

    assert failed(broken) == (FaultKind.CUT, "the connection broke: reset")
    with pytest.raises(ValueError, match="no faults of the kind"):
        TransportError(FaultKind.BUG, "mine")


def test_an_idle_connection_that_the_server_dropped_is_no_failure() -> None:
    calls = 0

    async def dropped(request: Request, tape: Any) -> Response:
        nonlocal calls
        calls += 1
        if calls == 2:
            tape.sent()
            raise ConnectionResetError(104, "reset")
        return await good(request, tape)

    odd = Odd(dropped)
    results = attempt(odd, 2)
    assert all(one.response.fault is None for one in results)
    assert (calls, odd.opened) == (3, 2)


def test_connecting() -> None:
    async def hangs() -> Any:
        await asyncio.sleep(30)

    async def refuses() -> Any:
        raise ConnectionRefusedError(111, "refused")

    async def gives_nothing() -> Any:
        return None

    for on_connect, kind, said in (
        (hangs, FaultKind.CONNECT, "no connection within 0.2 s (timeout.connect)"),
        (refuses, FaultKind.CONNECT, "cannot connect: refused"),
        (gives_nothing, FaultKind.BUG, "NoneType, which has no send and no close and no usable"),
    ):
        odd = Odd(good)
        odd.on_connect = on_connect
        (result,) = attempt(odd)
        fault = result.response.fault
        assert fault is not None
        assert fault.kind is kind
        assert said in fault.message


@pytest.mark.parametrize("how", ["sleeps", "spins"])
def test_one_that_holds_the_loop_is_interrupted(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setattr(held, "LOOK_SECONDS", 0.02)

    async def holds(_: Request, tape: Any) -> Response:
        tape.sent()
        if how == "sleeps":
            time.sleep(30)
        while True:
            try:
                sum(range(1000))
            except Exception:  # noqa: BLE001 - as careless code has it
                continue

    begun = time.monotonic()
    kind, message = failed(holds, first_token=20, total=20)
    assert kind is FaultKind.BUG
    assert "it held the event loop" in message
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("held_one", [0, 1])
def test_of_two_models_each_is_guarded(monkeypatch: pytest.MonkeyPatch, held_one: int) -> None:
    monkeypatch.setattr(held, "LOOK_SECONDS", 0.02)
    before = signal.getsignal(signal.SIGURG)

    async def holds(_: Request, tape: Any) -> Response:
        tape.sent()
        time.sleep(5)
        return Response()

    async def main() -> None:
        odds = [Odd(good), Odd(good)]
        async with contextlib.AsyncExitStack() as last, link_to(odds[0]) as first:
            links = [first, await last.enter_async_context(link_to(odds[1]))]
            for link in links:  # the guard of each has begun
                await link.attempt(REQUEST, Replica("odd://there"))
            odds[held_one].on_send = holds
            result = await links[held_one].attempt(REQUEST, Replica("odd://there"))
            fault = result.response.fault
            assert fault is not None
            assert fault.kind is FaultKind.BUG, fault
        # The first one was closed first.

    asyncio.run(main())
    assert signal.getsignal(signal.SIGURG) == before


def test_cancelling_closes_the_connection() -> None:
    odd = Odd(never_ends)

    async def main() -> None:
        async with link_to(odd, first_token=30, total=30) as link:
            task = asyncio.create_task(link.attempt(REQUEST, Replica("odd://there")))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.sleep(0.05)
            assert odd.closed == 1

    asyncio.run(main())


def test_a_request_that_was_given_up_is_let_go_of() -> None:
    """Without waiting for the garbage collector, which rests during a load: libraries close what
    nobody holds any more."""

    class Call:
        pass

    calls: list[weakref.ref[Call]] = []

    async def waits(request: Request, tape: Any) -> Response:
        call = Call()
        calls.append(weakref.ref(call))
        return await never_ends(request, tape)

    gc.disable()
    try:
        attempt(Odd(waits), first_token=0.05)
        assert calls[0]() is None
    finally:
        gc.enable()
