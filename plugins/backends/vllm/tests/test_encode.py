"""Requests on the wire, settings, and the offers."""

from __future__ import annotations

import json
from importlib import import_module
from types import MappingProxyType
from typing import Any

import attrs
import pytest

from aisbench.api import Capability, Message, Prompt, Support
from aisbench_plugin_vllm import plugin
from aisbench_plugin_vllm.chat import ChatBackend
from aisbench_plugin_vllm.completions import CompletionsBackend
from aisbench_plugin_vllm.settings import OpenAiChatSettings, OpenAiCompletionsSettings

TEXT = Prompt(text="1+1=", stop=("\n\n", "Q:"))


def sent(backend: Any, request: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(backend.encode(request).body)
    return body


def test_chat(chat: Any, request_of: Any) -> None:
    prompt = Prompt(
        messages=(Message(role="system", content="Be brief."), Message(role="user", content="é"))
    )
    wire = chat.encode(request_of(prompt=prompt, seed=5))
    assert (wire.method, wire.path) == ("POST", "/v1/chat/completions")
    assert wire.headers == {
        "Content-Type": "application/json",
        "Accept": "text/event-stream, application/json",
    }
    assert json.loads(wire.body) == {
        "model": "tiny",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "é"},
        ],
        "seed": 5,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_completions_without_streaming(completions: Any, request_of: Any) -> None:
    wire = completions.encode(request_of(prompt=TEXT, stream=False, model=""))
    assert wire.path == "/v1/completions"
    assert wire.headers["Accept"] == "application/json"
    assert json.loads(wire.body) == {"prompt": "1+1=", "stop": ["\n\n", "Q:"], "stream": False}


def test_token_ids(completions: Any, request_of: Any) -> None:
    body = sent(completions, request_of(prompt=Prompt(tokens=(5, 0, 151_000)), stream=False))
    assert body["prompt"] == [5, 0, 151_000]


def test_generation_is_passed_through(completions: Any, request_of: Any) -> None:
    generation = {
        "temperature": 0.6,
        "top_k": -1,
        "max_tokens": 32,
        "ignore_eos": True,
        "logprobs": 1,
        "chat_template_kwargs": MappingProxyType({"enable_thinking": False, "tags": ("a",)}),
    }
    body = sent(completions, request_of(prompt=TEXT, generation=generation))
    assert body["chat_template_kwargs"] == {"enable_thinking": False, "tags": ["a"]}
    assert {key: body[key] for key in list(generation)[:-1]} == {
        key: generation[key] for key in list(generation)[:-1]
    }


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        ("x", ["x", "\n\n", "Q:"]),
        (["Q:", "x"], ["Q:", "x", "\n\n"]),
        ([], ["\n\n", "Q:"]),
        (None, ["\n\n", "Q:"]),
    ],
)
def test_stop_is_merged(completions: Any, request_of: Any, stop: Any, expected: Any) -> None:
    body = sent(completions, request_of(prompt=TEXT, generation={"stop": stop}))
    assert body["stop"] == expected


def test_no_stop_without_any(chat: Any, request_of: Any) -> None:
    assert "stop" not in sent(chat, request_of())


def test_explicit_seed_wins(chat: Any, request_of: Any) -> None:
    assert sent(chat, request_of(seed=5, generation={"seed": 6}))["seed"] == 6


def test_seed_can_be_left_out(request_of: Any) -> None:
    backend = ChatBackend(OpenAiChatSettings(send_seed=False))
    assert "seed" not in sent(backend, request_of(seed=5))


def test_usage_can_be_left_out(request_of: Any) -> None:
    backend = ChatBackend(OpenAiChatSettings(usage=False))
    body = sent(backend, request_of())
    assert body["stream"] is True
    assert "stream_options" not in body


def test_max_tokens_renamed(request_of: Any) -> None:
    backend = ChatBackend(OpenAiChatSettings(max_tokens_name="max_completion_tokens"))
    body = sent(backend, request_of(generation={"max_tokens": 9}))
    assert body["max_completion_tokens"] == 9
    assert "max_tokens" not in body


