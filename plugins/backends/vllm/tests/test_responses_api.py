"""The Responses API, and vLLM's old /generate."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aisbench.api import (
    ContentPart,
    FaultKind,
    FinishReason,
    Media,
    Message,
    Prompt,
    Request,
    Response,
    Tool,
    ToolCall,
)
from aisbench_plugin_vllm.old_generate import OldGenerateBackend
from aisbench_plugin_vllm.responses import ResponsesBackend
from aisbench_plugin_vllm.settings import OldGenerateSettings, OpenAiResponsesSettings

HELLO = Prompt(messages=(Message(role="user", content="Hello there"),))


def request(prompt: Prompt = HELLO, stream: bool = False, **generation: Any) -> Request:
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="tiny", prompt=prompt,
        generation=generation, stream=stream, seed=5,
    )  # fmt: skip


def decode(backend: Any, asked: Request, body: bytes, status: int = 200) -> tuple[Response, int]:
    decoder = backend.decoder(asked)
    decoder.start(status, "text/event-stream" if asked.stream else "application/json")
    tokens = sum(decoder.feed(body[at : at + 11]) for at in range(0, len(body), 11))
    return decoder.finish(), tokens


def events(*some: dict[str, Any], named: bool = True) -> bytes:
    return b"".join(
        (f"event: {one['type']}\n".encode() if named else b"")
        + b"data: "
        + json.dumps(one).encode()
        + b"\n\n"
        for one in some
    )


def whole(**changes: Any) -> dict[str, Any]:
    return {
        "id": "resp_1", "object": "response", "model": "tiny", "status": "completed",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "Hi you"}]}],
        "usage": {"input_tokens": 16, "input_tokens_details": {"cached_tokens": 8},
                  "output_tokens": 3, "output_tokens_details": {"reasoning_tokens": 1}},
        **changes,
    }  # fmt: skip


class TestResponses:
    backend = ResponsesBackend(OpenAiResponsesSettings())

    def test_what_is_sent(self) -> None:
        call = ToolCall(id="c1", name="f", arguments="{}")
        picture = ContentPart(media=Media(kind="image", url="https://example.org/a.png"))
        prompt = Prompt(
            messages=(
                Message(role="system", content="Be brief."),
                Message(role="user", content=(ContentPart(text="Look"), picture)),
                Message(role="assistant", content="", tool_calls=(call,)),
                Message(role="tool", content="42", tool_call_id="c1"),
            ),
            tools=(Tool(name="f"),),
            tool_choice="f",
        )
        wire = self.backend.encode(request(prompt, max_tokens=7, temperature=0.5))
        assert wire.path == "/v1/responses"
        assert json.loads(wire.body) == {
            "model": "tiny",
            "input": [
                {"role": "system", "content": "Be brief."},
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "Look"},
                        {"type": "input_image", "image_url": "https://example.org/a.png"},
                    ],
                },
                {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c1", "output": "42"},
            ],
            "tools": [{"type": "function", "name": "f", "description": "", "parameters": {}}],
            "tool_choice": {"type": "function", "name": "f"},
            "max_output_tokens": 7,
            "temperature": 0.5,
            "stream": False,
            "store": False,
        }

    def test_what_is_refused(self) -> None:
        refused = self.backend.refused({"stop": "x", "max_tokens": 1, "max_output_tokens": 2})
        assert set(refused) == {"stop", "max_output_tokens"}

    def test_parts_and_refusals(self) -> None:
        output = [
            {"type": "reasoning", "content": [{"type": "reasoning.encrypted"}],
             "summary": [{"type": "summary_text", "text": "7?"}]},
            {"type": "web_search_call", "action": {}},
            {"type": "message", "content": [
                {"type": "output_text", "text": "Hm. "}, {"type": "refusal", "refusal": "No."},
                {"type": "chart", "text": "7"},
            ]},
        ]  # fmt: skip
        response, _ = decode(self.backend, request(), json.dumps(whole(output=output)).encode())
        assert (response.text, response.refusal, response.reasoning) == ("Hm. ", "No.", "7?")
        assert response.ignored == (
            "an item of type 'web_search_call'", "a part of type 'chart'",
        )  # fmt: skip

    def test_a_streamed_refusal(self) -> None:
        body = events(
            {"type": "response.created", "response": {}},
            {"type": "response.refusal.delta", "delta": "N"},
            {"type": "response.refusal.delta", "delta": "o."},
        )
        response, tokens = decode(self.backend, request(stream=True), body)
        assert (response.text, response.refusal, tokens) == ("", "No.", 2)

    def test_an_answer_that_was_filtered(self) -> None:
        cut = whole(status="incomplete", incomplete_details={"reason": "content_filter"})
        response, _ = decode(self.backend, request(), json.dumps(cut).encode())
        assert response.finish_reason is FinishReason.CONTENT_FILTER

    def test_a_whole_answer(self) -> None:
        response, tokens = decode(self.backend, request(), json.dumps(whole()).encode())
        assert response.text == "Hi you"
        assert response.finish_reason is FinishReason.STOP
        assert response.usage.prompt_tokens == 16
        assert response.usage.completion_tokens == 3
        assert response.usage.cached_tokens == 8
        assert response.usage.reasoning_tokens == 1
        assert tokens == 0

    def test_an_answer_at_its_limit(self) -> None:
        body = whole(status="incomplete", incomplete_details={"reason": "max_output_tokens"})
        response, _ = decode(self.backend, request(), json.dumps(body).encode())
        assert response.finish_reason is FinishReason.LENGTH

    @pytest.mark.parametrize("named", [True, False])
    def test_a_stream(self, named: bool) -> None:
        output = [
            {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "hm"}]},
            *whole()["output"],
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        ]
        body = events(
            {"type": "response.created", "response": {"object": "response", "output": []}},
            {"type": "response.reasoning_text.delta", "delta": "hm"},
            {"type": "response.output_text.delta", "delta": "Hi"},
            {"type": "response.output_text.delta", "delta": " you"},
            {"type": "response.output_text.done", "text": "Hi you"},
            {"type": "response.function_call_arguments.delta", "delta": "{}"},
            {"type": "response.completed", "response": whole(output=output)},
            named=named,
        )
        response, tokens = decode(self.backend, request(stream=True), body)
        assert (response.text, response.reasoning) == ("Hi you", "hm")
        assert response.tool_calls == (ToolCall(id="c", name="f", arguments="{}"),)
        assert response.finish_reason is FinishReason.TOOL_CALLS
        assert tokens == 4
        assert response.fault is None

    def test_what_transformers_serve_sent(self, responses_answer: Any) -> None:
        one = responses_answer
        asked = request(stream=one.streamed)
        whole_answer = decode(self.backend, asked, one.body)
        response, tokens = whole_answer
        assert response.fault is None
        assert len(response.text) > 1
        assert (tokens > 0) is one.streamed
        for at in range(0, len(one.body), 37):
            decoder = self.backend.decoder(asked)
            decoder.start(200, one.content_type)
            count = decoder.feed(one.body[:at]) + decoder.feed(one.body[at:])
            assert (decoder.finish(), count) == whole_answer

    def test_a_stream_that_was_cut_keeps_what_came(self) -> None:
        body = events({"type": "response.output_text.delta", "delta": "Hi"})
        response, tokens = decode(self.backend, request(stream=True), body)
        assert (response.text, tokens) == ("Hi", 1)
        assert response.fault is not None
        assert response.fault.kind is FaultKind.CUT

    @pytest.mark.parametrize(
        "last",
        [
            {"type": "error", "message": "engine died", "code": "x"},
            {
                "type": "response.failed",
                "response": whole(status="failed", output=[], error={"message": "engine died"}),
            },
        ],
    )
    def test_errors_in_a_stream(self, last: dict[str, Any]) -> None:
        body = events({"type": "response.output_text.delta", "delta": "Hi"}, last)
        response, _ = decode(self.backend, request(stream=True), body)
        assert response.fault is not None
        assert response.fault.kind is FaultKind.SERVER
        assert response.fault.message == "engine died"

    def test_another_api(self) -> None:
        response, _ = decode(self.backend, request(), b'{"choices":[]}')
        assert response.fault is not None
        assert "does not look like the Responses API" in response.fault.message


class TestOldGenerate:
    backend = OldGenerateBackend(OldGenerateSettings())
    asked = Prompt(text="Q: 1+1? A:", stop=("Q:",))

    def test_what_is_sent(self) -> None:
        wire = self.backend.encode(request(self.asked, max_tokens=7))
        assert wire.path == "/generate"
        assert json.loads(wire.body) == {
            "prompt": "Q: 1+1? A:", "seed": 5, "max_tokens": 7, "stop": ["Q:"], "stream": False,
        }  # fmt: skip

    def test_a_whole_answer_without_its_prompt(self) -> None:
        response, tokens = decode(
            self.backend, request(self.asked), b'{"text":["Q: 1+1? A: 2 Q: more"]}'
        )
        assert response.text == " 2 "
        assert response.fault is None
        assert response.usage.completion_tokens is None
        assert tokens == 0

    @pytest.mark.parametrize("end", [b"\n", b"\0"])
    def test_a_stream_of_the_text_so_far(self, end: bytes) -> None:
        texts = ["Q: 1+1? A: 2", "Q: 1+1? A: 2", "Q: 1+1? A: 2 \u00e9", "Q: 1+1? A: 2 \u00e9!"]
        body = b"".join(json.dumps({"text": [one]}).encode() + end for one in texts)
        response, tokens = decode(self.backend, request(self.asked, stream=True), body)
        assert response.text == " 2 \u00e9!"
        assert response.fault is None
        assert tokens == 3

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            (b'{"text":["Q: 1+1? A: 2"]}\n{"text":["Q: 1+1', FaultKind.CUT),
            (b'{"text":["Q"]}\n{"error":"engine died"}\n', FaultKind.SERVER),
            (b"<html><title>Login</title></html>", FaultKind.PROTOCOL),
            (b"", FaultKind.CUT),
            (b'{"choices":[]}\n', FaultKind.PROTOCOL),
        ],
    )
    def test_what_is_no_whole_answer(self, body: bytes, kind: FaultKind) -> None:
        response, _ = decode(self.backend, request(self.asked, stream=True), body)
        assert response.fault is not None
        assert response.fault.kind is kind

    def test_an_error_status(self) -> None:
        response, _ = decode(self.backend, request(self.asked), b"no such route", 404)
        assert response.fault is not None
        assert response.fault.status == 404
