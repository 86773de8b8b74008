"""What protocols of JSON have in common: requests, lists of models, the flag for greedy search,
the fault that counts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aisbench.api import FaultKind, Message, Prompt, Request
from aisbench.codec import (
    FaultCollector,
    get_json,
    greedy_by_flag,
    openai_models,
    plain_text,
    post_json,
)


def request(prompt: Prompt) -> Request:
    return Request(
        key="k",
        sample_id="s",
        repeat=0,
        turn=0,
        model="m",
        prompt=prompt,
        generation={},
        seed=None,
        stream=False,
    )


def test_requests_say_what_they_hold_and_what_they_accept() -> None:
    asked = get_json("/info")
    assert (asked.method, asked.path, asked.body) == ("GET", "/info", b"")
    assert asked.headers == {"Accept": "application/json"}
    sent = post_json("/generate", {"inputs": "é"})
    assert (sent.method, json.loads(sent.body)) == ("POST", {"inputs": "é"})
    assert sent.headers == {"Content-Type": "application/json", "Accept": "application/json"}
    streamed = post_json("/generate", b'{"a":1}', stream=True)
    assert streamed.body == b'{"a":1}'
    assert streamed.headers["Accept"] == "text/event-stream, application/json"


def test_only_a_plain_string_can_be_gone_on_from() -> None:
    assert plain_text(request(Prompt(text="Once")), "/x") == "Once"
    for prompt in (
        Prompt(messages=(Message(role="user", content="hi"),)),
        Prompt(tokens=(1, 2)),
        Prompt(text="Once", continuation=" upon"),
    ):
        with pytest.raises(ValueError, match="/x needs a plain string"):
            plain_text(request(prompt), "/x")


def test_the_names_of_models() -> None:
    assert [one["id"] for one in openai_models(b'{"data": [{"id": "a"}, {"id": "b"}]}')] == [
        "a",
        "b",
    ]


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"[]", "not an OpenAI list"),
        (b"<html>", "not an OpenAI list"),
        (b'{"data": {}}', "not an OpenAI list"),
        (b'{"data": [{"id": ""}]}', "without an id"),
        (b'{"data": [{"id": "a"}, "b"]}', "without an id"),
    ],
)
def test_another_answer_names_no_models(body: bytes, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        openai_models(body)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, {}),
        ({"temperature": 0}, {"do_sample": False}),
        ({"temperature": 0.0, "do_sample": True}, {"do_sample": True}),
        ({"temperature": 0.7}, {"temperature": 0.7, "do_sample": True}),
        ({"temperature": 0.7, "do_sample": False}, {"temperature": 0.7, "do_sample": False}),
    ],
)
def test_greedy_search_is_a_flag(given: dict[str, Any], sent: dict[str, Any]) -> None:
    assert greedy_by_flag(given) == sent


def test_the_first_error_of_a_server_counts() -> None:
    collector = FaultCollector()
    assert (collector.begun, collector.answering, collector.alien) == (False, False, False)
    collector.fail({"message": "out of memory"}, "{}")
    collector.fail("later", "")
    assert collector.fault is not None
    assert (collector.fault.kind, collector.fault.message) == (FaultKind.SERVER, "out of memory")
    collector.begun = True
    assert collector.answering
