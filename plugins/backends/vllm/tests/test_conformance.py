"""The conformance kit, with answers as real servers sent them."""

from __future__ import annotations

from aisbench.api import Message, Prompt, Request
from aisbench_testkit.conformance import BackendConformance, PackagingConformance, Recorded

_MODELS = {
    b'{"object": "list", "data": [{"id": "tiny", "object": "model"}, {"id": "lora"}]}': (
        "tiny",
        "lora",
    ),
    b'{"object": "list", "data": []}': (),
}


def _request(prompt: Prompt, stream: bool) -> Request:
    return Request(
        key="k",
        sample_id="1",
        repeat=0,
        turn=0,
        model="tiny",
        prompt=prompt,
        generation={},
        stream=stream,
        seed=None,
    )


def _streamed(*events: str) -> bytes:
    return "".join(f"data: {event}\n\n" for event in events).encode()


_CHAT = Prompt(messages=(Message(role="user", content="Hello"),))
_TEXT = Prompt(text="Hello")


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-vllm"


class TestVllmChat(BackendConformance):
    offer = "vllm-chat"
    models = _MODELS
    recorded = (
        Recorded(
            request=_request(_CHAT, stream=False),
            body=b'{"id": "c1", "object": "chat.completion", "model": "tiny", "choices": ['
            b'{"index": 0, "message": {"role": "assistant", "content": "Gr\\u00fc\xc3\x9fe"},'
            b' "finish_reason": "stop"}], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}',
            text="Grüße",
            name="a whole chat answer",
        ),
        Recorded(
            request=_request(_CHAT, stream=True),
            content_type="text/event-stream; charset=utf-8",
            body=_streamed(
                '{"model": "tiny", "choices": [{"index": 0, "delta": {"role": "assistant",'
                ' "content": ""}, "finish_reason": null}]}',
                '{"choices": [{"index": 0, "delta": {"content": "Grü"}, "finish_reason": null}]}',
                '{"choices": [{"index": 0, "delta": {"content": "ße"}, "finish_reason": null}]}',
                '{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}',
                '{"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}',
                "[DONE]",
            ),
            text="Grüße",
            name="a streamed chat answer",
        ),
        Recorded(
            request=_request(_CHAT, stream=True),
            status=404,
            body=b'{"error": {"message": "The model `x` does not exist.", "code": 404}}',
            name="a refusal",
        ),
    )


class TestOpenAiChat(BackendConformance):
    offer = "openai-chat"
    models = _MODELS
    recorded = TestVllmChat.recorded


class TestVllmCompletions(BackendConformance):
    offer = "vllm-completions"
    models = _MODELS
    recorded = (
        Recorded(
            request=_request(_TEXT, stream=False),
            body=b'{"object": "text_completion", "model": "tiny", "choices": [{"index": 0, "text":'
            b' " there", "finish_reason": "length"}], "usage": {"completion_tokens": 1}}',
            text=" there",
            name="a whole completion",
        ),
        Recorded(
            request=_request(_TEXT, stream=True),
            content_type="text/event-stream",
            body=_streamed(
                '{"choices": [{"index": 0, "text": " the", "finish_reason": null}]}',
                '{"choices": [{"index": 0, "text": "re", "finish_reason": "length"}]}',
                "[DONE]",
            ),
            text=" there",
            usage=False,
            name="a streamed completion",
        ),
    )


class TestOpenAiCompletions(BackendConformance):
    offer = "openai-completions"
    models = _MODELS
    recorded = TestVllmCompletions.recorded


class TestResponses(BackendConformance):
    offer = "openai-responses"
    models = _MODELS


class TestOldGenerate(BackendConformance):
    offer = "vllm-generate"
    recorded = (
        Recorded(
            request=_request(_TEXT, stream=True),
            content_type="text/plain",
            body=b'{"text": ["Hello Gr\\u00fc"]}\n{"text": ["Hello Gr\xc3\xbc\xc3\x9fe"]}\n',
            text=" Grüße",
            marks_its_end=False,
        ),
    )
