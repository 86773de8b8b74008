"""All that a server refuses about a request, found out in one go."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import attrs
from forged_tasks import make_task
from raw_server import read_request, serve

from aisbench.config.plan import Task
from aisbench.engine.client import HttpClient
from aisbench.engine.diagnosis import Diagnosis, describe, diagnose
from aisbench.engine.replicas import Replica
from aisbench.types.http import HttpRequest
from aisbench.types.prompt import Prompt
from aisbench.types.request import Request

KEYS = {
    "model": "m", "messages": [], "max_tokens": 5, "seed": 1, "ignore_eos": True,
    "stream": True, "stream_options": {"include_usage": True}, "temperature": 0,
}  # fmt: skip
REQUEST = Request(
    key="", sample_id="0", repeat=0, turn=0, model="m", prompt=Prompt(text=""), generation={},
    stream=True, seed=None,
)  # fmt: skip
Answer = Callable[[dict[str, Any]], tuple[int, Any]]


class Backend:
    """What a diagnosis asks of a backend."""

    def encode(self, request: Request) -> HttpRequest:
        return HttpRequest(method="POST", path="/ask", body=json.dumps(KEYS).encode())

    def setting_of(self, key: str) -> str | None:
        return {"seed": "send_seed = false", "stream_options": "usage = false"}.get(key)

    refused = decoder = models_request = parse_models = lambda self, *_: None


def found(answer: Answer) -> tuple[Any, int, Task]:
    """The diagnosis, how many requests it took, and the task."""
    sent = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while True:
            _, body = await read_request(reader)
            sent += 1
            status, value = answer(json.loads(body))
            data = json.dumps(value).encode()
            head = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(data))
            writer.write(head + data)
            await writer.drain()

    async def main() -> tuple[Diagnosis | None, Task]:
        async with serve(handle) as port:
            task = make_task(f"http://127.0.0.1:{port}", 1)
            task = attrs.evolve(
                task,
                model=attrs.evolve(task.model, name="m", backend=Backend()),
                generation={"temperature": 0},
                generation_origin={"temperature": "[models.m.generation]"},
            )
            async with HttpClient(task.model.service, {}) as client:
                where = Replica(f"http://127.0.0.1:{port}")
                return await diagnose(client, task, REQUEST, where), task

    diagnosis, task = asyncio.run(main())
    return diagnosis, sent, task


def one_at_a_time(*refused: str) -> Answer:
    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        for key in refused:
            if key in body:
                return 400, {"error": {"message": f"unknown parameter: {key}", "param": key}}
        return 200, {}

    return answer


def test_every_key_is_named_in_one_go_with_its_setting() -> None:
    keys = ["seed", "ignore_eos", "stream_options", "temperature"]
    diagnosis, sent, task = found(one_at_a_time(*keys))
    assert list(diagnosis.refused) == keys
    assert diagnosis.passes
    assert sent == 5
    text = describe(diagnosis, task)
    assert "refuses 4 of the keys" in text
    assert "models.m.send_seed = false" in text
    assert "models.m.usage = false" in text
    assert "leave temperature out of [models.m.generation]" in text


def test_keys_that_no_error_names_are_found_one_by_one() -> None:
    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        bad = {"seed", "stream_options"} & body.keys()
        return (422, {"error": "bad request"}) if bad else (200, {})

    diagnosis, sent, _ = found(answer)
    assert set(diagnosis.refused) == {"seed", "stream_options"}
    assert sent <= 24


def test_what_is_not_about_keys_is_left_alone() -> None:
    for status, message in (
        (401, "no key"),
        (500, "seed is broken"),
        (400, "This model's maximum context length is 10 tokens, and max_tokens is 5"),
    ):
        reply = (status, {"error": message})
        diagnosis, sent, task = found(lambda body, reply=reply: reply)  # type: ignore[misc]
        assert diagnosis.refused == {}
        assert sent == 1
        assert describe(diagnosis, task) == ""


def test_a_server_that_refuses_everything_ends_the_search() -> None:
    diagnosis, sent, _ = found(lambda body: (400, {"error": "no"}))
    assert diagnosis.refused == {}
    assert not diagnosis.passes
    assert sent == 2


def test_a_server_that_answers_now() -> None:
    assert found(lambda body: (200, {}))[0] is None
