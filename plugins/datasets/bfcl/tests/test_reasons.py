"""Verdicts are the leaderboard's; reasons say what an answer without a call really was."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.api import (
    Answer,
    FinishReason,
    Prompt,
    Response,
    Sample,
    Tool,
    ToolCall,
    Verdict,
)
from aisbench_plugin_bfcl.evaluator import FunctionCalls
from aisbench_plugin_bfcl.library import installed_version

pytestmark = pytest.mark.skipif(not installed_version(), reason="bfcl-eval is not installed")

ENTRY: Any = {
    "id": "x_0",
    "function": [
        {
            "name": "math.sum",
            "parameters": {"properties": {"x": {"type": "integer"}}, "required": []},
        }
    ],
}
NATIVE, WRITTEN = Prompt(messages=(), tools=(Tool(name="f"),)), Prompt(messages=())


def tool(arguments: str) -> Response:
    return Response(tool_calls=(ToolCall(name="math_sum", arguments=arguments),))


CASES = [
    (NATIVE, tool('{"a": 1'),
    "a call that cannot be read: the arguments of math_sum are not JSON"),
    (NATIVE, tool("[1]"),
    "a call that cannot be read: the arguments of math_sum are not a JSON object"),
    (NATIVE, Response(text='<tool_call>{"name": "f"}</tool_call>'),
     "<tool_call> is written in the text and cannot be read as a call; see the model's"),
    (NATIVE, Response(text=""), "an empty answer: no function was called"),
    (NATIVE, Response(text=" \n"), "an empty answer: no function was called"),
    (NATIVE, Response(text="Let me", finish_reason=FinishReason.LENGTH),
     "cut at max_tokens: no function was called"),
    (NATIVE, Response(text="None of them helps."), "no function was called"),
    (WRITTEN, Response(text=""), "an empty answer: no function was called"),
    (WRITTEN, Response(text="None of them helps."), "no function was called"),
    (WRITTEN, Response(text="[]"), "no function was called"),
    (WRITTEN, Response(text="[math.sum(x=)]"),
    "math.sum is written in the text and cannot be read"),
    (WRITTEN, Response(text="I call math.sum (x=1)."),
    "math.sum is written in the text and cannot"),
    (WRITTEN, Response(text="[math.sum(x=__import__('os').system('id') + 0)]"),
    "math.sum is written"),
    (WRITTEN, Response(text="[math.sum(x=1", finish_reason=FinishReason.LENGTH),
     "cut at max_tokens: math.sum is written"),
]  # fmt: skip


@pytest.mark.parametrize(("prompt", "response", "reason"), CASES)
@pytest.mark.parametrize(
    ("part", "verdict"),
    [("irrelevance", Verdict.RIGHT), ("live_relevance", Verdict.WRONG),
     ("simple_python", Verdict.UNPARSED)],
)  # fmt: skip
def test_no_call(
    prompt: Prompt, response: Response, reason: str, part: str, verdict: Verdict
) -> None:
    sample = Sample(
        id="x_0", fields={"entry": ENTRY}, part=part, target=[{"math.sum": {"x": [1]}}]
    )
    score = FunctionCalls().score(sample, Answer(prompts=(prompt,), responses=(response,)))
    assert score.verdict is verdict
    assert score.reason.startswith(reason)


def test_a_call() -> None:
    for prompt, response in ((NATIVE, tool("{}")), (WRITTEN, Response(text="[anything(y=2)]"))):
        sample = Sample(id="x_0", fields={"entry": ENTRY}, part="irrelevance")
        score = FunctionCalls().score(sample, Answer(prompts=(prompt,), responses=(response,)))
        assert (score.verdict, score.reason) == (Verdict.WRONG, "a function was called")
