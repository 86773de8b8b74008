"""Calls in an answer: as tools, or written in its text. Nothing of it is evaluated. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aisbench.api import Response
from aisbench.literals import LiteralError, read_json
from aisbench_plugin_bfcl.library import library
from aisbench_plugin_bfcl.written_calls import Calls, read_calls

MOST = 200
"""Calls of one answer that are executed."""


class UnreadableCall(Exception):
    """The answer has no calls; the text says why."""


def native_calls(response: Response) -> Calls:
    """The tool calls of an answer. Raises Unreadable for arguments that are not a JSON object."""
    found = []
    for call in response.tool_calls:
        try:
            arguments = read_json(call.arguments or "{}")
        except LiteralError as error:
            raise UnreadableCall(f"the arguments of {call.name} are not JSON: {error}") from error
        if not isinstance(arguments, dict):
            raise UnreadableCall(f"the arguments of {call.name} are not a JSON object")
        found.append({call.name: arguments})
    return found


def written_calls(text: str, form: str, *, tagged: bool = False) -> Calls:
    """The calls that a text consists of. Raises Unreadable."""
    try:
        calls = read_calls(text, form, tagged=tagged)
    except Exception as error:
        raise UnreadableCall(f"no list of calls: {error}") from error
    if not library().is_call_list(calls):
        raise UnreadableCall("no list of calls")
    found: Calls = calls
    return found


def native_steps(response: Response) -> list[str]:
    """The tool calls of an answer as bfcl-eval executes them, after its
    ``convert_to_function_call``. Raises Unreadable."""
    return _few(
        f"{name}({','.join(f'{key}={value!r}' for key, value in arguments.items())})"
        for call in native_calls(response)
        for name, arguments in call.items()
    )


def written_steps(text: str) -> list[str]:
    """The calls of a text as bfcl-eval executes them, after its
    ``decoded_output_to_execution_list``. Raises Unreadable."""
    return _few(_call(name, given) for call in written_calls(text, "python")
                for name, given in call.items())  # fmt: skip


def _few(steps: Any) -> list[str]:
    found: Sequence[str] = list(steps)
    if len(found) > MOST:
        raise UnreadableCall(f"more than {MOST} calls at once")
    return list(found)


def _call(name: str, arguments: Any) -> str:
    return f"{name}({', '.join(f'{key}={_argument(one)}' for key, one in arguments.items())})"


def _argument(value: Any) -> str:
    """A dictionary whose values are all dictionaries is a call within a call, as there."""
    if not isinstance(value, dict):
        return repr(value)
    if not value:
        raise UnreadableCall("an argument is an empty dictionary")
    if all(isinstance(one, dict) for one in value.values()):
        name = next(iter(value))
        return _call(str(name), value[name])
    inside = ", ".join(f"'{key}': {_argument(one)}" for key, one in value.items())
    return f"{{{inside}}}"
