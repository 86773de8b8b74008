"""Tool calls that a model wrote into its text, where the server left them there.

Each parser is one family's own format. What does not follow it stays text: nothing is guessed.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs

from aisbench.types.response import Response
from aisbench.types.tools import ToolCall

ToolParser = Literal["", "hermes", "json", "mistral", "llama", "pythonic"]

_Found = tuple[str, list[ToolCall]]
_HERMES = re.compile(r"<tool_call>\s*(.*?)\s*(?:</tool_call>|\Z)", re.DOTALL)
_FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?```\s*\Z", re.DOTALL)


def find_calls(response: Response, parser: ToolParser) -> Response:
    """The response with the calls in its text moved to ``tool_calls``.

    Nothing is changed where the server found calls itself, or the text holds none.
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
    for match in _HERMES.finditer(text):
        found = _from_json(match.group(1))
        if not found:
            return text, []
        calls += found
    return _HERMES.sub("", text).strip(), calls


def _json(text: str) -> _Found:
    """A whole answer that is a call, or a list of them, as JSON; a Markdown fence is allowed."""
    fenced = _FENCE.match(text)
    calls = _from_json(fenced.group(1) if fenced else text)
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
    calls: list[ToolCall] = []
    decoder = json.JSONDecoder()
    while body:
        try:
            value, end = decoder.raw_decode(body)
        except ValueError:
            return text, []
        call = _call(value)
        if call is None:
            return text, []
        calls.append(call)
        body = body[end:].lstrip().removeprefix(";").lstrip()
    return "", calls


def _pythonic(text: str) -> _Found:
    """``[name(a=1, b="x"), other()]``, of Llama 3.2 and 4 and the Berkeley leaderboard's prompts:
    https://gorilla.cs.berkeley.edu/blogs/8_berkeley_function_calling_leaderboard.html."""
    body = text.replace("<|python_start|>", "").replace("<|python_end|>", "").strip()
    fenced = re.match(r"\A```(?:python)?\s*\n(.*?)\n?```\Z", body, re.DOTALL)
    body = fenced.group(1).strip() if fenced else body
    if not body.startswith("["):
        body = f"[{body}]"
    try:
        tree = ast.parse(body, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text, []
    if not isinstance(tree, ast.List) or not tree.elts:
        return text, []
    calls = []
    for node in tree.elts:
        call = _python_call(node)
        if call is None:
            return text, []
        calls.append(call)
    return "", calls


def _python_call(node: ast.expr) -> ToolCall | None:
    if not isinstance(node, ast.Call) or node.args:
        return None
    name = ast.unparse(node.func)
    if not re.fullmatch(r"\w+(\.\w+)*", name):
        return None
    arguments = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            return None
        try:
            arguments[keyword.arg] = ast.literal_eval(keyword.value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return None
    try:
        return ToolCall(name=name, arguments=json.dumps(arguments, ensure_ascii=False))
    except (TypeError, ValueError):
        return None


def _from_json(text: str) -> list[ToolCall]:
    value = _loads(text)
    values = value if isinstance(value, list) else [value]
    calls = [call for one in values if (call := _call(one)) is not None]
    return calls if len(calls) == len(values) else []


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _call(value: Any) -> ToolCall | None:
    """``{"name", "arguments"}``, ``{"name", "parameters"}``, or either within ``"function"``."""
    if isinstance(value, dict) and isinstance(value.get("function"), dict):
        value = value["function"]
    if not isinstance(value, dict) or not isinstance(value.get("name"), str) or not value["name"]:
        return None
    arguments = value.get("arguments", value.get("parameters", {}))
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    return ToolCall(name=value["name"], arguments=arguments)


_PARSERS: Mapping[str, Callable[[str], _Found]] = {
    "hermes": _hermes,
    "json": _json,
    "mistral": _mistral,
    "llama": _llama,
    "pythonic": _pythonic,
}
