"""Requests for which something is asked of the server first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from attrs import define, field

from aisbench.codec import Preparation, Prepared, PreparingBackend, Remembered, Reply
from aisbench.config.service_keys import Retry
from aisbench.config.suite import ServiceSettings
from aisbench.engine.client import AttemptResult
from aisbench.engine.http_link import HttpLink
from aisbench.engine.replicas import Replica, Replicas
from aisbench.engine.sender import Attempts, Sender
from aisbench.types.http import HttpRequest
from aisbench.types.prompt import Prompt
from aisbench.types.request import Request
from aisbench.types.response import Fault, FaultKind, Response
from aisbench.types.timing import Timing


def http(path: str) -> HttpRequest:
    return HttpRequest(method="POST", path=path, body=b"{}")


class Reading:
    """A decoder that gives back what it was fed."""

    answer_begun = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.status = 0

    def start(self, status: int, content_type: str) -> None:
        self.status = status

    def feed(self, data: bytes) -> int:
        return 0

    def finish(self) -> Response:
        if self.status != 200:
            return Response(
                fault=Fault(kind=FaultKind.HTTP, message="refused", status=self.status)
            )
        return Response(text=self.name)


class Plain:
    def encode(self, request: Request) -> HttpRequest:
        return http("/plain")

    def decoder(self, request: Request) -> Any:
        return Reading("plain")


class Asking(Plain):
    """Asks two questions, or none of a prompt "plain"."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []

    def prepare(self, request: Request) -> Preparation | None:
        return None if request.prompt.text == "plain" else self._prepared()

    def _prepared(self) -> Preparation:
        for name in ("/one", "/two"):
            reply = yield http(name)
            self.replies.append(reply)
            if fault := reply.fault:
                return fault
        return Prepared(wire=http("/last"), decoder=lambda: Reading("prepared"))


@define
class Wire:
    """A client that answers with the statuses given for a path, 200 for all others."""

    statuses: dict[str, list[int]] = field(factory=dict)
    sent: list[tuple[str, str]] = field(factory=list)

    async def attempt(
        self, request: HttpRequest, decoder: Any, replica: Replica, stream: bool
    ) -> AttemptResult:
        self.sent.append((request.path, replica.url))
        waiting = self.statuses.get(request.path)
        status = waiting.pop(0) if waiting else 200
        timing = Timing(dispatched=len(self.sent), done=len(self.sent))
        if status == 0:
            fault = Fault(kind=FaultKind.CONNECT, message="down")
            return AttemptResult(response=Response(fault=fault), timing=timing, url=replica.url)
        decoder.start(status, "application/json")
        decoder.feed(json.dumps({"path": request.path}).encode())
        return AttemptResult(
            response=decoder.finish(), timing=timing, url=replica.url, retry_after=0.001
        )


def send(
    backend: Any, wire: Any, text: str = "hi", urls: Sequence[str] = ("http://a",)
) -> Attempts:
    settings = ServiceSettings(retry=Retry(attempts=3, backoff=0.001, backoff_max=0.002))
    request = Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", prompt=Prompt(text=text),
        generation={}, stream=True, seed=1,
    )  # fmt: skip

    async def run() -> Attempts:
        sender = Sender(HttpLink(wire, backend), settings, Replicas(urls), 0, asyncio.Event())
        return await sender.send(request)

    return asyncio.run(run())


def test_questions_are_asked_in_turn_and_replies_reach_the_backend() -> None:
    backend, wire = Asking(), Wire()
    outcome = send(backend, wire)
    assert outcome.response.text == "prepared"
    assert [path for path, _ in wire.sent] == ["/one", "/two", "/last"]
    assert [json.loads(one.body)["path"] for one in backend.replies] == ["/one", "/two"]
    assert outcome.timing.dispatched == 3


def test_all_of_one_attempt_go_to_one_replica() -> None:
    wire = Wire()
    send(Asking(), wire, urls=["http://a", "http://b"])
    assert len({url for _, url in wire.sent}) == 1


@pytest.mark.parametrize(("backend", "text"), [(Plain(), "hi"), (Asking(), "plain")])
def test_nothing_is_asked_where_nothing_is_to_prepare(backend: Any, text: str) -> None:
    wire = Wire()
    assert send(backend, wire, text).response.text == "plain"
    assert [path for path, _ in wire.sent] == ["/plain"]


@pytest.mark.parametrize("status", [503, 0])
def test_a_question_that_fails_is_an_attempt_that_fails(status: int) -> None:
    wire = Wire({"/two": [status]})
    outcome = send(Asking(), wire)
    assert outcome.response.text == "prepared"
    assert [path for path, _ in wire.sent] == ["/one", "/two", "/one", "/two", "/last"]
    (failure,) = outcome.failures
    assert failure.response.fault is not None
    assert failure.response.fault.kind is (FaultKind.HTTP if status else FaultKind.CONNECT)


def test_attempts_end() -> None:
    outcome = send(Asking(), Wire({"/one": [503] * 9}))
    assert outcome.response.fault is not None
    assert outcome.response.fault.status == 503
    assert len(outcome.failures) == 2


@pytest.mark.parametrize(
    ("status", "again"),
    [(200, False), (404, False), (400, False), (501, False), (429, True), (500, True)],
)
def test_which_statuses_another_attempt_may_mend(status: int, again: bool) -> None:
    assert (Reply(status=status, body=b"x").fault is not None) is again


def test_what_is_a_preparing_backend() -> None:
    assert isinstance(Asking(), PreparingBackend)
    assert not isinstance(Plain(), PreparingBackend)


def test_what_was_said_is_remembered_up_to_a_number() -> None:
    known: Remembered[int | None] = Remembered()
    assert known.find(b"a") is None
    assert known.keep(b"a", None) is None
    assert known.find(b"a") == (None,)
    for number in range(1023):
        known.keep(str(number).encode(), number)
        assert known.find(b"a") is not None
    for number in range(1024):
        known.keep(f"x{number}".encode(), number)
    assert known.find(b"a") is None
    assert known.find(b"x0") == (0,)
