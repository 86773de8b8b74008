"""Calls in an answer: as tools, or written in its text. Pure.

Nothing of an answer is evaluated as it stands: calls are read into names and literal values, and
written again from those.
"""

from __future__ import annotations

import ast
import json
from typing import Any

from aisbench.api import Response
from aisbench_plugin_bfcl.library import Library

Call = dict[str, dict[str, Any]]
"""{name: {argument: value}}."""


class Unreadable(Exception):
    """The answer holds no calls; the text says why."""


def native_calls(response: Response) -> list[Call]:
    """The tool calls of an answer. Raises Unreadable for arguments that are no JSON object."""
    found = []
    for call in response.tool_calls:
        try:
            arguments = json.loads(call.arguments or "{}")
        except ValueError as error:
            raise Unreadable(f"the arguments of {call.name} are no JSON: {error}") from error
        if not isinstance(arguments, dict):
            raise Unreadable(f"the arguments of {call.name} are no JSON object")
        found.append({call.name: arguments})
    return found


def written_calls(
    library: Library, text: str, language: str, *, tagged: bool = False
) -> list[Call]:
    """The calls that a text consists of. Raises Unreadable."""
    try:
        calls = library.read_text(text, language, tagged=tagged)
    except Exception as error:
        raise Unreadable(f"no list of calls: {error}") from error
    if not library.is_call_list(calls):
        raise Unreadable("no list of calls")
    return calls


def executable(calls: list[Call]) -> list[str]:
    """Calls as Python, of plain names and literals. Raises Unreadable for anything else."""
    found = []
    for call in calls:
        for name, arguments in call.items():
            if not name.isidentifier():
                raise Unreadable(f"{name!r} is no name of a function")
            parts = [f"{key}={_literal(value)}" for key, value in arguments.items()]
            if not all(key.isidentifier() for key in arguments):
                raise Unreadable(f"an argument of {name} has no name")
            found.append(f"{name}({', '.join(parts)})")
    return found


def _literal(value: Any) -> str:
    text = repr(value)
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise Unreadable(f"an argument is no plain value: {text[:80]}") from error
    return text
