"""Reads a request of OpenAI's Responses API as the chat that it is."""

from __future__ import annotations

from typing import Any

import attrs

from aisbench_plugin_simulator.asking import read_data
from aisbench_plugin_simulator.checking import check_types, missing, wrong_type
from aisbench_plugin_simulator.constraint import of_format
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.refusal import OpenaiError, Refusal
from aisbench_plugin_simulator.settings import SimulatorSettings

_KINDS = {
    "max_output_tokens": "int",
    "instructions": "str",
    "text": "model",
    "include": "list",
    "tools": "list",
    "top_logprobs": "int",
    "metadata": "dict",
    "reasoning": "model",
    "background": "bool",
}
_UNSUPPORTED = ("background", "conversation", "prompt")
_SAME = (
    "model", "temperature", "top_p", "stream", "seed", "parallel_tool_calls", "top_k",
    "min_tokens",
    "ignore_eos", "stop", "presence_penalty", "frequency_penalty", "include_stop_str_in_output",
    "user",
)  # fmt: skip
_LOGPROBS = "message.output_text.logprobs"


def read_responses(data: dict[str, Any], settings: SimulatorSettings) -> ParsedRequest:
    """Raises Refusal."""
    check_types(data, _KINDS)
    for name in _UNSUPPORTED:
        if data.get(name):
            raise Refusal(400, f"{name} is not supported by the simulator.", param=name)
    if data.get("previous_response_id"):
        raise _no_previous(data["previous_response_id"])
    chat = {name: data[name] for name in _SAME if name in data}
    chat["messages"] = _messages(data)
    if data.get("max_output_tokens") is not None:
        chat["max_tokens"] = data["max_output_tokens"]
    if data.get("tools"):
        chat["tools"] = [_tool(tool, at) for at, tool in enumerate(data["tools"])]
        if "tool_choice" in data:
            chat["tool_choice"] = _choice(data["tool_choice"])
    if _LOGPROBS in (data.get("include") or ()):
        chat |= {"logprobs": True, "top_logprobs": data.get("top_logprobs") or 0}
    asked = read_data(chat, chat=True, settings=settings)
    form = (data.get("text") or {}).get("format")
    if form is not None:
        asked = attrs.evolve(asked, constraint=of_format(form, "text.format"))
    return attrs.evolve(asked, usage=False)


def _no_previous(name: object) -> Refusal:
    said = f"Previous response with id '{name}' not found."
    return Refusal(
        400,
        said,
        param="previous_response_id",
        openai=OpenaiError(said, "previous_response_not_found", "previous_response_id"),
    )


def _messages(data: dict[str, Any]) -> list[Any]:
    given = data.get("input")
    if given is None:
        raise missing(data, "input")
    before: list[Any] = []
    if data.get("instructions"):
        before.append({"role": "system", "content": data["instructions"]})
    if isinstance(given, str):
        return [*before, {"role": "user", "content": given}]
    if not isinstance(given, list):
        raise wrong_type("input", "str", given)
    return before + [_message(item, at) for at, item in enumerate(given)]


def _message(item: Any, at: int) -> dict[str, Any]:
    """The turn of a chat that an item is."""
    if not isinstance(item, dict):
        raise wrong_type(f"input.{at}", "dict", item)
    kind = item.get("type", "message")
    if kind == "message":
        return item
    if kind in ("function_call_output", "custom_tool_call_output"):
        return {"role": "tool", "content": item.get("output")}
    if kind == "function_call":
        return {"role": "assistant", "content": str(item.get("arguments") or "")}
    if kind == "reasoning":
        return {"role": "assistant", "content": _thought(item.get("content"))}
    said = f"input items of the type {kind!r} are not supported by the simulator."
    raise Refusal(400, said, param=f"input[{at}].type")


def _thought(content: object) -> str:
    """The texts of a reasoning item, whose parts have a type that chats do not have."""
    parts = content if isinstance(content, list) else ()
    texts = (part.get("text") for part in parts if isinstance(part, dict))
    return "\n".join(text for text in texts if isinstance(text, str))


def _tool(tool: Any, at: int) -> Any:
    """The function that stands beside the tool's type here, and within it in a chat."""
    if not isinstance(tool, dict) or tool.get("type") != "function" or "function" in tool:
        return tool
    if not isinstance(tool.get("name"), str):
        raise missing(tool, f"tools.{at}.name")
    return {"type": "function", "function": {k: v for k, v in tool.items() if k != "type"}}


def _choice(choice: Any) -> Any:
    if isinstance(choice, dict) and choice.get("type") == "function" and "name" in choice:
        return {"type": "function", "function": {"name": choice["name"]}}
    return choice
