"""Messages that name the cause at hand, by the words of real servers."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from forged_tasks import make_task

from aisbench.codec import http_fault
from aisbench.config.suite import ServiceSettings
from aisbench.engine.advice import CONTEXT, advice
from aisbench.engine.diagnosis import named_keys
from aisbench.settings.fields import Secret
from aisbench.types.response import Fault, FaultKind

MODEL = attrs.evolve(make_task("http://h", 1).model, name="m")

CONTEXTS = [
    # vLLM, old and new
    "This model's maximum context length is 2048 tokens. However, you requested 4200 tokens "
    "(104 in the messages, 4096 in the completion). Please reduce the length.",
    "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context "
    "length is 2048 tokens and your request has 104 input tokens (4096 > 2048 - 104).",
    "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
    # SGLang
    "Requested token count exceeds the model's maximum context length of 32768 tokens.",
    "The input (40000 tokens) is longer than the model's context length (32768 tokens).",
    # llama.cpp
    "the request exceeds the available context size, try increasing it",
    '{"error": {"type": "exceed_context_size_error", "message": "too long"}}',
    # Text Generation Inference
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 104",
    # OpenAI
    '{"error": {"message": "too long", "code": "context_length_exceeded"}}',
]


@pytest.mark.parametrize("words", CONTEXTS)
def test_a_context_that_is_too_short(words: str) -> None:
    fault = http_fault(400, words.encode())
    assert CONTEXT.search(f"{fault.message} {fault.body}")
    assert "max_tokens" in advice(fault, MODEL)
    assert "input of the data set" in advice(fault, MODEL, performance=True)


def http(status: int, message: str = "no") -> Fault:
    return Fault(kind=FaultKind.HTTP, status=status, message=message)


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        (http(401), 'models.m.api_key = "env:NAME"'),
        (http(404, "The model `x` does not exist."), "models.m.model"),
        (http(404, "Not Found"), "models.m.url"),
        (http(405), "models.m.backend"),
        (http(307), "models.m.url"),
        (http(413), "larger"),
        (http(429), "models.m.concurrency"),
        (http(503, "Loading model"), "models.m.wait_for_server"),
        (http(502, "Bad Gateway"), "models.m.wait_for_server"),
        (http(400, "you must provide a chat template if none is defined."), "--chat-template"),
        (http(400, "The plain HTTP request was sent to HTTPS port"), "https://"),
        (http(400, "Client sent an HTTP request to an HTTPS server."), "https://"),
        (Fault(kind=FaultKind.TLS, message="[SSL: WRONG_VERSION_NUMBER] x"), "http://"),
        (Fault(kind=FaultKind.TLS, message="wrong version number"), "http://"),
        (Fault(kind=FaultKind.CONNECT, message="refused"), "wait_for_server"),
    ],
)
def test_what_mends_it(fault: Fault, wanted: str) -> None:
    assert wanted in advice(fault, MODEL)


def test_a_key_that_is_refused_is_in_the_variable() -> None:
    service = ServiceSettings(url="http://h", api_key=Secret("NAME"))
    assert "NAME" in advice(http(403), attrs.evolve(MODEL, common=service))


@pytest.mark.parametrize(
    "fault",
    [http(400, "no"), http(500, "boom"), http(418), Fault(kind=FaultKind.CUT, message="x")],
)
def test_no_advice_rather_than_a_wrong_one(fault: Fault) -> None:
    assert advice(fault, MODEL) == ""


BODY: dict[str, Any] = {
    "model": "m", "messages": [], "max_tokens": 5, "seed": 1, "ignore_eos": True, "stream": True,
    "stream_options": {"include_usage": True}, "temperature": 0,
}  # fmt: skip
EXTRA = {"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "x", "input": "ignore_eos"}


@pytest.mark.parametrize(
    ("error", "keys"),
    [
        # FastAPI, pydantic
        ({"detail": [EXTRA]}, ["seed"]),
        (
            {"detail": [{"loc": ["body", "seed"]}, {"loc": ["body", "ignore_eos"]}]},
            ["seed", "ignore_eos"],
        ),
        ({"detail": [{"loc": ["body", "stream_options", "include_usage"]}]}, ["stream_options"]),
        # OpenAI
        ({"error": {"message": "Unrecognized request argument supplied: ignore_eos"}},
         ["ignore_eos"]),
        ({"error": {"message": "Unknown parameter: 'ignore_eos'.", "param": "ignore_eos"}},
         ["ignore_eos"]),
        ({"error": {"message": "Unsupported parameter: 'max_tokens' is not supported with this "
                               "model. Use 'max_completion_tokens' instead."}}, ["max_tokens"]),
        ({"error": {"message": "x", "param": "temperature"}}, ["temperature"]),
        # Go's and Rust's decoders
        ({"message": 'json: unknown field "stream_options"'}, ["stream_options"]),
        ({"error": "unknown field `seed`, expected one of `model`, `messages`"}, ["seed"]),
        ({"message": "seed is not supported"}, ["seed"]),
        ({"message": "invalid request"}, []),
        ({"message": "the model is broken and the messages too"}, []),
    ],
)  # fmt: skip
def test_the_keys_that_an_error_names(error: Any, keys: list[str]) -> None:
    fault = http_fault(400, json.dumps(error).encode())
    assert [one[-1] for one in named_keys(fault, BODY)] == keys


def test_keys_within_a_table_of_parameters() -> None:
    fault = http_fault(422, b'{"error": "unknown field `seed`"}')
    body = {"inputs": "x", "parameters": {"seed": 1}}
    assert named_keys(fault, body) == [("parameters", "seed")]
