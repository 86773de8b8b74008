"""Servers that load, go away and come back, and what they tell of their models."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import attrs
import pytest
from forged_tasks import make_task
from raw_server import Handler, read_request, serve

from aisbench.base.errors import AisbenchError, ServerError
from aisbench.config.durations import duration_problem, seconds_of
from aisbench.config.plan import Model
from aisbench.config.service_keys import Retry
from aisbench.config.suite import ServiceSettings
from aisbench.contract.service_backends import TellingBackend, WatchedBackend
from aisbench.engine import waiting
from aisbench.engine.client import HttpClient
from aisbench.engine.discover import DiscoveredModel
from aisbench.engine.http_link import HttpLink
from aisbench.engine.link import ServerLink
from aisbench.engine.replicas import Replicas
from aisbench.engine.sender import Attempts, Sender
from aisbench.engine.waiting import ServerWatch, Stopped
from aisbench.types.http import HttpRequest
from aisbench.types.prompt import Prompt
from aisbench.types.request import Request
from aisbench.types.response import Fault, FaultKind, Response
from aisbench.types.served import ServedModel

LOADING = (503, {"error": {"message": "Loading model"}})


class Reading:
    """200 is an answer; all else is a fault."""

    answer_begun = False

    def __init__(self) -> None:
        self.status, self.data = 0, b""

    def start(self, status: int, content_type: str) -> None:
        self.status = status

    def feed(self, data: bytes) -> int:
        self.data += data
        return 1

    def finish(self) -> Response:
        if self.status == 200:
            return Response(text="yes")
        return Response(fault=Fault(kind=FaultKind.HTTP, message="no", status=self.status))


class Backend:
    """Asks /health, /models and /ask."""

    health = True
    open_ended = True

    def refused(self, generation: Any) -> dict[str, str]:
        return {}

    def health_requests(self) -> Sequence[HttpRequest]:
        return [HttpRequest(method="GET", path="/health")] if self.health else []

    def models_request(self) -> HttpRequest:
        return HttpRequest(method="GET", path="/models")

    def parse_models(self, body: bytes) -> Sequence[str]:
        return [one.name for one in self.served_models(body)]

    def served_models(self, body: bytes) -> Sequence[ServedModel]:
        return [ServedModel(**one) for one in json.loads(body)["data"]]

    def context_request(self, body: bytes) -> HttpRequest | None:
        return HttpRequest(method="GET", path="/props") if b"llama" in body else None

    def parse_context(self, body: bytes) -> int | None:
        found: int = json.loads(body)["n_ctx"]
        return found

    def encode(self, request: Request) -> HttpRequest:
        return HttpRequest(method="POST", path="/ask", body=b"{}")

    def decoder(self, request: Request) -> Any:
        return Reading()


REQUEST = Request(
    key="k", sample_id="1", repeat=0, turn=0, model="m", prompt=Prompt(text="hi"),
    generation={}, stream=False, seed=1,
)  # fmt: skip
Answers = Callable[[str], tuple[int, Any] | None]


def handler(answers: Answers) -> Handler:
    """Answers by path; None closes the connection."""

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head, _ = await read_request(reader)
            found = answers(head.split(" ")[1])
            if found is None:
                return
            status, value = found
            extra = b""
            if status == 307:
                extra, value = b"Location: " + value.encode() + b"\r\n", {}
            body = json.dumps(value).encode()
            writer.write(
                b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n%b\r\n%b"
                % (status, len(body), extra, body)
            )
            await writer.drain()

    return serve_one


def model_of(*urls: str, backend: Any = None, **more: Any) -> Model:
    service = ServiceSettings(
        url=urls, retry=Retry(attempts=2, backoff=0.001, backoff_max=0.01), **more
    )
    return attrs.evolve(make_task(urls[0], 1).model, common=service, backend=backend or Backend())


async def with_watch(
    model: Model,
    work: Callable[[ServerWatch, ServerLink, Replicas], Awaitable[Any]],
    told: list[str],
) -> Any:
    replicas = Replicas(list(model.service.url))
    async with HttpClient(model.service, {}) as client:
        link = HttpLink(client, model.codec)
        return await work(
            ServerWatch(model, link, replicas, told.append, look_seconds=0.02), link, replicas
        )


def at_start(answers: Answers, **more: Any) -> tuple[Any, list[str]]:
    told: list[str] = []

    async def main() -> Any:
        async with serve(handler(answers)) as port:
            model = model_of(f"http://127.0.0.1:{port}", **more)

            async def ask(
                watch: ServerWatch, link: ServerLink, replicas: Replicas
            ) -> DiscoveredModel:
                await watch.ready()
                return await link.discover(model, replicas)

            return await with_watch(model, ask, told)

    return asyncio.run(main()), told


def counting(*first: Any, then: Any) -> Answers:
    left = list(first)
    return lambda path: left.pop(0) if left else then


MODELS = (200, {"data": [{"name": "m"}]})


def test_a_server_that_loads_is_waited_for_and_that_is_told() -> None:
    found, told = at_start(counting(LOADING, LOADING, LOADING, then=MODELS))
    assert found == DiscoveredModel("m")
    assert len(told) == 2
    assert "503 Loading model" in told[0]
    assert "wait_for_server" in told[0]
    assert "is there" in told[1]


def test_one_that_loads_for_too_long_ends_the_run_with_its_words() -> None:
    with pytest.raises(ServerError, match=r"not ready after 0 s: 503 Loading model") as caught:
        at_start(counting(then=LOADING), wait_for_server="0.2s")
    assert 'wait_for_server = "10m"' in caught.value.hint


@pytest.mark.parametrize("status", [500, 502, 504])
def test_other_errors_are_waited_for_only_if_asked(status: int) -> None:
    broken = (status, {"error": "bad gateway"})
    with pytest.raises(AisbenchError):
        at_start(counting(broken, broken, broken, then=MODELS))
    assert at_start(counting(broken, broken, broken, then=MODELS), wait_for_server="5s")[
        0
    ] == DiscoveredModel("m")


def test_a_server_without_a_question_for_its_health_is_asked_for_its_models() -> None:
    def answers(path: str) -> tuple[int, Any]:
        return (404, {}) if path == "/health" else MODELS

    assert at_start(answers, wait_for_server="1s") == (DiscoveredModel("m"), [])


def test_a_server_that_is_not_there_yet() -> None:
    told: list[str] = []

    async def main() -> None:
        async with serve(handler(counting(then=MODELS))) as port:
            pass
        model = model_of(f"http://127.0.0.1:{port}", wait_for_server="10s")

        async def ready(watch: ServerWatch, link: ServerLink, replicas: Replicas) -> None:
            await watch.ready()

        waiting_for_it = asyncio.create_task(with_watch(model, ready, told))
        await asyncio.sleep(0.2)
        server = await asyncio.start_server(handler(counting(then=MODELS)), "127.0.0.1", port)
        await waiting_for_it
        server.close()

    asyncio.run(main())
    assert "cannot connect" in told[0]
    assert "is there" in told[-1]


def test_the_user_may_stop_the_waiting() -> None:
    async def main() -> None:
        async with serve(handler(counting(then=LOADING))) as port:
            model = model_of(f"http://127.0.0.1:{port}")
            replicas = Replicas(list(model.service.url))
            async with HttpClient(model.service, {}) as client:
                link = HttpLink(client, model.codec)
                await ServerWatch(model, link, replicas, print, lambda: True).ready()

    with pytest.raises(Stopped):
        asyncio.run(main())


# -- a restart in the middle


def restarted(
    down: Any, *, asks: int = 4, wait: str = "10s", dying: int = 0
) -> tuple[list[Attempts | BaseException], list[str], list[str]]:
    """``asks`` requests to a server that goes down at the third one, for some half a second;
    ``dying`` questions for its health are answered well after that."""
    told: list[str] = []
    seen: list[str] = []
    loop_time: list[float] = []
    left = [dying]

    def answers(path: str) -> tuple[int, Any] | None:
        now = asyncio.get_running_loop().time()
        seen.append(path)
        if len([one for one in seen if one == "/ask"]) == 3 and not loop_time:
            loop_time.append(now)
        away = bool(loop_time) and now - loop_time[0] < 0.5
        if path != "/ask":
            if away and left[0] > 0:
                left[0] -= 1
                return 200, {}
            return down if away else (200, {})
        return down if away else (200, {})

    async def main() -> list[Attempts | BaseException]:
        async with serve(handler(answers)) as port:
            model = model_of(f"http://127.0.0.1:{port}", wait_for_server=wait)

            async def work(watch: ServerWatch, link: ServerLink, replicas: Replicas) -> Any:
                sender = Sender(link, model.service, replicas, 0, asyncio.Event(), watch)
                return await asyncio.gather(
                    *(sender.send(REQUEST) for _ in range(asks)), return_exceptions=True
                )

            found: list[Attempts | BaseException] = await with_watch(model, work, told)
            return found

    return asyncio.run(main()), told, seen


@pytest.mark.parametrize("down", [None, LOADING, (502, {})])
def test_requests_in_flight_wait_for_a_restart_and_use_no_attempt_up(down: Any) -> None:
    found, told, _ = restarted(down)
    for outcome in found:
        assert isinstance(outcome, Attempts)
        assert outcome.response.fault is None
        assert outcome.failures == ()
    assert len(told) == 2
    assert "is gone" in told[0]
    assert "is back after" in told[1]


def test_a_server_that_still_answers_while_it_goes_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "DYING_SECONDS", 0.1)
    found, told, _ = restarted(LOADING, dying=2)
    assert all(isinstance(one, Attempts) and one.response.fault is None for one in found)
    assert len(told) == 2


def test_a_server_that_does_not_come_back_ends_the_run() -> None:
    found, _, _ = restarted(None, wait="0.1s")
    errors = [one for one in found if isinstance(one, ServerError)]
    assert errors
    assert "did not come back within 0.1 s (wait_for_server)" in errors[0].message
    assert "--resume" in errors[0].hint


@pytest.mark.parametrize("wait", ["", "0s"])
def test_without_the_setting_failures_are_failures(wait: str) -> None:
    found, told, seen = restarted(LOADING, wait=wait)
    assert any(isinstance(one, Attempts) and one.response.fault for one in found)
    assert not told
    assert set(seen) == {"/ask"}


def test_a_healthy_server_that_refuses_a_request_is_not_waited_for() -> None:
    def answers(path: str) -> tuple[int, Any]:
        return (500, {}) if path == "/ask" else (200, {})

    async def main() -> Any:
        async with serve(handler(answers)) as port:
            model = model_of(f"http://127.0.0.1:{port}", wait_for_server="10s")

            async def work(watch: ServerWatch, link: ServerLink, replicas: Replicas) -> Attempts:
                sender = Sender(link, model.service, replicas, 0, asyncio.Event(), watch)
                return await sender.send(REQUEST)

            return await with_watch(model, work, [])

    assert asyncio.run(main()).response.fault.status == 500


# -- what is served


def asked(models: list[dict[str, Any]], **more: Any) -> DiscoveredModel:
    found: DiscoveredModel = at_start(lambda path: (200, {"data": models, "n_ctx": 77}), **more)[0]
    return found


def test_the_base_among_its_adapters() -> None:
    models = [
        {"name": "lora-a", "parent": "base"},
        {"name": "base", "context": 2048},
        {"name": "lora-b", "parent": "base"},
        {"name": "lora-c", "parent": "lora-b"},
    ]
    assert asked(models) == DiscoveredModel("base", 2048)
    assert asked(models, model="lora-a").name == "lora-a"


@pytest.mark.parametrize(
    "models",
    [
        [{"name": "a"}, {"name": "b"}],
        [{"name": "a"}, {"name": "b", "parent": "c"}],
        [{"name": "a", "parent": "b"}, {"name": "b", "parent": "a"}],
        [{"name": "a"}, {"name": "x", "parent": "a"}, {"name": "b"}],
    ],
)
def test_several_models_are_the_suites_to_choose_from(models: list[dict[str, Any]]) -> None:
    with pytest.raises(AisbenchError, match="serves several models: a, ") as caught:
        asked(models)
    assert caught.value.exit_code == 2
    assert not isinstance(caught.value, ServerError)
    assert "model = " in caught.value.hint


def test_the_context_is_asked_where_the_list_shows_how() -> None:
    assert asked([{"name": "llama"}]) == DiscoveredModel("llama", 77, strict=False)
    assert asked([{"name": "m", "context": 9}, {"name": "n", "parent": "m"}]) == DiscoveredModel(
        "m", 9
    )


def test_a_redirect_says_where_to() -> None:
    def answers(path: str) -> tuple[int, Any]:
        return 307, f"https://other:8443/team{path}"

    with pytest.raises(ServerError, match="redirected to https://other:8443/team/models") as one:
        at_start(answers)
    assert one.value.hint == 'write url = "https://other:8443/team"'


def test_what_is_told_and_watched_is_found_by_its_methods() -> None:
    assert isinstance(Backend(), TellingBackend)
    assert isinstance(Backend(), WatchedBackend)
    assert not isinstance(object(), WatchedBackend)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("10m", 600), ("1.5h", 5400), ("0s", 0), ("2 m", 120)]
)
def test_durations(text: str, seconds: float) -> None:
    assert duration_problem(text) is None
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["10", "m", "-1s", "1d", "1e9h", "99999999999h", "10 minutes"])
def test_what_is_no_duration(text: str) -> None:
    assert duration_problem(text)
