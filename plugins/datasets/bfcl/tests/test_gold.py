"""The reference answers of every category are right, as tools and as text; others are not."""

from __future__ import annotations

from typing import Any

import pytest
from bfcl_gold import SINGLE, gold, native, rows

from aisbench.api import Answer, Prompt, Response, Sample, ToolCall, Verdict
from aisbench_plugin_bfcl.evaluator import FunctionCalls
from aisbench_plugin_bfcl.library import installed_version
from aisbench_plugin_bfcl.templates import FunctionsTextTemplate, ToolsTemplate

pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(not installed_version(), reason="bfcl-eval is not installed"),
]

EVALUATOR = FunctionCalls()


def verdict(sample: Sample, prompt: Prompt, response: Response) -> Verdict:
    answer = Answer(prompts=(prompt,), responses=(response,))
    return EVALUATOR.score(sample, answer).verdict


# Rows none of whose possible answers the checker takes in either form.
KNOWN = {"live_simple": 2, "live_multiple": 3}


@pytest.mark.parametrize("category", SINGLE)
def test_native_calls(category: str) -> None:
    left = []
    for sample in rows(category):
        prompt = ToolsTemplate().render(sample, ())
        tries = [gold(sample), gold(sample, optional=False)] if sample.target else []
        if category == "irrelevance" or category == "live_irrelevance":
            tries = [[]]
        elif category == "live_relevance":
            tries = [[("f", {})]]
        elif category in ("simple_java", "simple_javascript"):
            # Arguments are texts there, in the language's own form.
            tries = [calls for calls in tries if _texts(calls)]
            if not tries:
                continue
        found = [verdict(sample, prompt, native(calls)) for calls in tries]
        if Verdict.RIGHT not in found:
            left.append(sample.id)
    assert len(left) == KNOWN.get(category, 0), left


def _texts(calls: list[tuple[str, dict[str, Any]]]) -> bool:
    return all(isinstance(value, str) for _, one in calls for value in one.values())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("simple_java_6", "SpreadsheetPresentation.refreshData(refreshMetadata=true, "
         "append=true, keepState=true)"),
        ("simple_javascript_0", "validateUserInput(inputField=userInputField, isComplete=true)"),
    ],
)  # fmt: skip
def test_other_languages_in_text(name: str, text: str) -> None:
    sample = next(one for one in rows(name.rpartition("_")[0]) if one.id == name)
    prompt = FunctionsTextTemplate().render(sample, ())
    assert verdict(sample, prompt, Response(text=f"[{text}]")) is Verdict.RIGHT
    wrong = text.replace("true", "false")
    assert verdict(sample, prompt, Response(text=f"[{wrong}]")) is Verdict.WRONG


def test_arguments_of_other_languages_are_texts() -> None:
    (sample,) = [one for one in rows("simple_java") if one.id == "simple_java_6"]
    prompt = ToolsTemplate().render(sample, ())
    right = {"refreshMetadata": "true", "append": "true", "keepState": "true"}
    name = "SpreadsheetPresentation.refreshData"
    assert verdict(sample, prompt, native([(name, right)])) is Verdict.RIGHT
    wrong = {**right, "append": True}
    assert verdict(sample, prompt, native([(name, wrong)])) is Verdict.WRONG
    properties: Any = prompt.tools[0].parameters["properties"]
    assert properties["append"]["type"] == "string"


@pytest.mark.parametrize("category", ["simple_python", "multiple", "parallel", "live_simple"])
def test_written_calls(category: str) -> None:
    for sample in rows(category)[:60]:
        text = ", ".join(
            f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"
            for name, arguments in gold(sample)
        )
        prompt = FunctionsTextTemplate().render(sample, ())
        assert not prompt.tools
        assert verdict(sample, prompt, Response(text=f"[{text}]")) is Verdict.RIGHT, sample.id
        assert verdict(sample, prompt, Response(text="I cannot.")) is Verdict.UNPARSED


def test_wrong_calls() -> None:
    sample = rows("simple_python")[0]
    prompt = ToolsTemplate().render(sample, ())
    ((name, arguments),) = gold(sample)
    for calls, wanted in (
        ([(name, {**arguments, "base": 11})], Verdict.WRONG),
        ([(name, {"base": 10})], Verdict.WRONG),
        ([("other", arguments)], Verdict.WRONG),
        ([(name, arguments), (name, arguments)], Verdict.WRONG),
        ([], Verdict.UNPARSED),
    ):
        assert verdict(sample, prompt, native(calls)) is wanted
    broken = Response(tool_calls=(ToolCall(name=name, arguments='{"base": 10,'),))
    assert verdict(sample, prompt, broken) is Verdict.UNPARSED


def test_relevance() -> None:
    away, near = rows("irrelevance")[0], rows("live_relevance")[0]
    call = native([("anything", {})])
    for sample, response, wanted in (
        (away, Response(text="No."), Verdict.RIGHT),
        (away, call, Verdict.WRONG),
        (near, Response(text="No."), Verdict.WRONG),
        (near, call, Verdict.RIGHT),
    ):
        assert verdict(sample, ToolsTemplate().render(sample, ()), response) is wanted
