"""Names of settings that no server has, and the longest answer by its many names."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.contract.service_backends import DoubtingBackend
from aisbench_plugin_vllm.chat import ChatBackend
from aisbench_plugin_vllm.completions import CompletionsBackend
from aisbench_plugin_vllm.known_keys import KNOWN
from aisbench_plugin_vllm.responses import ResponsesBackend
from aisbench_plugin_vllm.settings import (
    OpenAiChatSettings,
    OpenAiCompletionsSettings,
    OpenAiResponsesSettings,
)

BACKENDS: list[Any] = [
    ChatBackend(OpenAiChatSettings()),
    CompletionsBackend(OpenAiCompletionsSettings()),
    ResponsesBackend(OpenAiResponsesSettings()),
]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("temprature", "temperature"),
        ("Temperature", "temperature"),
        ("top-p", "top_p"),
        ("topp", "top_p"),
        ("repitition_penalty", "repetition_penalty"),
        ("ignore_eos_token", "ignore_eos"),
        ("presence_penality", "presence_penalty"),
        ("guided_jsn", "guided_json"),
    ],
)
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_nearest_name_is_told(backend: Any, name: str, meant: str) -> None:
    assert isinstance(backend, DoubtingBackend)
    assert backend.doubted({name: 1, "temperature": 0}) == {name: f"did you mean {meant}?"}


def test_a_name_like_no_other_is_told_too() -> None:
    assert "ignore" in BACKENDS[0].doubted({"zzz_quux": 1})["zzz_quux"]


def test_known_names_are_not_doubted() -> None:
    assert BACKENDS[0].doubted(dict.fromkeys(KNOWN, 1)) == {}


def test_max_output_tokens_is_the_responses_apis_own() -> None:
    chat, completions, responses = BACKENDS
    for backend in (chat, completions):
        assert "max_tokens" in backend.refused({"max_output_tokens": 5})["max_output_tokens"]
    assert responses.refused({"max_output_tokens": 5}) == {}
    assert responses.refused({"max_tokens": 5}) == {}
    assert "max_output_tokens" in responses.refused({"max_output_tokens": 5, "max_tokens": 6})
