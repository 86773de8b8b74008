"""What becomes of a request that a transport of its own carries: given up, and with settings."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import attrs

from aisbench.api import (
    BackendOffer,
    Capability,
    FaultKind,
    JsonObject,
    Request,
    Response,
    ShownTransport,
    TransportBackend,
)
from aisbench_testkit.checks.backend import GENERATION
from aisbench_testkit.checks.link_trial import LinkTrial, Make, try_link
from aisbench_testkit.checks.peers import Flow, Peer, Relay
from aisbench_testkit.checks.transport import request_for
from aisbench_testkit.checks.transport_answers import LIMITS, PLAIN, Expected, with_peer

MARKED: JsonObject = {**GENERATION, "conformance_setting": "conformance-setting"}
"""Settings that are refused or reach the server, the last one of no server's."""

_PAUSE = 0.15
"""How long a request is awaited before it is given up, in s."""


def check_given_up(
    make: Make, offer: BackendOffer, peer: Peer | None, expected: Sequence[Expected] = PLAIN
) -> list[str]:
    """A request that is cancelled, before its answer and in the middle of it, and one that is out
    of time: it ends at once, its connection is closed, and nothing is left."""
    words = (expected or PLAIN)[0].prompt
    stream = Capability.STREAM in offer.capabilities
    request = request_for(offer, words, stream=stream)

    def check(url: str, relay: Relay) -> list[str]:
        problems = []
        for what, flow in (
            ("cancelled before its answer", Flow.HOLD),
            ("cancelled in the middle of its answer", Flow.DRIP),
            ("that is out of time", None),
        ):
            found = _give_up(make, offer, url, relay, request, flow)
            problems += [f"a request {what}: {one}" for one in found]
            if found:
                break
        return problems

    return with_peer(peer, offer, check)


def _give_up(
    make: Make, offer: BackendOffer, url: str, relay: Relay, request: Request, flow: Flow | None
) -> list[str]:
    """``flow`` is how the answer comes until it is cancelled; None: its time runs out."""
    found: list[str] = []

    async def work(link: LinkTrial) -> None:
        if flow is None:
            link.watch.on_send = lambda: setattr(relay, "flow", Flow.HOLD)
            found.extend(_not_timed_out(await link.ask(request)))
        else:
            await _cancelled(link, relay, request, flow)
        await link.settled()
        for send in link.watch.sends:
            if send.ended and send.cancelled and not send.passed_on:
                how = f"raises {send.error} instead" if send.error else "swallows it"
                found.append(f"CancelledError does not pass: send() {how}")

    limits = LIMITS if flow is not None else {**LIMITS, "first_token": 0.4, "total": 0.5}
    try:
        left = try_link(make, offer, url, work, limits, ends=relay.ends)
    finally:
        relay.flow = Flow.PASS
    return found + left


def _not_timed_out(response: Response) -> list[str]:
    fault = response.fault
    if fault is not None and fault.kind is FaultKind.TIMEOUT:
        return []
    said = "an answer" if fault is None else f"{fault.kind.value}: {fault.message}"
    return [f"becomes {said}"]


async def _cancelled(link: LinkTrial, relay: Relay, request: Request, flow: Flow) -> None:
    """Cancel a request a while after it was sent, or at its first token."""
    reached = asyncio.Event()

    def on_send() -> None:
        relay.flow = flow
        if flow is Flow.HOLD:
            asyncio.get_running_loop().call_later(_PAUSE, reached.set)

    def on_token() -> None:
        relay.flow = Flow.HOLD
        reached.set()

    link.watch.on_send, link.watch.on_token = on_send, on_token
    task = asyncio.ensure_future(link.ask(request))
    waiting = asyncio.ensure_future(reached.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    await asyncio.sleep(0.01)  # it awaits again what is held
    if not task.done():  # otherwise its answer came in one piece: there is no middle
        task.cancel()
    await asyncio.wait({task})


def check_reach(
    make: Make,
    offer: BackendOffer,
    peer: Peer | None,
    generation: JsonObject = MARKED,
    expected: Sequence[Expected] = PLAIN,
) -> list[str]:
    """Every generation setting is refused with advice, or changes what is sent."""
    words = (expected or PLAIN)[0].prompt
    request = request_for(offer, words, stream=Capability.STREAM in offer.capabilities)
    backend: TransportBackend = make()
    refused = {name: backend.refused({name: value}) for name, value in generation.items()}
    problems = [
        f"{name} is refused without saying what to do"
        for name, said in refused.items()
        if name in said and not said[name].strip()
    ]

    def check(url: str, relay: Relay) -> list[str]:
        def sent(one: Request) -> bytes:
            return _sent(make, offer, url, relay, one)

        plain = [sent(request) for _ in range(3)]
        for name, value in generation.items():
            asked = attrs.evolve(request, generation={name: value})
            if name not in refused[name] and not _differs(
                sent(asked), plain, make, request, asked
            ):
                problems.append(
                    f"generation.{name} is dropped: it is not refused and changes nothing sent"
                )
        return problems

    return with_peer(peer, offer, check)


def _sent(make: Make, offer: BackendOffer, url: str, relay: Relay, request: Request) -> bytes:
    """What reaches the server of one request, its connection's handshake left out."""

    async def work(link: LinkTrial) -> None:
        link.watch.on_send = relay.asked.clear
        await link.ask(request)

    try_link(make, offer, url, work, LIMITS, ends=relay.ends)
    return bytes(relay.asked)


def _differs(
    sent: bytes, plain: Sequence[bytes], make: Make, request: Request, asked: Request
) -> bool:
    """Whether a setting changed what was sent. Where the same request is never sent twice in the
    same bytes (the frames of WebSockets are masked), their number counts, and what is shown."""
    if len(set(plain)) == 1:
        return sent != plain[0]
    if len(sent) not in {len(one) for one in plain}:
        return True
    backend = make()
    if isinstance(backend, ShownTransport):
        return backend.shown(request) != backend.shown(asked)
    return False
