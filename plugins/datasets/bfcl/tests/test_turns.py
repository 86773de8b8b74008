"""Conversations of several turns: a model that does what the reference does is right."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import Any

import pytest

from aisbench.api import (
    Answer,
    Prompt,
    Response,
    Sample,
    Score,
    ToolCall,
    Verdict,
    open_dataset,
)
from aisbench_plugin_bfcl.categories import MULTI_TURN
from aisbench_plugin_bfcl.evaluator import FunctionCalls
from aisbench_plugin_bfcl.library import installed_version
from aisbench_plugin_bfcl.templates import FunctionsTextTemplate, ToolsTemplate

pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(not installed_version(), reason="bfcl-eval is not installed"),
]


def rows(category: str, count: int) -> list[Sample]:
    return list(open_dataset("bfcl", {"categories": [category]}).samples())[:count]


def reference(sample: Sample, *, native: bool) -> Iterator[Response]:
    """Each turn's calls in one step, then words."""
    turns: Any = sample.target
    for turn in turns:
        if turn:
            calls = _native(sample, turn)
            yield calls if native else _written(calls)
        yield Response(text="That is done.")


def _native(sample: Sample, calls: list[str]) -> Response:
    """Calls written with places for arguments get their names from the functions."""
    entry: Any = sample.fields["entry"]
    known = list(entry["function"])
    for added in (entry.get("missed_function") or {}).values():
        known += added
    made = []
    for number, text in enumerate(calls):
        call = ast.parse(text, mode="eval").body
        assert isinstance(call, ast.Call)
        name = ast.unparse(call.func).rpartition(".")[2]
        described = next(one for one in known if one["name"].rpartition(".")[2] == name)
        names = list(described["parameters"]["properties"])
        arguments = {
            key: ast.literal_eval(value) for key, value in zip(names, call.args, strict=False)
        }
        arguments |= {str(one.arg): ast.literal_eval(one.value) for one in call.keywords}
        made.append(ToolCall(name=name, arguments=json.dumps(arguments), id=f"call-{number}"))
    return Response(tool_calls=tuple(made))


def _written(calls: Response) -> Response:
    """bfcl-eval reads arguments by their names alone."""
    texts = []
    for call in calls.tool_calls:
        given = ", ".join(f"{key}={value!r}" for key, value in json.loads(call.arguments).items())
        texts.append(f"{call.name}({given})")
    return Response(text=f"[{', '.join(texts)}]")


def play(sample: Sample, first: Prompt, said: Iterator[Response]) -> tuple[Score, list[Prompt]]:
    dataset: Any = open_dataset("bfcl", {"categories": [sample.part]})
    playing = dataset.play(sample, first)
    prompts, responses = [next(playing)], []
    while True:
        response = next(said)
        responses.append(response)
        try:
            prompts.append(playing.send(response))
        except StopIteration:
            break
    answer = Answer(prompts=tuple(prompts), responses=tuple(responses))
    return FunctionCalls().score(sample, answer), prompts


@pytest.mark.parametrize("native", [True, False], ids=["tools", "prompt"])
@pytest.mark.parametrize("category", MULTI_TURN)
def test_the_reference_is_right(category: str, native: bool) -> None:
    for sample in rows(category, 25):
        first = (ToolsTemplate() if native else FunctionsTextTemplate()).render(sample, ())
        score, prompts = play(sample, first, reference(sample, native=native))
        assert score.verdict is Verdict.RIGHT, (sample.id, score.reason)
        again, same = play(sample, first, reference(sample, native=native))
        assert (again, same) == (score, prompts)


def test_results_are_told() -> None:
    (sample,) = rows("multi_turn_base", 1)
    first = ToolsTemplate().render(sample, ())
    _, prompts = play(sample, first, reference(sample, native=True))
    second = prompts[1].messages or ()
    assert [one.role for one in second[-4:]] == ["assistant", "tool", "tool", "tool"]
    assert second[-3].tool_call_id == "call-0"
    assert json.loads(second[-3].text) == {"current_working_directory": "document"}
    third = prompts[2].messages or ()
    assert [one.role for one in third[-2:]] == ["assistant", "user"]


def test_functions_that_come_later() -> None:
    (sample,) = rows("multi_turn_miss_func", 1)
    first = ToolsTemplate().render(sample, ())
    _, prompts = play(sample, first, reference(sample, native=True))
    names = [{tool.name for tool in prompt.tools} for prompt in prompts]
    assert names[-1] > names[0]
    assert len(names[-1]) == len(names[0]) + 1


def test_doing_nothing_is_wrong() -> None:
    (sample,) = rows("multi_turn_base", 1)
    first = ToolsTemplate().render(sample, ())
    score, prompts = play(sample, first, iter([Response(text="No.")] * 10))
    assert score.verdict is Verdict.WRONG
    assert "empty for turn 0" in score.reason
    assert len(prompts) == 4


def test_endless_calls_are_given_up() -> None:
    (sample,) = rows("multi_turn_base", 1)
    first = ToolsTemplate().render(sample, ())
    listing = Response(tool_calls=(ToolCall(name="ls", arguments="{}", id="x"),))
    score, prompts = play(sample, first, iter([listing] * 100))
    assert score.verdict is Verdict.WRONG
    assert "too many steps" in score.reason
    assert len(prompts) == 21


@pytest.mark.parametrize(
    "arguments", ['{"folder": "document"', "[]", '{"folder": "x", "a b": 1}', ""]
)
def test_arguments_that_cannot_be_called(arguments: str) -> None:
    (sample,) = rows("multi_turn_base", 1)
    first = ToolsTemplate().render(sample, ())
    broken = Response(tool_calls=(ToolCall(name="cd", arguments=arguments),))
    score, _ = play(sample, first, iter([broken] * 60))
    assert score.verdict is Verdict.WRONG
    readable = arguments in ("", '{"folder": "x", "a b": 1}')  # its services say what is wrong
    assert ("; answer 1: a call that cannot be read" in score.reason) is not readable


def test_text_is_not_evaluated(tmp_path: Any) -> None:
    """What a model writes is data: names and literals of it are called, nothing else."""
    (sample,) = rows("multi_turn_base", 1)
    first = FunctionsTextTemplate().render(sample, ())
    mark = tmp_path / "mark"
    evil = [
        f"[open({str(mark)!r}, 'w')]",
        f"[cd(folder=__import__('pathlib').Path({str(mark)!r}).touch())]",
        f"[__import__('os').system('touch {mark}')]",
        f"[cd(folder='x' if __import__('os').system('touch {mark}') else 'y')]",
        f"[cd.__globals__['__builtins__']['open']({str(mark)!r}, 'w')]",
    ]
    said = [Response(text=one) for one in evil] + [Response(text="Done.")] * 10
    score, _ = play(sample, first, iter(said))
    assert score.verdict is Verdict.WRONG
    assert not mark.exists()
