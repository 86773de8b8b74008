"""Log-probabilities of continuations: how they are asked for, and how they are read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aisbench.api import FaultKind, Message, Prompt, Request, Response
from aisbench_plugin_vllm.chat import ChatBackend
from aisbench_plugin_vllm.completions import CompletionsBackend
from aisbench_plugin_vllm.settings import OpenAiChatSettings, OpenAiCompletionsSettings


def request(prompt: Prompt) -> Request:
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="tiny", prompt=prompt,
        generation={"temperature": 1.0, "max_tokens": 99}, stream=True, seed=5,
    )  # fmt: skip


def read(backend: Any, asked: Request, body: bytes) -> Response:
    decoder = backend.decoder(asked)
    decoder.start(200, "application/json")
    decoder.feed(body)
    response: Response = decoder.finish()
    return response


TEXT = request(Prompt(text="Hello", continuation=" there"))
# As vLLM 0.32 answered to "Hello there" with max_tokens 0.
ECHO = (
    b'{"id":"cmpl-b8","object":"text_completion","model":"tiny","choices":[{"index":0,"text":'
    b'"Hello there","logprobs":{"text_offset":[0,1,4,5],"token_logprobs":[null,-7.67,-7.76,-7.66],'
    b'"tokens":["H","ell","o"," there"],"top_logprobs":[null,{"ell":-7.67,"have":-7.13},'
    b'{"o":-7.76," we":-7.12},{" there":-7.66,"ANTABILITY":-7.13}]},"finish_reason":"length",'
    b'"prompt_logprobs":[null]}],"usage":{"prompt_tokens":4,"total_tokens":5,'
    b'"completion_tokens":1}}'
)
PROMPT = (
    b'{"id":"cmpl-91","object":"text_completion","model":"tiny","choices":[{"index":0,"text":"x",'
    b'"logprobs":null,"finish_reason":"length","prompt_logprobs":[null,{"1699":{"logprob":-7.67,'
    b'"rank":1187,"decoded_token":"ell"},"1703":{"logprob":-7.13,"rank":1,"decoded_token":"have"}}'
    b',{"81":{"logprob":-7.76,"rank":1616,"decoded_token":"o"}},{"899":{"logprob":-0.25,"rank":1,'
    b'"decoded_token":" there"}}]}],"usage":{"prompt_tokens":4,"total_tokens":5,'
    b'"completion_tokens":1}}'
)


def test_the_echo_is_asked_for_without_generating() -> None:
    body = json.loads(CompletionsBackend(OpenAiCompletionsSettings()).encode(TEXT).body)
    assert body == {
        "model": "tiny", "prompt": "Hello there", "max_tokens": 0, "temperature": 0, "echo": True,
        "logprobs": 1, "stream": False,
    }  # fmt: skip
    one = CompletionsBackend(OpenAiCompletionsSettings(scoring_max_tokens=1)).encode(TEXT)
    assert json.loads(one.body)["max_tokens"] == 1


def test_prompt_logprobs_are_asked_for() -> None:
    backend = CompletionsBackend(OpenAiCompletionsSettings(scoring="prompt_logprobs"))
    body = json.loads(backend.encode(TEXT).body)
    assert body == {
        "model": "tiny", "prompt": "Hello there", "max_tokens": 1, "temperature": 0,
        "prompt_logprobs": 0, "stream": False,
    }  # fmt: skip


def test_a_chat_goes_on_with_the_assistants_turn() -> None:
    asked = request(Prompt(messages=(Message(role="user", content="Hi"),), continuation=" there"))
    body = json.loads(ChatBackend(OpenAiChatSettings()).encode(asked).body)
    assert body["messages"][-1] == {"role": "assistant", "content": " there"}
    assert body["continue_final_message"] is True
    assert body["add_generation_prompt"] is False
    assert (body["prompt_logprobs"], body["max_tokens"], body["stream"]) == (0, 1, False)


def test_the_echo_is_read() -> None:
    response = read(CompletionsBackend(OpenAiCompletionsSettings()), TEXT, ECHO)
    assert response.fault is None
    assert response.scored is not None
    assert response.scored.logprobs == (-7.66,)
    assert response.scored.tokens == (" there",)
    assert response.scored.greedy is False
    assert response.scored.total == -7.66
    assert response.text == ""


def test_a_token_that_was_generated_is_not_scored() -> None:
    body = ECHO.replace(b"[0,1,4,5]", b"[0,1,4,5,11]").replace(b"-7.66],", b"-7.66,-0.5],")
    body = body.replace(b'" there"],', b'" there","ajor"],')
    response = read(CompletionsBackend(OpenAiCompletionsSettings()), TEXT, body)
    assert response.scored is not None
    assert response.scored.tokens == (" there",)


def test_a_token_across_the_border_belongs_to_the_continuation() -> None:
    asked = request(Prompt(text="Hel", continuation="lo there"))
    response = read(CompletionsBackend(OpenAiCompletionsSettings()), asked, ECHO)
    assert response.scored is not None
    assert response.scored.tokens == ("ell", "o", " there")


def test_blanks_before_the_border_belong_to_the_continuation() -> None:
    asked = request(Prompt(text="Hello ", continuation="there"))
    for body in (ECHO, PROMPT):
        response = read(CompletionsBackend(OpenAiCompletionsSettings()), asked, body)
        assert response.scored is not None
        assert response.scored.tokens == (" there",)


def test_prompt_logprobs_are_read_from_the_end() -> None:
    response = read(CompletionsBackend(OpenAiCompletionsSettings()), TEXT, PROMPT)
    assert response.scored is not None
    assert response.scored.logprobs == (-0.25,)
    assert response.scored.greedy is True
    chat = request(Prompt(messages=(Message(role="user", content="Hi"),), continuation="o there"))
    body = json.loads(PROMPT)
    body["prompt_logprobs"] = body["choices"][0].pop("prompt_logprobs")
    response = read(ChatBackend(OpenAiChatSettings()), chat, json.dumps(body).encode())
    assert response.scored is not None
    assert response.scored.logprobs == (-7.76, -0.25)
    assert response.scored.greedy is False


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"choices":[{"index":0,"text":"Hello there","finish_reason":"length"}]}',
         "no prompt_logprobs"),
        (ECHO.replace(b"[0,1,4,5]", b"[0,1,4]"), "several lengths"),
        (ECHO.replace(b"-7.66]", b"null]"), "a token of the continuation has no log-probability"),
        (PROMPT.replace(b'"logprob":-0.25', b'"logprob":"x"'), "has no log-probability"),
        (b'{"choices":[{"index":0,"text":"","prompt_logprobs":[null]}]}', "do not spell"),
    ],
)  # fmt: skip
def test_servers_that_leave_them_out(body: bytes, said: str) -> None:
    response = read(CompletionsBackend(OpenAiCompletionsSettings()), TEXT, body)
    assert response.scored is None
    assert response.fault is not None
    assert response.fault.kind is FaultKind.PROTOCOL
    assert said in response.fault.message


def test_an_error_of_the_server_comes_first() -> None:
    response = read(
        CompletionsBackend(OpenAiCompletionsSettings()),
        TEXT,
        b'{"error":{"message":"no logprobs here"}}',
    )
    assert response.fault is not None
    assert response.fault.message == "no logprobs here"


@pytest.mark.parametrize("scoring", ["echo", "prompt_logprobs"])
def test_of_a_whole_text_the_first_token_is_left_out(scoring: Any) -> None:
    asked = request(Prompt(text="", continuation="Hello there"))
    body = ECHO if scoring == "echo" else PROMPT
    response = read(CompletionsBackend(OpenAiCompletionsSettings(scoring=scoring)), asked, body)
    assert response.fault is None
    assert response.scored is not None
    assert response.scored.tokens == ("ell", "o", " there")
    assert len(response.scored.logprobs) == 3


def test_behind_a_prompt_no_token_is_left_out() -> None:
    """Where the prompt's only token melts into the continuation, that is no score of it."""
    asked = request(Prompt(text="H", continuation="ello there"))
    body = ECHO.replace(b"[0,1,4,5]", b"[0,2,4,5]").replace(b'"H","ell"', b'"He","ll"')
    response = read(CompletionsBackend(OpenAiCompletionsSettings()), asked, body)
    assert response.fault is not None
