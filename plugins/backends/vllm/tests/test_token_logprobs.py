"""Log-probabilities of generated tokens: how they are asked for, and what servers told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aisbench.api import Prompt, TokenLogprob
from aisbench_plugin_vllm.old_generate import OldGenerateBackend
from aisbench_plugin_vllm.responses import ResponsesBackend
from aisbench_plugin_vllm.settings import OldGenerateSettings, OpenAiResponsesSettings

TEXT = Prompt(text="Hello")
RESPONSES = ResponsesBackend(OpenAiResponsesSettings())


def body(backend: Any, asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(backend.encode(asked).body)
    return found


@pytest.mark.parametrize(
    ("count", "sent"),
    [
        (5, {"logprobs": True, "top_logprobs": 5}), (0, {"logprobs": True}),
        (False, {"logprobs": False}),
    ],
)  # fmt: skip
def test_a_chat_has_a_switch_and_a_count(
    chat: Any, request_of: Any, count: Any, sent: dict[str, Any]
) -> None:
    found = body(chat, request_of(generation={"logprobs": count}))
    assert {key: found[key] for key in found if "logprobs" in key} == sent


def test_other_endpoints_have_other_names(completions: Any, request_of: Any) -> None:
    assert body(completions, request_of(prompt=TEXT, generation={"logprobs": 0}))["logprobs"] == 0
    found = body(RESPONSES, request_of(generation={"logprobs": 2, "include": ["a"]}))
    assert found["top_logprobs"] == 2
    assert found["include"] == ["a", "message.output_text.logprobs"]
    assert "logprobs" not in found


def test_what_cannot_be_asked_is_refused(chat: Any, completions: Any) -> None:
    for backend in (chat, completions, RESPONSES):
        assert "from 0 on" in backend.refused({"logprobs": -1})["logprobs"]
        assert "from 0 on" in backend.refused({"logprobs": "5"})["logprobs"]
        assert not backend.refused({"logprobs": 3})
    assert "top_logprobs" in chat.refused({"logprobs": 3, "top_logprobs": 3})
    assert not chat.refused({"logprobs": True, "top_logprobs": 3})
    assert "logprobs" in completions.refused({"logprobs": True})
    old = OldGenerateBackend(OldGenerateSettings())
    assert "tells no" in old.refused({"logprobs": 1})["logprobs"]


IMPLIED = (" implied", -7.10756778717041)
EA = ("ea", -6.981368064880371)
RECORDED = {
    "vllm-chat: logprobs": (2, [
        TokenLogprob(*IMPLIED, (IMPLIED, ("\x1a", -7.176229476928711))),
        TokenLogprob(*EA, (EA, (" software", -7.0754780769348145))),
    ]),
    "vllm-chat: streaming logprobs": (
        1, [TokenLogprob(*IMPLIED, (IMPLIED,)), TokenLogprob(*EA, (EA,))],
    ),
    "vllm-completions: logprobs=2": (1, [
        TokenLogprob("ajor", -7.111541748046875, (("ajor", -7.111541748046875),)),
        TokenLogprob("am", -7.033656597137451, (("am", -7.033656597137451),)),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDED)
def test_what_servers_told(name: str, recordings: Any, replay: Any) -> None:
    """The same events count as tokens, and give the same text, whether they are read or not."""
    count, tokens = RECORDED[name]
    recording = recordings[name]
    kind = recording.content_type
    for pieces in (
        [recording.body],
        [recording.body[at : at + 7] for at in range(0, len(recording.body), 7)],
    ):
        plain, events = replay(*pieces, content_type=kind)
        told, same = replay(*pieces, content_type=kind, generation={"logprobs": count})
        assert (told.text, same, told.usage) == (plain.text, events, plain.usage)
        assert plain.tokens == ()
        assert list(told.tokens) == tokens


@pytest.mark.parametrize(
    "told",
    [
        {"content": None}, {"content": [3, {}, {"token": 5}, {"token": "a"}]}, "text", 7, [],
        {"tokens": ["a", 3], "token_logprobs": [None, -1]}, {"tokens": ["a"], "token_logprobs": 3},
        {"content": [{"token": "a", "logprob": "high", "top_logprobs": 9}]},
    ],
)  # fmt: skip
def test_what_is_of_another_form_is_left_out(replay: Any, told: Any) -> None:
    choice = {"index": 0, "message": {"content": "a"}, "finish_reason": "stop", "logprobs": told}
    response, _ = replay(json.dumps({"choices": [choice]}).encode(), generation={"logprobs": 1})
    assert (response.text, response.fault, response.tokens) == ("a", None, ())


def test_bytes_are_kept_where_the_text_cannot_show_them(replay: Any) -> None:
    content = [
        {"token": "\ufffd", "logprob": 0.001, "bytes": [228, 189], "top_logprobs": []},
        {"token": "a", "logprob": -1, "bytes": [97]},
    ]
    choice = {"index": 0, "message": {"content": "a"}, "finish_reason": "stop"}
    choice["logprobs"] = {"content": content}
    response, _ = replay(json.dumps({"choices": [choice]}).encode(), generation={"logprobs": 0})
    assert response.tokens == (
        TokenLogprob("\ufffd", 0.0, (), b"\xe4\xbd"),
        TokenLogprob("a", -1.0),
    )


@pytest.mark.parametrize("streamed", [True, False])
def test_the_responses_api_tells_them_with_the_text(request_of: Any, streamed: bool) -> None:
    entry = {"token": "a", "logprob": -0.5, "top_logprobs": [{"token": "b", "logprob": -0.4}]}
    part = {"type": "output_text", "text": "a", "logprobs": [entry]}
    whole = {"object": "response", "status": "completed",
             "output": [{"type": "message", "content": [part]}]}  # fmt: skip
    asked = request_of(generation={"logprobs": 1}, stream=streamed)
    decoder = RESPONSES.decoder(asked)
    decoder.start(200, "text/event-stream" if streamed else "application/json")
    if streamed:
        delta = {"type": "response.output_text.delta", "delta": "a", "logprobs": [entry]}
        part["logprobs"] = []
        for event in (delta, {"type": "response.completed", "response": whole}):
            decoder.feed(b"data: " + json.dumps(event).encode() + b"\n\n")
    else:
        decoder.feed(json.dumps(whole).encode())
    assert decoder.finish().tokens == (TokenLogprob("a", -0.5, (("b", -0.4),)),)
