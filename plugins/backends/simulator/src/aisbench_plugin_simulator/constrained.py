"""Answers that are what a request asks for: JSON of a schema, a text of an expression, one of
several texts, calls of functions with arguments of their schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from random import Random
from typing import Any

from attrs import frozen

from aisbench_plugin_simulator.chance import bits, draw
from aisbench_plugin_simulator.constraint import Constraint, ConstraintKind
from aisbench_plugin_simulator.expression_text import NoText, matching_text
from aisbench_plugin_simulator.parsed_request import Function, ToolChoice
from aisbench_plugin_simulator.refusal import Refusal
from aisbench_plugin_simulator.schema_values import SchemaValues, values_of
from aisbench_plugin_simulator.settings import SimulatorSettings

_ANSWERS = ("answer", "final_answer", "result", "choice", "label")
"""Properties that hold an answer, in whatever case they are written."""


@frozen
class CallText:
    """A function that is called, with its arguments as JSON."""

    name: str
    arguments: str


def constrained_text(constraint: Constraint, said: str | None, chance: int) -> tuple[str, bool]:
    """A text that meets ``constraint``, and whether it says ``said``, the model's answer to a
    known question (None: it knows none). Raises Refusal where no text is found."""
    if constraint.kind is ConstraintKind.CHOICE:
        choices: tuple[str, ...] = constraint.value
        return (said, True) if said in choices else (choices[chance % len(choices)], False)
    if constraint.kind is ConstraintKind.REGEX:
        return _of_expression(constraint.value, said, chance)
    values = values_of(constraint.value)
    if said is not None:
        for value in _readings(said):
            if values.holds(value):
                return _json(value), True
    value = values.make(chance)
    if said is not None:
        with_answer = _holding(value, said, values)
        if with_answer is not None:
            return _json(with_answer), True
    return _json(value), False


def _of_expression(pattern: str, said: str | None, chance: int) -> tuple[str, bool]:
    try:
        if said is not None and re.fullmatch(pattern, said):
            return said, True
        return matching_text(pattern, Random(chance)), False
    except (NoText, re.error) as error:
        raise Refusal(400, f"Invalid regex: {error}", param="structured_outputs") from None


def _readings(said: str) -> list[Any]:
    """What an answer is as JSON: itself, or what it holds."""
    try:
        return [json.loads(said.replace(",", "") if said[:1].isdigit() else said), said]
    except ValueError:
        return [said]


def _holding(value: Any, said: str, values: SchemaValues) -> Any:
    """``value`` with the answer in the property that is there for it; None where none is."""
    if not isinstance(value, Mapping):
        return None
    plain = [name for name, one in value.items() if not isinstance(one, (dict, list))]
    named = [name for name in plain if name.lower() in _ANSWERS]
    for name in named or (plain if len(plain) == 1 else ()):
        for one in _readings(said):
            changed = {**value, name: one}
            if values.holds(changed):
                return changed
    return None


def known_calls(answer: str, tools: ToolChoice) -> list[CallText]:
    """The calls that a known answer is: ``{"name": ..., "arguments": {...}}``, or a list of
    such; none where it is something else, or one of them may not be called."""
    try:
        value = json.loads(answer)
    except ValueError:
        return []
    calls = value if isinstance(value, list) else [value]
    found = [
        CallText(call["name"], _json(call.get("arguments", {})))
        for call in calls
        if isinstance(call, dict) and call.get("name") in tools.names
    ]
    if len(found) != len(calls):
        return []
    return found if tools.parallel else found[:1]


def made_calls(settings: SimulatorSettings, tools: ToolChoice, digest: str) -> list[CallText]:
    """Calls of the first functions on the list, with arguments that are valid by their schemas.
    Raises Refusal."""
    seed = settings.seed
    count = 1
    if tools.parallel:
        count = max(1, settings.tool_calls.pick(draw(seed, "calls", digest)))
    return [
        _made(tools.functions[at % len(tools.functions)], bits(seed, "call", digest, at))
        for at in range(count)
    ]


def _made(function: Function, chance: int) -> CallText:
    schema = function.parameters
    if not schema:
        return CallText(function.name, "{}")
    return CallText(function.name, _json(values_of({"type": "object", **schema}).make(chance)))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