@pytest.mark.parametrize(
    ("path", "models"),
    [
        ("/v1/chat/completions", "/v1/models"),
        ("/api/v3/chat/completions", "/api/v3/models"),
        ("/chat", "/v1/models"),
    ],
)
def test_path(request_of: Any, path: str, models: str) -> None:
    backend = ChatBackend(OpenAiChatSettings(path=path))
    assert backend.encode(request_of()).path == path
    asked = backend.models_request()
    assert asked is not None
    assert (asked.method, asked.path, asked.body) == ("GET", models, b"")


def test_path_must_be_absolute() -> None:
    check = attrs.fields(OpenAiChatSettings).path.metadata["check"]
    assert check("v1/chat") == 'must start with "/"'
    assert check("/v1/chat") is None


@pytest.mark.parametrize("text", ["half \ud83d", 2**70])
def test_what_utf8_or_64_bits_cannot_hold(chat: Any, request_of: Any, text: Any) -> None:
    assert sent(chat, request_of(generation={"x": text}))["x"] == text


def test_wrong_form_of_prompt(chat: Any, completions: Any, request_of: Any) -> None:
    with pytest.raises(ValueError, match="needs messages"):
        chat.encode(request_of(prompt=TEXT))
    with pytest.raises(ValueError, match="needs a plain string"):
        completions.encode(request_of())


@pytest.mark.parametrize(
    ("generation", "refused"),
    [
        ({"temperature": 0, "logprobs": 1, "max_tokens": 3, "stop": "x"}, set()),
        ({"stop": ["x"], "max_completion_tokens": 3}, set()),
        ({"model": "x", "messages": [], "prompt": "x"}, {"model", "messages", "prompt"}),
        ({"stream": True, "stream_options": {}}, {"stream", "stream_options"}),
        ({"n": 2, "best_of": 2, "seed": 1, "echo": True}, {"n", "best_of", "seed", "echo"}),
        ({"max_new_tokens": 1, "stop_sequences": []}, {"max_new_tokens", "stop_sequences"}),
        ({"stop": 3}, {"stop"}),
        ({"stop": ["x", 3]}, {"stop"}),
        ({"max_tokens": 1, "max_completion_tokens": 2}, {"max_completion_tokens"}),
    ],
)
def test_refused(chat: Any, generation: dict[str, Any], refused: set[str]) -> None:
    found = chat.refused(generation)
    assert set(found) == refused
    assert all(found.values())


def test_seed_advice(completions: Any) -> None:
    assert "[suite]" in completions.refused({"seed": 1})["seed"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"data":{}}', b'{"data":[{}]}', b'{"data":[{"id":1}]}', b"<p>"]
)
def test_no_list_of_models(chat: Any, body: bytes) -> None:
    with pytest.raises(ValueError, match="models"):
        chat.parse_models(body)


def test_models_with_adapters(chat: Any) -> None:
    body = b'{"data":[{"id":"base"},{"id":"lora","parent":"base"}]}'
    assert chat.parse_models(body) == ["base", "lora"]


SENSES = {Capability.IMAGES, Capability.AUDIO, Capability.VIDEO}


def test_offers() -> None:
    assert plugin.AISBENCH_API == "1.3"
    offers = {offer.name: offer for offer in plugin.aisbench_backends()}
    assert set(offers) == {
        "vllm-chat", "vllm-completions", "openai-chat", "openai-completions", "openai-responses",
        "vllm-generate",
    }  # fmt: skip
    for name, offer in offers.items():
        if name in ("openai-responses", "vllm-generate"):
            continue
        form = Capability.CHAT if name.endswith("chat") else Capability.TEXT
        more = {Capability.TOKENS} if form is Capability.TEXT else SENSES | {Capability.TOOLS}
        more = more | {Capability.LOGPROBS}
        assert set(offer.capabilities) == {form, Capability.STREAM, Capability.USAGE} | more
        # Part of the API, and not every server and model has it.
        assert all(offer.capabilities[one] is Support.DEPENDS for one in more)
        target, settings = (
            getattr(import_module(module), attribute)
            for module, _, attribute in (
                offer.target.partition(":"),
                (offer.settings or "").partition(":"),
            )
        )
        assert target(settings()).refused({}) == {}


def test_settings_are_documented() -> None:
    for cls in (OpenAiChatSettings, OpenAiCompletionsSettings):
        assert all(field.metadata["help"] for field in attrs.fields(cls))
    assert CompletionsBackend(OpenAiCompletionsSettings(path="/x")).models_request() is not None
