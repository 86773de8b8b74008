"""The two ways to put a question: with tools, or with functions described in the prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from aisbench.api import DataError, Message, Prompt, Sample, Tool
from aisbench_plugin_bfcl.formats import is_format
from aisbench_plugin_bfcl.library import library


def messages_of(turns: Sequence[dict[str, Any]]) -> tuple[Message, ...]:
    """Messages of the data set's own form."""
    return tuple(Message(role=one["role"], content=str(one["content"])) for one in turns)


def tools_of(functions: list[dict[str, Any]]) -> tuple[Tool, ...]:
    """Functions as tools of a chat."""
    return tuple(
        Tool(
            name=one["function"]["name"],
            description=one["function"].get("description", ""),
            parameters=one["function"]["parameters"],
        )
        for one in library().tools(functions)
    )


class ToolsTemplate:
    """The first turn as it stands, with its functions as tools."""

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        functions, first = _parts(sample, shots)
        if is_format(sample.part):
            raise DataError(
                f"{sample.id}: format_sensitivity is about prompts that describe functions",
                hint='set variant = "prompt" for it, or leave it out of categories',
            )
        return Prompt(messages=messages_of(first), tools=tools_of(functions))


class FunctionsTextTemplate:
    """The first turn behind the leaderboard's instruction, which describes the functions."""

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        functions, first = _parts(sample, shots)
        entry: Any = sample.fields["entry"]
        return Prompt(messages=messages_of(library().system_prompt(first, functions, entry["id"])))


def _parts(
    sample: Sample, shots: Sequence[Sample]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    entry = sample.fields.get("entry")
    if not isinstance(entry, dict):
        raise DataError(
            f"sample {sample.id} is not a row of BFCL",
            hint='this template is for dataset = "bfcl"',
        )
    if shots:
        raise DataError("bfcl shows no few-shot examples", hint="set shots = 0")
    hinted = library().hinted(entry)
    return cast("list[dict[str, Any]]", hinted["function"]), entry["question"][0]
