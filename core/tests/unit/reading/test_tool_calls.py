"""Calls that models write into their text, family by family."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.config.suite import LocalSettings
from aisbench.conversation.read_answer import understood
from aisbench.reading.rule import Reasoning
from aisbench.reading.tool_calls import find_calls
from aisbench.types.response import FinishReason, Response, Scored, Thinking
from aisbench.types.tools import ToolCall

CASES: list[tuple[Any, str, list[tuple[str, dict[str, Any]]], str]] = [
    (
        "hermes",
        'Let me see.\n<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call>\n'
        '<tool_call>{"name": "g", "arguments": {}}</tool_call>',
        [("f", {"x": 1}), ("g", {})],
        "Let me see.",
    ),
    ("hermes", '<tool_call>{"name": "f", "arguments": {"x": 1}}', [("f", {"x": 1})], ""),
    ("json", '{"name": "f", "parameters": {"x": [1, 2]}}', [("f", {"x": [1, 2]})], ""),
    ("json", '```json\n[{"name": "f", "arguments": "{\\"x\\": 1}"}]\n```', [("f", {"x": 1})], ""),
    ("json", '{"type": "function", "function": {"name": "f", "arguments": {}}}', [("f", {})], ""),
    ("mistral", 'ok [TOOL_CALLS] [{"name": "f", "arguments": {"x": 1}}]', [("f", {"x": 1})], "ok"),
    ("mistral", '[TOOL_CALLS]f{"x": 1}[TOOL_CALLS]g{}', [("f", {"x": 1}), ("g", {})], ""),
    ("mistral", '[TOOL_CALLS]f[ARGS]{"x": 1}', [("f", {"x": 1})], ""),
    (
        "llama",
        '<|python_tag|>{"name": "f", "parameters": {"x": 1}}; {"name": "g", "parameters": {}}',
        [("f", {"x": 1}), ("g", {})],
        "",
    ),
    ("pythonic", '[f(x=1, y="a b", z=[True, None]), m.g()]',
     [("f", {"x": 1, "y": "a b", "z": [True, None]}), ("m.g", {})], ""),
    ("pythonic", "```python\nf(x=-1.5)\n```", [("f", {"x": -1.5})], ""),
    ("pythonic", "[f(x=2*3, y='\\ud800')]", [("f", {"x": 6, "y": "\ud800"})], ""),
    ("hermes", '<tool_call>{"name": "f", "arguments": {"x": "\\ud800"}}</tool_call> x',
     [("f", {"x": "\ud800"})], "x"),
    ("llama", '{"name": "f"} {"name": "g"};;', [], '{"name": "f"} {"name": "g"};;'),
    ("llama", ' {"name": "f"}{"name": "g"} ; ', [("f", {}), ("g", {})], ""),
]  # fmt: skip


@pytest.mark.parametrize(("parser", "text", "calls", "rest"), CASES)
def test_calls_are_found(
    parser: Any, text: str, calls: list[tuple[str, dict[str, Any]]], rest: str
) -> None:
    found = find_calls(Response(text=text), parser)
    assert [(one.name, json.loads(one.arguments)) for one in found.tool_calls] == calls
    assert found.text == rest


@pytest.mark.parametrize("parser", ["hermes", "json", "mistral", "llama", "pythonic"])
@pytest.mark.parametrize(
    "text",
    [
        "The answer is 4.",
        "",
        '<tool_call>{"name": "f", "arguments": {</tool_call>',
        '{"name": 3}',
        '[{"name": "f", "arguments": {}}, {"no": "name"}]',
        "[TOOL_CALLS]",
        "[f(1, 2)]",
        "[f(x=open('secret'))]",
        "[f(**x)]",
        "[]",
        "{" * 5000,
        "((((" * 500,
        '{"a":' * 5000,
        '{"name": "f", "arguments": ' + "[" * 900 + "]" * 900 + "}",
        '{"name": "\\ud800"}',
        "[f(x=1), 2]",
        "[f(x={1})]",
        "[f(x=b'a')]",
        "[f(x=__import__('os').system('id') + 0)]",
        "[f(x=(lambda: open('PROOF', 'w'))())]",
        "[(lambda: 0)(x=1)]",
        "[f(x=9**9**9)]",
    ],
)
def test_what_is_no_call_stays_text(parser: Any, text: str) -> None:
    assert find_calls(Response(text=text), parser) == Response(text=text)


LONG = [
    "<tool_call>" + " " * 300_000,
    "<tool_call>" * 50_000,
    "<tool_call>{}</tool_call>" * 20_000,
    "```json" + "\n" * 300_000 + "x",
    "```\n" + "```   " * 60_000 + "x",
    '{"name": "f"};' * 40_000,
    "[TOOL_CALLS]" * 40_000,
    "[TOOL_CALLS]f{" * 40_000,
    "[" * 1_000_000,
    "[" + "f(x=1)," * 25_000 + "]",
    "[f(x='" + "a" * 10_000_000 + "')]",
    "9" * 1_000_000,
]


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_any_length_ends_soon(text: str) -> None:
    for parser in ("hermes", "json", "mistral", "llama", "pythonic"):
        begin = time.process_time()
        find_calls(Response(text=text), parser)  # type: ignore[arg-type]
        assert time.process_time() - begin < 2


def test_calls_that_the_server_found_are_left_alone() -> None:
    own = Response(
        text='{"name": "f", "arguments": {}}', tool_calls=(ToolCall(name="g", arguments=""),)
    )
    assert find_calls(own, "json") == own
    assert find_calls(Response(text='{"name": "f"}'), "") == Response(text='{"name": "f"}')


@given(st.text(), st.sampled_from(["hermes", "json", "mistral", "llama", "pythonic"]))
def test_no_text_breaks_a_parser(text: str, parser: Any) -> None:
    find_calls(Response(text=text), parser)


@given(
    st.from_regex(r"[a-z_]{1,8}", fullmatch=True),
    st.dictionaries(
        st.from_regex(r"[a-z]{1,5}", fullmatch=True).filter(str.isidentifier),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()),
    ),
)
def test_what_is_written_is_found(name: str, arguments: dict[str, Any]) -> None:
    call = json.dumps({"name": name, "arguments": arguments})
    for parser, text in (
        ("json", call),
        ("hermes", f"<tool_call>{call}</tool_call>"),
        ("mistral", f"[TOOL_CALLS][{call}]"),
        ("llama", f"{call};{call}"),
    ):
        found = find_calls(Response(text=text), parser)  # type: ignore[arg-type]
        assert found.tool_calls[0].name == name
        assert json.loads(found.tool_calls[0].arguments) == arguments


def test_calls_after_reasoning() -> None:
    settings = LocalSettings(tool_parser="hermes", reasoning=Reasoning())
    text = '<think>hm {"name": "no"}</think><tool_call>{"name": "f", "arguments": {}}</tool_call>'
    found = understood(Response(text=text), settings)
    assert found.thinking is Thinking.FINISHED
    assert [one.name for one in found.tool_calls] == ["f"]


def test_reasoning_apart_and_a_call_is_a_finished_answer() -> None:
    call = ToolCall(name="f", arguments="{}")
    found = understood(Response(reasoning="hm", tool_calls=(call,)), LocalSettings())
    assert found.thinking is Thinking.FINISHED


def test_scored_continuations_have_no_text_and_no_end() -> None:
    scored = Scored(logprobs=(-1.0, -0.5))
    response = Response(text="x", finish_reason=FinishReason.LENGTH, scored=scored)
    found = understood(response, LocalSettings())
    assert (found.text, found.finish_reason) == ("", None)
    assert found.scored is not None
    assert found.scored.total == -1.5
