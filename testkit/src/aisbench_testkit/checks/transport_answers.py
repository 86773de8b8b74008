"""Backends with a transport of their own, tried by the very code of core that will use them
against a server of the author's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import attrs
from attrs import frozen

from aisbench.api import BackendOffer, Capability, FaultKind, Request, Response, Support
from aisbench_testkit.checks.link_trial import LinkTrial, Make, try_link
from aisbench_testkit.checks.peers import Peer, PeerFailed, Relay, elsewhere, relayed
from aisbench_testkit.checks.transport import bug_of, request_for
from aisbench_testkit.checks.trial import NotChecked
from aisbench_testkit.checks.watching import WatchedSend

AT_ONCE = 8
HELD_SECONDS = 0.1
"""A step of a transport that takes longer, time after time, holds up all other requests."""
LIMITS = {"connect": 10.0, "first_token": 10.0, "total": 15.0}

_PAUSE = 0.15
"""As long as a server's end of a connection takes to be seen, in s."""


@frozen(kw_only=True)
class Expected:
    """A prompt, and what the author's server answers to it; None where no matter."""

    prompt: str
    text: str | None = None


PLAIN = (Expected(prompt="1 + 1 ="),)


@contextmanager
def _served(peer: Peer | None, name: str) -> Iterator[tuple[str, Relay]]:
    """The url of the author's server, behind a relay."""
    if peer is None:
        raise NotChecked(
            "there is no server to ask",
            give=f'[tool.aisbench.check.{name}] peer = "tests/peer.py:serve", an asynchronous '
            'context manager that yields a url, and expected = [{ prompt = "...", text = "..." }]',
        )
    with elsewhere(lambda: relayed(peer)) as value:
        yield value


def with_peer(
    peer: Peer | None, offer: BackendOffer, check: Callable[[str, Relay], list[str]]
) -> list[str]:
    try:
        with _served(peer, offer.name) as (url, relay):
            return list(dict.fromkeys(check(url, relay)))
    except PeerFailed as error:
        return [str(error)]


Asked = list["tuple[Expected, Request]"]


def check_answers(
    make: Make, offer: BackendOffer, peer: Peer | None, expected: Sequence[Expected] = PLAIN
) -> list[str]:
    """Each form of request is answered; a second one on the same connection, where it is usable;
    many at once; and core is told what it must be."""
    known = expected or PLAIN
    forms = [
        (stream, chat)
        for chat in (False, True)
        for stream in (False, True)
        if (not stream or Capability.STREAM in offer.capabilities)
        and (not chat or {Capability.TEXT, Capability.CHAT} <= set(offer.capabilities))
    ]

    def check(url: str, relay: Relay) -> list[str]:
        stream = Capability.STREAM in offer.capabilities
        first = request_for(offer, known[0].prompt, stream=stream)
        problems = _check_first(make, offer, url, relay, first)
        for stream, chat in forms:
            if not problems:  # what is wrong with one form is wrong with most
                asked = _asked(offer, known, stream=stream, chat=chat)
                problems = _check_form(make, offer, url, relay, asked)
        return problems

    return with_peer(peer, offer, check)


def _asked(
    offer: BackendOffer, known: Sequence[Expected], *, stream: bool, chat: bool = False
) -> Asked:
    return [(one, request_for(offer, one.prompt, stream=stream, chat=chat)) for one in known]


def _check_form(
    make: Make, offer: BackendOffer, url: str, relay: Relay, asked: Asked
) -> list[str]:
    found: list[str] = []

    async def work(link: LinkTrial) -> None:
        for place in range(2):
            one, request = asked[place % len(asked)]
            response = await link.ask(request)
            found.extend(_answer_problems(offer, link.watch.sends[-1:], one, response))
            if found:
                return
            await asyncio.sleep(_PAUSE)
        found.extend(_reuse_problems(link.watch.sends))
        many = [
            (one, attrs.evolve(request, key=f"k{place}"))
            for place, (one, request) in enumerate((asked * AT_ONCE)[:AT_ONCE])
        ]
        responses = await asyncio.gather(*(link.ask(request) for _, request in many))
        for (one, request), response in zip(many, responses, strict=True):
            sends = [send for send in link.watch.sends if send.request is request]
            said = _answer_problems(offer, sends[-1:], one, response)
            found.extend(f"of {AT_ONCE} requests at once one {problem}" for problem in said)

    left = try_link(make, offer, url, work, LIMITS, ends=relay.ends)
    words = "a streamed answer" if asked[0][1].stream else "a whole answer"
    return [f"{words}: {one}" for one in found] + left


def _reuse_problems(sends: Sequence[WatchedSend]) -> list[str]:
    """Core sends again, on another connection, what an idle one did not carry."""
    if any(one.reused and one.error for one in sends):
        return ["usable is True of a connection that carries no second request"]
    return []


def _answer_problems(
    offer: BackendOffer,
    sends: Sequence[WatchedSend],
    expected: Expected,
    response: Response,
) -> list[str]:
    fault = response.fault
    if fault is not None:
        if fault.kind is FaultKind.BUG:
            return [bug_of(fault.message)]
        return [f"fails: {fault.kind.value}: {fault.message}"]
    problems = []
    if expected.text is not None and response.text != expected.text:
        problems.append(f"reads {response.text!r}, not {expected.text!r}")
    problems += [problem for send in sends for problem in _told_problems(send, response)]
    full = offer.capabilities.get(Capability.USAGE) is Support.FULL
    if full and response.usage.completion_tokens is None:
        problems.append("has no count of tokens, though the offer says usage")
    return problems


def _told_problems(send: WatchedSend, response: Response) -> list[str]:
    """What the tape was told is what is returned; of a whole answer nothing need be told."""
    problems = []
    stream = send.request.stream
    if (stream or send.text) and send.text != response.text:
        problems.append(f"tells the tape {send.text!r}, and returns {response.text!r}")
    if (stream or send.reasoning) and send.reasoning != (response.reasoning or ""):
        problems.append(
            f"tells the tape the reasoning {send.reasoning!r}, and returns {response.reasoning!r}"
        )
    if stream and response.text and not send.tokens:
        problems.append("tells the tape no event that carried tokens: its TTFT would be unknown")
    return problems


def _check_first(
    make: Make, offer: BackendOffer, url: str, relay: Relay, request: Request
) -> list[str]:
    """Nothing is left behind, and the loop is free while an answer is awaited. The shortest of
    several tries counts, as a busy machine stretches steps."""
    longest = []

    async def work(link: LinkTrial) -> None:
        await link.ask(request)
        longest.append(link.watch.longest)

    for _ in range(3):
        if left := try_link(make, offer, url, work, LIMITS, ends=relay.ends):
            return left
        if longest and longest[-1] <= HELD_SECONDS:
            return []
    if not longest:
        return []
    return [
        f"a step of it holds the event loop for {min(longest):.2g} s without awaiting: nothing "
        "else is sent or read meanwhile"
    ]
