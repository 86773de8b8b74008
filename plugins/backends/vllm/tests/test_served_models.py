"""What servers tell of their models at /v1/models and /props, as they write it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aisbench.api import ServedModel
from aisbench.contract.service_backends import RoutedBackend, TellingBackend, WatchedBackend
from aisbench_plugin_vllm.chat import ChatBackend
from aisbench_plugin_vllm.settings import OpenAiChatSettings

BACKEND = ChatBackend(OpenAiChatSettings())

VLLM = {
    "object": "list",
    "data": [
        {"id": "base", "object": "model", "owned_by": "vllm", "root": "/models/base",
         "parent": None, "max_model_len": 2048},
        {"id": "sql", "object": "model", "owned_by": "vllm", "root": "/lora/sql",
         "parent": "base", "max_model_len": None},
    ],
}  # fmt: skip
LLAMA = {
    "models": [{"name": "m"}],
    "object": "list",
    "data": [{"id": "m.gguf", "owned_by": "llamacpp", "meta": {"n_ctx_train": 32768}}],
}


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_vllm_names_context_and_base() -> None:
    assert BACKEND.served_models(body(VLLM)) == [
        ServedModel(name="base", context=2048),
        ServedModel(name="sql", parent="base"),
    ]
    assert BACKEND.context_request(body(VLLM)) is None


def test_llama_cpp_tells_its_context_elsewhere() -> None:
    # What the model was trained with is not what the server was started with.
    assert BACKEND.served_models(body(LLAMA)) == [ServedModel(name="m.gguf")]
    question = BACKEND.context_request(body(LLAMA))
    assert question is not None
    assert (question.method, question.path) == ("GET", "/props")
    assert BACKEND.parse_context(b'{"default_generation_settings": {"n_ctx": 4096}}') == 4096
    for other in (b"", b"[]", b'{"default_generation_settings": 3}', b"{}"):
        assert BACKEND.parse_context(other) is None


@pytest.mark.parametrize(
    ("entry", "context"),
    [
        ({"max_model_len": 10}, 10),
        ({"context_length": 131072}, 131072),
        ({"max_context_length": 7}, 7),
        ({"meta": {"n_ctx": 512, "n_ctx_train": 9}}, 512),
        ({"max_model_len": 0}, None),
        ({"max_model_len": -1}, None),
        ({"max_model_len": "10"}, None),
        ({"max_model_len": True}, None),
        ({"meta": []}, None),
        ({"max_model_len": 10**30}, None),
    ],
)
def test_names_of_the_context(entry: dict[str, Any], context: int | None) -> None:
    (found,) = BACKEND.served_models(body({"data": [{"id": "m", **entry}]}))
    assert found.context == context


def test_what_the_backend_is() -> None:
    assert isinstance(BACKEND, TellingBackend)
    assert isinstance(BACKEND, WatchedBackend)
    assert isinstance(BACKEND, RoutedBackend)
    assert list(BACKEND.routes()) == ["/v1/chat/completions"]
