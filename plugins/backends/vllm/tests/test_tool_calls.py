"""Tools offered and called; pictures, sounds and films; adapters."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.api import (
    ContentPart,
    FinishReason,
    Media,
    Message,
    Prompt,
    Request,
    Response,
    Tool,
    ToolCall,
)
from aisbench_plugin_vllm.chat import ChatBackend
from aisbench_plugin_vllm.completions import CompletionsBackend
from aisbench_plugin_vllm.settings import OpenAiChatSettings, OpenAiCompletionsSettings

QUESTION = Message(role="user", content="Weather in Bern?")
WEATHER = Tool(
    name="weather",
    description="Tells the weather.",
    parameters={"type": "object", "properties": {"city": {"type": "string"}}},
)


def request(prompt: Prompt, stream: bool = False, **generation: Any) -> Request:
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="tiny", prompt=prompt,
        generation=generation, stream=stream, seed=None,
    )  # fmt: skip


def sent(prompt: Prompt, **settings: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(
        ChatBackend(OpenAiChatSettings(**settings)).encode(request(prompt)).body
    )
    return body


def decode(
    *deltas: dict[str, Any], finish: str = "tool_calls", size: int = 0
) -> tuple[Response, int]:
    chunks = [{"choices": [{"index": 0, "delta": one, "finish_reason": None}]} for one in deltas]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    body = b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in chunks)
    decoder = ChatBackend(OpenAiChatSettings()).decoder(
        request(Prompt(messages=(QUESTION,)), stream=True)
    )
    decoder.start(200, "text/event-stream")
    size = size or len(body)
    tokens = sum(decoder.feed(body[at : at + size]) for at in range(0, len(body), size))
    return decoder.finish(), tokens


def call(index: int, **parts: Any) -> dict[str, Any]:
    function = {key: parts[key] for key in ("name", "arguments") if key in parts}
    return {"index": index, "function": function, **({"id": parts["id"]} if "id" in parts else {})}


# -- what is sent


@pytest.mark.parametrize(
    ("choice", "wire"),
    [
        ("", None),
        ("auto", "auto"),
        ("required", "required"),
        ("none", "none"),
        ("weather", {"type": "function", "function": {"name": "weather"}}),
    ],
)
def test_tools_and_the_choice_among_them(choice: str, wire: Any) -> None:
    body = sent(Prompt(messages=(QUESTION,), tools=(WEATHER,), tool_choice=choice))
    assert body["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "description": "Tells the weather.",
                "parameters": WEATHER.parameters,
            },
        }
    ]
    assert body.get("tool_choice") == wire


def test_calls_and_their_results_go_back() -> None:
    turns = (
        QUESTION,
        Message(
            role="assistant",
            content="",
            tool_calls=(ToolCall(id="c1", name="weather", arguments='{"city":"Bern"}'),),
        ),
        Message(role="tool", content="rain", tool_call_id="c1"),
    )
    assert sent(Prompt(messages=turns))["messages"][1:] == [
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"city":"Bern"}'},
                }
            ],
        },
        {"role": "tool", "content": "rain", "tool_call_id": "c1"},
    ]


def test_parts_keep_their_order() -> None:
    parts = (
        ContentPart(text="Look:"),
        ContentPart(media=Media(kind="image", url="https://example.org/a.png")),
        ContentPart(media=Media(kind="image", path="/x/b.png", mime="image/png", data="QUJD")),
        ContentPart(media=Media(kind="audio", base64="REVG", mime="audio/mpeg")),
        ContentPart(media=Media(kind="video", url="https://example.org/c.mp4")),
        ContentPart(text="What is it?"),
    )
    prompt = Prompt(messages=(Message(role="user", content=parts),))
    assert sent(prompt)["messages"][0]["content"] == [
        {"type": "text", "text": "Look:"},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}},
        {"type": "input_audio", "input_audio": {"data": "REVG", "format": "mp3"}},
        {"type": "video_url", "video_url": {"url": "https://example.org/c.mp4"}},
        {"type": "text", "text": "What is it?"},
    ]
    other = sent(prompt, audio_form="audio_url")["messages"][0]["content"][3]
    assert other == {"type": "audio_url", "audio_url": {"url": "data:audio/mpeg;base64,REVG"}}


def test_an_adapter_is_a_model_of_its_own() -> None:
    chat = request(Prompt(messages=(QUESTION,)), adapter_id="math-lora")
    assert json.loads(ChatBackend(OpenAiChatSettings()).encode(chat).body)["model"] == "math-lora"
    text = request(Prompt(text="x"), adapter_id="math-lora", max_tokens=3)
    body = json.loads(CompletionsBackend(OpenAiCompletionsSettings()).encode(text).body)
    assert body["model"] == "math-lora"
    assert "adapter_id" not in body


# -- what comes back


def test_a_streamed_call_as_vllm_sends_it() -> None:
    response, tokens = decode(
        {"role": "assistant", "content": ""},
        {"content": None, "tool_calls": [call(0, id="chatcmpl-tool-9e", name="f")]},
        *({"content": None, "tool_calls": [call(0, arguments=one)]} for one in '{"x":1}'),
        size=7,
    )
    assert response.tool_calls == (ToolCall(id="chatcmpl-tool-9e", name="f", arguments='{"x":1}'),)
    assert response.finish_reason is FinishReason.TOOL_CALLS
    assert response.text == ""
    assert tokens == 8


def test_calls_side_by_side_and_text_before() -> None:
    response, _ = decode(
        {"content": "Let me see."},
        {"tool_calls": [call(0, id="a", name="f", arguments=""), call(1, id="b", name="g")]},
        {"tool_calls": [call(1, arguments="{"), call(0, arguments="{}")]},
        {"tool_calls": [call(1, arguments="}")]},
    )
    assert response.text == "Let me see."
    assert [(one.id, one.name, one.arguments) for one in response.tool_calls] == [
        ("a", "f", "{}"),
        ("b", "g", "{}"),
    ]


def test_servers_that_number_no_calls_or_repeat_names() -> None:
    first = {"id": "a", "function": {"name": "f", "arguments": "{}"}}
    second = {"id": "b", "function": {"name": "f", "arguments": '{"x":'}}
    rest = {"function": {"name": "f", "arguments": "1}"}}
    response, _ = decode({"tool_calls": [first]}, {"tool_calls": [second]}, {"tool_calls": [rest]})
    assert [one.arguments for one in response.tool_calls] == ["{}", '{"x":1}']
    assert [one.name for one in response.tool_calls] == ["f", "f"]
    again = [call(0, id="a", name="f", arguments="{}"), call(0, id="b", name="g", arguments="{}")]
    assert len(decode({"tool_calls": again})[0].tool_calls) == 2


def whole(*calls: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What is read of a message with these calls."""
    message = {"role": "assistant", "content": None, "tool_calls": list(calls)}
    body = {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}
    decoder = ChatBackend(OpenAiChatSettings()).decoder(request(Prompt(messages=(QUESTION,))))
    decoder.start(200, "application/json")
    decoder.feed(json.dumps(body).encode())
    return [(one.id, one.name, one.arguments) for one in decoder.finish().tool_calls]


