"""Possible answers to BFCL's rows, made of its references."""

from __future__ import annotations

import json
from typing import Any

from aisbench.api import Response, Sample, ToolCall, open_dataset
from aisbench_plugin_bfcl.categories import LIVE, NON_LIVE

SINGLE = [*NON_LIVE, *LIVE]


def rows(category: str) -> list[Sample]:
    return list(open_dataset("bfcl", {"categories": [category]}).samples())


def possible(value: Any) -> Any:
    """One of the possible values; objects hold lists of them."""
    if isinstance(value, dict):
        found = {key: [one for one in many if one != ""] if isinstance(many, list) else [many]
                 for key, many in value.items()}  # fmt: skip
        return {key: possible(many[0]) for key, many in found.items() if many}
    if isinstance(value, list):
        return [possible(one) for one in value]
    return value


def gold(sample: Sample, *, optional: bool = True) -> list[tuple[str, dict[str, Any]]]:
    """Possible calls; ``optional`` arguments are those that may be left out."""
    target: Any = sample.target
    calls = []
    for one in target:
        for name, arguments in one.items():
            chosen = {
                key: possible(next(value for value in values if value != ""))
                for key, values in arguments.items()
                if any(value != "" for value in values) and (optional or "" not in values)
            }
            calls.append((name, chosen))
    return calls


def native(calls: list[tuple[str, dict[str, Any]]]) -> Response:
    made = [
        ToolCall(name=name.replace(".", "_"), arguments=json.dumps(arguments))
        for name, arguments in calls
    ]
    return Response(tool_calls=tuple(made))
