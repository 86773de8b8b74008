"""LoRA adapters in requests, and in what a server lists."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aisbench.api import AisbenchError, Message, Prompt, Request
from aisbench_plugin_vllm.chat import ChatBackend
from aisbench_plugin_vllm.old_generate import OldGenerateBackend
from aisbench_plugin_vllm.responses import ResponsesBackend
from aisbench_plugin_vllm.settings import (
    OldGenerateSettings,
    OpenAiChatSettings,
    OpenAiResponsesSettings,
)


def asked(adapter: str = "sql") -> Request:
    return Request(
        key="k", sample_id="s", repeat=0, turn=0, model="base",
        prompt=Prompt(messages=(Message(role="user", content="hi"),)),
        generation={"max_tokens": 4, **({"adapter_id": adapter} if adapter else {})},
        stream=False, seed=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("form", "keys"),
    [
        ("model", {"model": "sql"}),
        ("model:adapter", {"model": "base:sql"}),
        ("lora_path", {"model": "base", "lora_path": "sql"}),
    ],
)
def test_an_adapter_is_named_as_the_server_wants_it(form: Any, keys: dict[str, str]) -> None:
    chat = ChatBackend(OpenAiChatSettings(adapter_as=form))
    responses = ResponsesBackend(OpenAiResponsesSettings(adapter_as=form))
    for backend in (chat, responses):
        body = json.loads(backend.encode(asked()).body or b"")
        assert {key: body.get(key) for key in keys} == keys and "adapter_id" not in body
        base = json.loads(backend.encode(asked("")).body or b"")
        assert base["model"] == "base" and "lora_path" not in base


def listed(owner: str, *adapters: str) -> bytes:
    cards = [{"id": "base", "owned_by": owner}]
    cards += [{"id": one, "parent": "base", "owned_by": owner} for one in adapters]
    return json.dumps({"object": "list", "data": cards}).encode()


def test_adapters_that_are_not_listed_are_told() -> None:
    backend = ChatBackend(OpenAiChatSettings())
    backend.check_adapters(listed("vllm", "sql", "chat"), ["chat", "sql"])
    with pytest.raises(AisbenchError, match="does not serve the adapter 'sqk'; it has sql, chat"):
        backend.check_adapters(listed("vllm", "sql", "chat"), ["sqk"])
    with pytest.raises(AisbenchError, match="it lists no adapters"):
        backend.check_adapters(listed("vllm"), ["sql"])


def test_sglang_answers_with_its_base_where_the_model_is_an_adapter() -> None:
    with pytest.raises(AisbenchError, match="is SGLang") as caught:
        ChatBackend(OpenAiChatSettings()).check_adapters(listed("sglang", "sql"), ["sql"])
    assert 'adapter_as = "lora_path"' in caught.value.hint
    apart = ChatBackend(OpenAiChatSettings(adapter_as="lora_path"))
    apart.check_adapters(listed("sglang", "sql"), ["sql"])


def test_the_old_api_takes_none() -> None:
    refused = OldGenerateBackend(OldGenerateSettings()).refused({"adapter_id": "sql"})
    assert "vllm-completions" in refused["adapter_id"]
