"""Backends with a transport of their own, as far as they can be tried without their server."""

from __future__ import annotations

import re

from aisbench.api import (
    BackendOffer,
    Capability,
    FaultKind,
    Message,
    Prompt,
    Request,
    Response,
    ShownTransport,
)
from aisbench.servers.started import free_port
from aisbench_testkit import canned
from aisbench_testkit.checks.capabilities import check_written
from aisbench_testkit.checks.link_trial import LinkTrial, Make, try_link
from aisbench_testkit.checks.peers import GARBAGE, NoServer, elsewhere
from aisbench_testkit.checks.trial import NotChecked, trial

_LIMITS = {"connect": 0.5, "first_token": 0.5, "total": 0.8}
_PROVEN = {
    Capability.TOOLS,
    Capability.IMAGES,
    Capability.AUDIO,
    Capability.VIDEO,
    Capability.LOGPROBS,
}


def request_for(offer: BackendOffer, words: str, *, stream: bool, chat: bool = False) -> Request:
    """A request of a form that the offer says it can do."""
    claimed = offer.capabilities
    if Capability.TEXT in claimed and not chat:
        prompt = Prompt(text=words)
    elif Capability.CHAT in claimed:
        prompt = Prompt(messages=(Message(role="user", content=words),))
    else:
        prompt = Prompt(tokens=(31, 59, 26, 53, 5))
    return canned.request(prompt, stream=stream)


def check_no_server(make: Make, offer: BackendOffer, lingers: str = "") -> list[str]:
    """Whatever is at the other end, the request fails, in time, and leaves nothing behind.

    ``lingers`` says why a connection to a silent server may stay for a while after it was given
    up, where a library lets nobody end it.
    """
    request = request_for(offer, "1 + 1 =", stream=Capability.STREAM in offer.capabilities)
    schemes = [offer.schemes[0]]
    schemes += [one for one in offer.schemes[1:] if one == f"{schemes[0]}s"]
    problems: list[str] = []
    for scheme in schemes:
        problems += _unanswered(make, offer, request, scheme, "refuses connections", None)[0]
        for what, server in (
            ("ends each connection at once", NoServer(closes=True)),
            ("stays silent", NoServer(watched=not lingers)),
            ("sends garbage", NoServer(says=GARBAGE)),
            ("sends garbage and ends", NoServer(says=GARBAGE, closes=True)),
        ):
            with elsewhere(server.serving):
                found, left = _unanswered(make, offer, request, scheme, what, server)
            problems += found
            if left:  # it was waited for, and would be again with all others
                return list(dict.fromkeys(problems))
    return list(dict.fromkeys(problems))


def _unanswered(
    make: Make,
    offer: BackendOffer,
    request: Request,
    scheme: str,
    what: str,
    server: NoServer | None,
) -> tuple[list[str], bool]:
    """What is wrong, and whether something was left behind."""
    port = free_port() if server is None else server.port
    where = f"a {scheme} server that {what}"
    responses: list[Response] = []

    async def work(link: LinkTrial) -> None:
        responses.append(await link.ask(request))

    ends = server.ends if server is not None and server.watched else None
    left = try_link(make, offer, f"{scheme}://127.0.0.1:{port}", work, _LIMITS, ends=ends)
    problems = list(left)
    for response in responses:
        fault = response.fault
        if fault is None:
            problems.append(f"it passes for an answer: {response.text[:40]!r}")
        elif fault.kind is FaultKind.BUG:
            problems.append(bug_of(fault.message))
    return [f"{where}: {one}" for one in problems], bool(left)


def bug_of(message: str) -> str:
    """What core says of a bug, without what is for users."""
    said = re.sub(r" \(watching\.py:\d+\)$", "", message.rpartition("log.jsonl): ")[2])
    return f"a bug of the transport: {said}"


def check_shown(make: Make, offer: BackendOffer) -> list[str]:
    """What `--dry-run` shows is what would be sent: the prompt, and what capabilities need."""
    backend = make()
    if not isinstance(backend, ShownTransport):
        if not _PROVEN & set(offer.capabilities):
            return []
        raise NotChecked(
            "nothing shows that tools, media or continuations are sent",
            give="a method shown(request), which --dry-run uses too",
        )
    shown = backend.shown

    def write(request: Request) -> bytes:
        return shown(request).encode("utf-8", "replace")

    problems: list[str] = []
    with trial(problems, "shown()"):
        for stream in {False, Capability.STREAM in offer.capabilities}:
            request = request_for(offer, canned.MARK, stream=stream)
            if request.prompt.tokens is None and canned.MARK.encode() not in write(request):
                problems.append("shown() leaves the prompt out")
        problems += check_written(write, offer, "shown()", whole=False)
    return list(dict.fromkeys(problems))
