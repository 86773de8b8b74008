"""Given texts that are scored, and functions that are called, in vLLM's forms."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aisbench_plugin_simulator.server import Served, run_in_thread
from aisbench_plugin_simulator.settings import SimulatorSettings

CALL = {"name": "weather", "arguments": {"city": "Bern"}}
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {}}}
USER = [{"role": "user", "content": "Will it rain?"}]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    answers: Path = tmp_path_factory.mktemp("answers") / "a.jsonl"
    answers.write_text(json.dumps({"question": "Will it rain?", "answer": json.dumps(CALL)}))
    with run_in_thread(SimulatorSettings(answers=str(answers))) as one:
        yield one


def post(served: Served, path: str, **body: Any) -> bytes:
    request = urllib.request.Request(served.url + path, data=json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=10) as reply:
        data: bytes = reply.read()
    return data


def test_an_echo_without_an_answer(served: Served) -> None:
    body = json.loads(
        post(served, "/v1/completions", prompt="Hello there", max_tokens=0, echo=True, logprobs=1)
    )
    (choice,) = body["choices"]
    assert choice["text"] == "Hello there"
    told = choice["logprobs"]
    assert told["tokens"] == ["Hello", " there"]
    assert told["text_offset"] == [0, 5]
    assert told["token_logprobs"][0] is None
    assert told["token_logprobs"][1] < 0
    assert told["top_logprobs"] == [None, {" there": told["token_logprobs"][1]}]
    assert body["usage"]["completion_tokens"] == 0


def test_an_echo_with_an_answer(served: Served) -> None:
    body = json.loads(post(served, "/v1/completions", prompt="Hello", max_tokens=3, echo=True))
    assert body["choices"][0]["text"].startswith("Hello")
    assert body["choices"][0]["logprobs"] is None
    assert body["usage"]["completion_tokens"] == 3


def test_prompt_logprobs(served: Served) -> None:
    text = json.loads(
        post(served, "/v1/completions", prompt="Hello there", max_tokens=1, prompt_logprobs=0)
    )
    first, second = text["choices"][0]["prompt_logprobs"]
    assert first is None
    (entry,) = second.values()
    assert entry["decoded_token"] == " there"
    chat = json.loads(
        post(served, "/v1/chat/completions", messages=USER, max_tokens=1, prompt_logprobs=0)
    )
    assert chat["choices"][0].get("prompt_logprobs") is None
    assert len(chat["prompt_logprobs"]) == 4


TEXT = "Q: 世界?\nA: Grüße \N{GRINNING FACE}"


def test_ids_of_a_text_and_back(served: Served) -> None:
    told = json.loads(post(served, "/tokenize", prompt=TEXT))
    assert told["count"] == len(told["tokens"]) > 10
    back = json.loads(post(served, "/detokenize", tokens=told["tokens"]))
    assert back == {"prompt": TEXT}
    pieces = json.loads(post(served, "/tokenize", inputs=TEXT))
    assert [one["id"] for one in pieces] == told["tokens"]


def test_the_same_ids_everywhere(served: Served) -> None:
    ids = json.loads(post(served, "/tokenize", prompt=TEXT))["tokens"]
    for more in ({"echo": True, "logprobs": 1, "max_tokens": 0}, {"prompt_logprobs": 0}):
        body = json.loads(
            post(served, "/v1/completions", prompt=TEXT, return_token_ids=True, **more)
        )
        (choice,) = body["choices"]
        assert choice["prompt_token_ids"] == ids
        assert body["usage"]["prompt_tokens"] == len(ids)
        if "echo" in more:
            assert choice["text"] == ""
            assert len(choice["logprobs"]["tokens"]) == len(ids)
        else:
            entries = choice["prompt_logprobs"]
            assert entries[0] is None
            assert [int(next(iter(one))) for one in entries[1:]] == ids[1:]


def test_a_chat_begins_with_the_ids_of_what_was_said_before(served: Served) -> None:
    before = json.loads(post(served, "/tokenize", messages=USER, add_generation_prompt=True))
    turns = [*USER, {"role": "assistant", "content": "Grüße"}]
    body = json.loads(
        post(
            served, "/v1/chat/completions", messages=turns, prompt_logprobs=0, max_tokens=1,
            add_generation_prompt=False, continue_final_message=True, return_token_ids=True,
        )
    )  # fmt: skip
    ids = body["prompt_token_ids"]
    assert ids[: before["count"]] == before["tokens"]
    assert len(ids) == len(body["prompt_logprobs"]) == before["count"] + 3


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/tokenize", {}),
        ("/tokenize", {"messages": []}),
        ("/detokenize", {"tokens": "x"}),
        ("/detokenize", {"tokens": [5]}),
    ],
)
def test_what_has_no_ids_is_refused(served: Served, path: str, body: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        post(served, path, **body)


def whole_call(served: Served, **body: Any) -> dict[str, Any]:
    answer = json.loads(post(served, "/v1/chat/completions", tools=[TOOL], **body))
    choice: dict[str, Any] = answer["choices"][0]
    return choice


def test_a_known_answer_that_is_a_call(served: Served) -> None:
    choice = whole_call(served, messages=USER)
    assert choice["finish_reason"] == "tool_calls"
    (call,) = choice["message"]["tool_calls"]
    assert call["function"]["name"] == "weather"
    assert json.loads(call["function"]["arguments"]) == {"city": "Bern"}
    assert choice["message"]["content"] == ""
    assert "tool_calls" not in whole_call(served, messages=USER, tool_choice="none")["message"]


def test_a_call_that_is_asked_for(served: Served) -> None:
    other = [{"role": "user", "content": "Hi"}]
    assert "tool_calls" not in whole_call(served, messages=other)["message"]
    required = whole_call(served, messages=other, tool_choice="required")
    assert required["message"]["tool_calls"][0]["function"]["name"] == "weather"
    choice = {"type": "function", "function": {"name": "weather"}}
    # vLLM says "stop" where the function was named.
    assert whole_call(served, messages=other, tool_choice=choice)["finish_reason"] == "stop"


def test_a_call_in_fragments(served: Served) -> None:
    body = post(served, "/v1/chat/completions", messages=USER, tools=[TOOL], stream=True)
    assert body.endswith(b"data: [DONE]\n\n")
    events = [json.loads(block[6:]) for block in body.decode().split("\n\n")[:-2]]
    fragments = [
        call
        for event in events
        for choice in event["choices"]
        for call in choice["delta"].get("tool_calls", [])
    ]
    assert fragments[0]["function"] == {"name": "weather"}
    assert fragments[0]["type"] == "function"
    arguments = "".join(one["function"].get("arguments", "") for one in fragments)
    assert json.loads(arguments) == {"city": "Bern"}
    assert events[-1]["choices"][0]["finish_reason"] == "tool_calls"
