"""Tool calls that a model wrote into its text, where the server left them there.

Each parser reads one family's format. What does not follow it stays text: nothing is guessed,
nothing is evaluated, and the time is proportional to the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs

from aisbench.literals import (
    Call,
    Display,
    Expression,
    LiteralError,
    parse,
    read_json,
    read_json_values,
    source_of,
    value_of,
)
from aisbench.types.response import Response
from aisbench.types.tools import ToolCall

ToolParser = Literal["", "hermes", "json", "mistral", "llama", "pythonic"]

_Found = tuple[str, list[ToolCall]]
_BEGIN, _END = "<tool_call>", "</tool_call>"
_NAME = re.compile(r"\w+(\.\w+)*")


def find_calls(response: Response, parser: ToolParser) -> Response:
    """The response with the calls in its text moved to ``tool_calls``.

    Nothing changes where the server found the calls itself, or the text holds none.
    """
    if not parser or response.tool_calls or not response.text or response.fault is not None:
        return response
    text, calls = _PARSERS[parser](response.text)
    if not calls:
        return response
    return attrs.evolve(response, text=text, tool_calls=tuple(calls))


def _hermes(text: str) -> _Found:
    """``<tool_call>{"name": ..., "arguments": {...}}</tool_call>``, of Hermes, Qwen 2.5 and 3:
    https://github.com/NousResearch/Hermes-Function-Calling."""
    calls: list[ToolCall] = []
    rest, place = [], 0
    while (start := text.find(_BEGIN, place)) >= 0:
        end = text.find(_END, start)
        found = _from_json(text[start + len(_BEGIN) : end if end >= 0 else None])
        if not found:
            return text, []
        calls += found
        rest.append(text[place:start])
        place = end + len(_END) if end >= 0 else len(text)
    rest.append(text[place:])
    return "".join(rest).strip(), calls


def _json(text: str) -> _Found:
    """A whole answer that is a call, or a list of them, as JSON; a Markdown fence is allowed."""
    calls = _from_json(_unfenced(text, "json"))
    return ("", calls) if calls else (text, [])


def _mistral(text: str) -> _Found:
    """``[TOOL_CALLS][{"name": ..., "arguments": {...}}]``, or since v11 ``[TOOL_CALLS]name{...}``
    once for each call: https://docs.mistral.ai/capabilities/function_calling."""
    before, mark, rest = text.partition("[TOOL_CALLS]")
    if not mark:
        return text, []
    calls = _from_json(rest.strip())
    if not calls:
        for piece in rest.split("[TOOL_CALLS]"):
            name, brace, arguments = piece.strip().partition("{")
            name = name.removesuffix("[ARGS]").strip()
            if not ((brace and name.isidentifier()) or re.fullmatch(r"[\w.-]+", name)):
                return text, []
            if _loads(brace + arguments) is None:
                return text, []
            calls.append(ToolCall(name=name, arguments=brace + arguments))
    return before.strip(), calls


def _llama(text: str) -> _Found:
    """``{"name": ..., "parameters": {...}}``, several divided by ``;``, perhaps after
    ``<|python_tag|>``: https://www.llama.com/docs/model-cards-and-prompt-formats/llama3_1."""
    body = text.replace("<|python_tag|>", "").strip()
    try:
        values = read_json_values(body, ";")
    except LiteralError:
        return text, []
    calls = [call for one in values if (call := _call(one)) is not None]
    return ("", calls) if calls and len(calls) == len(values) else (text, [])


def _pythonic(text: str) -> _Found:
    """``[name(a=1, b="x"), other()]``, of Llama 3.2 and 4 and the Berkeley leaderboard's prompts:
    https://gorilla.cs.berkeley.edu/blogs/8_berkeley_function_calling_leaderboard.html."""
    body = text.replace("<|python_start|>", "").replace("<|python_end|>", "").strip()
    body = _unfenced(body, "python")
    try:
        tree = parse(body if body.startswith("[") else f"[{body}]")
        if not isinstance(tree, Display) or not tree.elements:
            return text, []
        return "", [_python_call(one) for one in tree.elements]
    except LiteralError:
        return text, []


def _python_call(node: Expression) -> ToolCall:
    if not isinstance(node, Call) or node.positional:
        raise LiteralError("not a call with named arguments")
    name = source_of(node.function)
    if not _NAME.fullmatch(name):
        raise LiteralError(f"{name} is not the name of a function")
    arguments = {}
    for keyword in node.keywords:
        if keyword.name is None:
            raise LiteralError("'**' in a call")
        arguments[keyword.name] = value_of(keyword.value)
    try:
        return ToolCall(name=name, arguments=_dumps(arguments))
    except (TypeError, ValueError) as error:
        raise LiteralError(f"a value that JSON does not know: {error}") from error


def _unfenced(text: str, language: str) -> str:
    """The content of a Markdown fence that holds the whole text, else the text itself."""
    body = text.strip()
    if len(body) < 6 or not (body.startswith("```") and body.endswith("```")):
        return body
    head, _, rest = body[3:-3].partition("\n")
    return rest.strip() if head.strip() in ("", language) else body


def _from_json(text: str) -> list[ToolCall]:
    value = _loads(text)
    values = value if isinstance(value, list) else [value]
    calls = [call for one in values if (call := _call(one)) is not None]
    return calls if len(calls) == len(values) else []


def _loads(text: str) -> Any:
    try:
        return read_json(text)
    except LiteralError:
        return None


def _dumps(arguments: Any) -> str:
    """As JSON. Half a surrogate pair, which neither files nor requests can hold, stays escaped."""
    written = json.dumps(arguments, ensure_ascii=False)
    return written if _encodable(written) else json.dumps(arguments)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _call(value: Any) -> ToolCall | None:
    """``{"name", "arguments"}``, ``{"name", "parameters"}``, or either within ``"function"``."""
    if isinstance(value, dict) and isinstance(value.get("function"), dict):
        value = value["function"]
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(name, str) or not name or not _encodable(name):
        return None
    arguments = value.get("arguments", value.get("parameters", {}))
    if not isinstance(arguments, str):
        arguments = _dumps(arguments)
    return ToolCall(name=name, arguments=arguments)


_PARSERS: Mapping[str, Callable[[str], _Found]] = {
    "hermes": _hermes,
    "json": _json,
    "mistral": _mistral,
    "llama": _llama,
    "pythonic": _pythonic,
}
