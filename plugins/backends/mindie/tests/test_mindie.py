"""What is sent to MindIE, and what is made of its answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aisbench.api import FaultKind, FinishReason, Prompt, Request, Response
from aisbench_plugin_mindie.routes import (
    MindieGenerateBackend,
    MindieInferBackend,
    MindieRoute,
    MindieTokenBackend,
    MindieTritonBackend,
)
from aisbench_plugin_mindie.settings import MindieSettings


def request(stream: bool = False, prompt: Prompt | None = None, **generation: Any) -> Request:
    return Request(
        key="key", sample_id="1", repeat=0, turn=0, model="qwen/7b", seed=7, stream=stream,
        prompt=prompt or Prompt(text="Q: 1+1?", stop=("Q:",)), generation=generation,
    )  # fmt: skip


def sent(kind: Any, asked: Request, **settings: Any) -> tuple[str, dict[str, Any]]:
    wire = kind(MindieSettings(**settings)).encode(asked)
    return wire.path, json.loads(wire.body)


def answer(kind: Any, asked: Request, *events: dict[str, Any], **settings: Any
) -> tuple[Response, int]:  # fmt: skip
    backend: MindieRoute = kind(MindieSettings(**settings))
    decoder = backend.decoder(asked)
    if asked.stream:
        decoder.start(200, "text/event-stream")
        body = b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in events)
    else:
        decoder.start(200, "application/json")
        body = json.dumps(events[0]).encode()
    tokens = decoder.feed(body)
    return decoder.finish(), tokens


PARAMETERS = {"details": True, "max_new_tokens": 9, "stop": ["Q:"], "seed": 7}


def test_routes_and_bodies() -> None:
    assert sent(MindieInferBackend, request(max_tokens=9)) == (
        "/infer", {"inputs": "Q: 1+1?", "stream": False, "parameters": PARAMETERS},
    )  # fmt: skip
    ids = request(stream=True, prompt=Prompt(tokens=(5618, 13), stop=("Q:",)), max_tokens=9)
    assert sent(MindieTokenBackend, ids) == (
        "/infer_token", {"input_id": [5618, 13], "stream": True, "parameters": PARAMETERS},
    )  # fmt: skip
    assert sent(MindieGenerateBackend, request(stream=True, max_tokens=9)) == (
        "/generate_stream", {"inputs": "Q: 1+1?", "parameters": PARAMETERS},
    )  # fmt: skip
    assert sent(MindieTritonBackend, request(max_tokens=9)) == (
        "/v2/models/qwen%2F7b/generate",
        {"id": "key", "text_input": "Q: 1+1?", "parameters": PARAMETERS},
    )


def test_temperature_0_is_greedy_search() -> None:
    _, body = sent(MindieInferBackend, request(temperature=0), send_seed=False)
    assert body["parameters"] == {"details": True, "do_sample": False, "stop": ["Q:"]}
    _, body = sent(MindieInferBackend, request(temperature=0.5, do_sample=False))
    assert body["parameters"]["do_sample"] is False


def test_unknown_settings_are_refused() -> None:
    refused = MindieInferBackend(MindieSettings()).refused({"min_p": 1, "details": False, "n": 2})
    assert "MindIE does not know it" in refused["min_p"]
    assert set(refused) == {"min_p", "details", "n"}


def test_a_stream_of_tokens() -> None:
    response, tokens = answer(
        MindieInferBackend,
        request(stream=True),
        {"prefill_time": 45.5, "decode_time": None, "token": {"id": [626], "text": "am"}},
        {"prefill_time": None, "decode_time": 9.1, "token": {"id": [263, 9], "text": " a"}},
        {
            "prefill_time": None, "decode_time": 9.1, "generated_text": "am a",
            "details": {"finish_reason": "eos_token", "generated_tokens": 4},
            "token": {"id": [2], "text": None},
        },
    )  # fmt: skip
    assert response.text == "am a"
    assert response.finish_reason is FinishReason.STOP
    assert response.usage.completion_tokens == 4
    assert tokens == 3


def test_without_details_the_ids_are_counted() -> None:
    response, _ = answer(
        MindieInferBackend,
        request(stream=True),
        {"token": {"id": [1, 2], "text": "am"}},
        {"token": {"id": [3], "text": " a"}, "generated_text": "am a"},
    )
    assert response.fault is None
    assert response.usage.completion_tokens == 3


def test_a_server_that_sends_the_text_so_far_each_time() -> None:
    events = [
        {"token": {"id": [1], "text": "am"}},
        {"token": {"id": [2], "text": "am a"}},
        {
            "token": {"id": [3], "text": "am a cat"},
            "generated_text": "am a cat",
            "details": {"finish_reason": "length", "generated_tokens": 3},
        },
    ]
    response, tokens = answer(MindieInferBackend, request(stream=True), *events, full_text=True)
    assert (response.text, tokens) == ("am a cat", 3)
    # Even unconfigured the text is right: the last event says it whole.
    assert answer(MindieInferBackend, request(stream=True), *events)[0].text == "am a cat"


def test_a_stream_without_its_last_event_was_cut() -> None:
    response, _ = answer(
        MindieInferBackend, request(stream=True), {"token": {"id": [1], "text": "am"}}
    )
    assert response.text == "am"
    assert response.fault is not None
    assert response.fault.kind is FaultKind.CUT


@pytest.mark.parametrize("kind", [MindieInferBackend, MindieGenerateBackend, MindieTritonBackend])
def test_errors(kind: Any) -> None:
    error = {"error": "Engine callback timeout.", "error_type": "Incomplete Generation"}
    response, _ = answer(kind, request(), error)
    assert response.fault is not None
    assert response.fault.kind is FaultKind.SERVER
    assert "Engine callback timeout" in response.fault.message


def test_stop_strings_are_cut_unless_they_were_asked_for() -> None:
    body = {"generated_text": "2 Q:", "details": {"finish_reason": "length"}}
    assert answer(MindieInferBackend, request(), body)[0].text == "2 "
    kept = request(include_stop_str_in_output=True)
    assert answer(MindieInferBackend, kept, body)[0].text == "2 Q:"