def streamed(*fragments: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and arguments of what fragments add up to, each in an event of its own."""
    response, _ = decode(*({"tool_calls": [one]} for one in fragments))
    return [(one.name, one.arguments) for one in response.tool_calls]


@pytest.mark.parametrize("ids", [("c", "c"), ("", ""), (None, None), ("a", "b"), ("", "b")])
@pytest.mark.parametrize("index", [None, 0])
def test_each_call_of_a_message_is_one(ids: tuple[Any, Any], index: Any) -> None:
    pair = [
        {"id": name, "index": index, "function": {"name": "f", "arguments": json.dumps({"x": n})}}
        for n, name in enumerate(ids)
    ]
    made = [(name or "", "f", json.dumps({"x": n})) for n, name in enumerate(ids)]
    assert whole(*pair) == made
    # A half of one that was cut is no part of the next.
    pair[0]["function"]["arguments"] = '{"x":'
    assert whole(*pair)[1] == made[1]
    assert len(whole(*pair)) == 2


F, G = '{"x":1}', '{"y":{"z":"}"}}'


@pytest.mark.parametrize(
    "fragments",
    [
        # All with one number and one id, or none, in one piece each.
        [call(0, id="c", name="f", arguments=F), call(0, id="c", name="g", arguments=G)],
        [call(0, name="f", arguments=F), call(0, name="g", arguments=G)],
        [call(0, id="", name="f", arguments=F), call(0, id="", name="g", arguments=G)],
        # The same, each name before its arguments.
        [call(0, id="c", name="f", arguments=""), call(0, arguments=F),
         call(0, id="c", name="g", arguments=""), call(0, arguments=G)],
        # A new id for each fragment.
        [call(0, id="1", name="f"), call(0, id="2", arguments=F[:3]),
         call(0, id="3", arguments=F[3:]), call(1, id="4", name="g"),
         call(1, id="5", arguments=G[:3]), call(1, id="6", arguments=G[3:])],
        [call(0, id="1", name="f", arguments=F[:2]), call(0, id="2", arguments=F[2:]),
         call(0, id="3", name="g", arguments=G[:2]), call(0, id="4", arguments=G[2:])],
        # Id and name in each.
        [call(0, id="1", name="f", arguments=F[:3]), call(0, id="1", name="f", arguments=F[3:]),
         call(1, id="2", name="g", arguments=G[:3]), call(1, id="2", name="g", arguments=G[3:]),
         call(1, id="2", name="g", arguments="")],
        # No number: ids, or names alone.
        [{"id": "1", "function": {"name": "f", "arguments": F}},
         {"id": "2", "function": {"name": "g", "arguments": G}}],
        [{"function": {"name": "f", "arguments": F}}, {"function": {"name": "g", "arguments": G}}],
        [{"id": "1", "function": {"name": "f"}}, {"function": {"arguments": F}},
         {"id": "2", "function": {"name": "g"}}, {"function": {"arguments": G}}],
        # The numbers in another order.
        [call(3, id="1", name="f", arguments=F[:3]), call(0, id="2", name="g", arguments=G[:3]),
         call(3, arguments=F[3:]), call(0, arguments=G[3:])],
    ],
)  # fmt: skip
def test_servers_that_number_in_their_own_ways(fragments: list[dict[str, Any]]) -> None:
    assert streamed(*fragments) == [("f", F), ("g", G)]
    # Events may hold several.
    response, _ = decode({"tool_calls": fragments})
    assert [(one.name, one.arguments) for one in response.tool_calls] == [("f", F), ("g", G)]


def test_the_same_function_twice_under_one_number() -> None:
    once = call(0, id="c", name="f", arguments=F)
    assert streamed(once, once) == [("f", F), ("f", F)]
    assert streamed(once, call(0, arguments=F)) == [("f", F), ("f", F)]
    assert streamed(once, call(0, id="c", name="f", arguments="")) == [("f", F)]


@given(
    st.lists(
        st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=5), max_size=3),
        min_size=1,
        max_size=4,
    ),
    st.integers(1, 9),
    st.booleans(),
    st.sampled_from(["own", "same", "none"]),
)
def test_calls_in_any_pieces(
    arguments: list[dict[str, Any]], size: int, numbered: bool, ids: str
) -> None:
    """A name begins each call; whatever ids and numbers say, arguments stay together."""
    fragments = []
    for number, one in enumerate(arguments):
        text = json.dumps(one)
        name = {"own": f"c{number}", "same": "c", "none": None}[ids]
        place = number if numbered else 0
        first, rest = text[:size], text[size:]
        fragments.append(call(place, id=name, name=f"f{number}", arguments=first))
        fragments += [
            call(place, arguments=rest[at : at + size]) for at in range(0, len(rest), size)
        ]
    assert streamed(*fragments) == [
        (f"f{number}", json.dumps(one)) for number, one in enumerate(arguments)
    ]


def test_arguments_that_are_no_text_and_the_old_form() -> None:
    response, _ = decode({"tool_calls": [call(0, name="f", arguments={"x": 1})]})
    assert json.loads(response.tool_calls[0].arguments) == {"x": 1}
    old, _ = decode(
        {"function_call": {"name": "f", "arguments": "{"}},
        {"function_call": {"arguments": "}"}},
        finish="function_call",
    )
    assert old.tool_calls == (ToolCall(name="f", arguments="{}"),)
    assert old.finish_reason is FinishReason.TOOL_CALLS


def test_a_whole_answer_of_vllm_with_a_call() -> None:
    body = (
        b'{"id":"chatcmpl-a2","object":"chat.completion","model":"tiny","choices":[{"index":0,'
        b'"message":{"role":"assistant","content":"","function_call":null,"tool_calls":[{"id":'
        b'"chatcmpl-tool-b3","type":"function","function":{"name":"f","arguments":"null"}}],'
        b'"reasoning":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":16,'
        b'"total_tokens":58,"completion_tokens":42}}'
    )
    decoder = ChatBackend(OpenAiChatSettings()).decoder(request(Prompt(messages=(QUESTION,))))
    decoder.start(200, "application/json")
    decoder.feed(body)
    response = decoder.finish()
    assert response.tool_calls == (ToolCall(id="chatcmpl-tool-b3", name="f", arguments="null"),)
    assert response.fault is None


@given(
    st.lists(
        st.recursive(
            st.none() | st.integers(-1, 3) | st.text(max_size=3),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["index", "id", "function", "name", "arguments"]), inner
                )
            ),
            max_leaves=12,
        ),
        max_size=4,
    )
)
def test_no_fragment_breaks_the_decoder(fragments: list[Any]) -> None:
    response, _ = decode({"tool_calls": fragments}, {"content": "ok"})
    assert response.text == "ok"
