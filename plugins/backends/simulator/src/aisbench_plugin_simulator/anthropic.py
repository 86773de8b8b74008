"""Anthropic's Messages API, ``/v1/messages``, and its count of tokens.

Requests are read as chats (``asking``), so that they mean the same; the answers are written in the
events of https://docs.anthropic.com/en/api/messages-streaming.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web

from aisbench_plugin_simulator.asking import read_data
from aisbench_plugin_simulator.checking import missing, wrong_type
from aisbench_plugin_simulator.dialect import STREAM, Dialect, Writer, read_body
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.refusal import Refusal
from aisbench_plugin_simulator.reply import SimulatedReply
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.simulator import SIMULATOR

_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_FINISHES = {"length": "max_tokens", "tool_calls": "tool_use", "stop": "end_turn"}
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def _begin(
    body: bytes, route: Mapping[str, str], settings: SimulatorSettings
) -> tuple[ParsedRequest, Writer]:
    data = read_body(body)
    if data.get("max_tokens") is None:
        raise missing(data, "max_tokens")
    asked = read_data(as_chat(data), chat=True, settings=settings)
    return asked, MessagesWriter(asked)


async def count_tokens(request: web.Request) -> web.Response:
    """POST /v1/messages/count_tokens."""
    settings = request.app[SIMULATOR].settings
    status, body = 200, b""
    try:
        asked = read_data(as_chat(read_body(await request.read())), chat=True, settings=settings)
        body = orjson.dumps({"input_tokens": asked.prompt_tokens})
    except Refusal as refusal:
        status, body = refusal.status, error_body(refusal)
    return web.Response(status=status, body=body, content_type="application/json")


def error_body(refusal: Refusal) -> bytes:
    """``{"type": "error", "error": {"type", "message"}}``."""
    return orjson.dumps({"type": "error", "error": _error(refusal)})


def _error(refusal: Refusal) -> dict[str, str]:
    kind = _KINDS.get(
        refusal.status, "invalid_request_error" if refusal.status < 500 else "api_error"
    )
    return {"type": kind, "message": refusal.message}


def as_chat(data: dict[str, Any]) -> dict[str, Any]:
    """The body as one of the chat endpoint. Raises Refusal."""
    chat: dict[str, Any] = {
        key: data[key]
        for key in ("model", "max_tokens", "temperature", "top_p", "top_k", "stream")
        if data.get(key) is not None
    }
    if data.get("stop_sequences") is not None:
        chat["stop"] = data["stop_sequences"]
    messages = data.get("messages")
    if messages is None:
        raise missing(data, "messages")
    if not isinstance(messages, list):
        raise wrong_type("messages", "list", messages)
    system = data.get("system")
    turns = [{"role": "system", "content": system}] if system else []
    chat["messages"] = [*turns, *(turn for one in messages for turn in _turns(one))]
    if tools := data.get("tools"):
        chat["tools"] = [_tool(one, at) for at, one in enumerate(tools)]
    if isinstance(choice := data.get("tool_choice"), dict):
        named = {"type": "function", "function": {"name": choice.get("name")}}
        chat["tool_choice"] = _CHOICES.get(str(choice.get("type")), named)
        if choice.get("disable_parallel_tool_use"):
            chat["parallel_tool_calls"] = False
    return chat


def _turns(message: Any) -> list[Any]:
    """A turn; results of tools in it are turns of their own there."""
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list):
        return [message]
    results = [one for one in content if _type(one) == "tool_result"]
    rest = [
        _part(one) for one in content if _type(one) not in ("tool_result", "tool_use", "thinking")
    ]
    turns: list[Any] = [
        {"role": "tool", "content": _result(one), "tool_call_id": one.get("tool_use_id")}
        for one in results
    ]
    if rest or not results:
        turns.append({**message, "content": rest})
    return turns


def _type(part: Any) -> Any:
    return part.get("type") if isinstance(part, dict) else None


def _result(part: dict[str, Any]) -> Any:
    content = part.get("content")
    return [_part(one) for one in content] if isinstance(content, list) else content


def _part(part: Any) -> Any:
    """A picture as chats have it; all else as it is."""
    if _type(part) != "image":
        return part
    source = part.get("source")
    if not isinstance(source, dict):
        raise missing(part, "source")
    if source.get("type") == "url":
        url = source.get("url")
    else:
        url = f"data:{source.get('media_type')};base64,{source.get('data')}"
    return {"type": "image_url", "image_url": {"url": url}}


def _tool(tool: Any, at: int) -> dict[str, Any]:
    if not isinstance(tool, dict):
        raise wrong_type(f"tools.{at}", "dict", tool)
    function = {"name": tool.get("name"), "description": tool.get("description")}
    return {
        "type": "function",
        "function": {**function, "parameters": tool.get("input_schema")},
    }


class MessagesWriter:
    """Blocks of content, each with its start, its deltas and its stop."""

    content_type = STREAM

    def __init__(self, asked: ParsedRequest) -> None:
        self._asked = asked
        self._id = f"msg_{os.urandom(12).hex()}"
        self._answer = SimulatedReply()
        self._open: tuple[str, int] | None = None
        """The kind and number (among calls) of the block that is open."""
        self._index = -1

    def counted(self, asked: ParsedRequest) -> None:
        """Its tokens are known now, those of pictures included."""
        self._asked = asked

    def opening(self, answer: SimulatedReply) -> bytes:
        self._answer = answer
        message = {**self._message(None, [], None), "usage": self._usage(answer, 1)}
        return self._event("message_start", message=message) + self._event("ping")

    def event(self, text: str, reasoning: bool, tokens: int) -> bytes:
        answer = self._answer
        if reasoning:
            return self._delta("thinking", 0, {"type": "thinking_delta", "thinking": text})
        if answer.calls:
            number = answer.call_at(tokens)
            said = {"type": "input_json_delta", "partial_json": text}
            return self._delta("tool_use", number, said)
        return self._delta("text", 0, {"type": "text_delta", "text": text})

    def last(self, text: str, reasoning: bool, answer: SimulatedReply) -> bytes:
        return self.event(text, reasoning, answer.tokens) if text else b""

    def closing(self, answer: SimulatedReply) -> bytes:
        delta = {"stop_reason": _finish(answer), "stop_sequence": answer.stop_reason}
        usage = self._usage(answer, answer.tokens)
        return (
            self._close()
            + self._event("message_delta", delta=delta, usage=usage)
            + self._event("message_stop")
        )

    def failing(self, refusal: Refusal) -> bytes:
        return self._event("error", error=_error(refusal))

    def whole(self, answer: SimulatedReply) -> bytes:
        self._answer = answer
        content: list[dict[str, Any]] = []
        if answer.reasoning:
            thought = "".join(answer.reasoning)
            content.append({"type": "thinking", "thinking": thought, "signature": "c2ln"})
        if answer.calls:
            content += [
                {**self._call(number), "input": _arguments("".join(call.arguments))}
                for number, call in enumerate(answer.calls)
            ]
        elif answer.content:
            content.append({"type": "text", "text": "".join(answer.content)})
        message = self._message(_finish(answer), content, answer.stop_reason)
        return orjson.dumps({**message, "usage": self._usage(answer, answer.tokens)})

    def _delta(self, kind: str, number: int, delta: dict[str, Any]) -> bytes:
        """A delta of a block, which is opened before it, where another one is."""
        before = b""
        if self._open != (kind, number):
            before = self._close()
            self._index += 1
            self._open = (kind, number)
            block: dict[str, Any] = {"type": kind}
            if kind == "tool_use":
                block = {**self._call(number), "input": {}}
            elif kind == "thinking":
                block |= {"thinking": "", "signature": ""}
            else:
                block["text"] = ""
            before += self._event("content_block_start", index=self._index, content_block=block)
        return before + self._event("content_block_delta", index=self._index, delta=delta)

    def _close(self) -> bytes:
        if self._open is None:
            return b""
        kind, self._open = self._open[0], None
        signed = b""
        if kind == "thinking":
            delta = {"type": "signature_delta", "signature": "c2ln"}
            signed = self._event("content_block_delta", index=self._index, delta=delta)
        return signed + self._event("content_block_stop", index=self._index)

    def _call(self, number: int) -> dict[str, Any]:
        called = f"toolu_{self._id[4:20]}{number}"
        return {"type": "tool_use", "id": called, "name": self._answer.calls[number].name}

    def _message(
        self, finish: str | None, content: list[dict[str, Any]], stopped: str | None
    ) -> dict[str, Any]:
        return {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self._asked.model,
            "content": content,
            "stop_reason": finish,
            "stop_sequence": stopped,
        }

    def _usage(self, answer: SimulatedReply, tokens: int) -> dict[str, int]:
        """What the cache had is counted apart."""
        cached = answer.cached or 0
        return {
            "input_tokens": max(0, self._asked.prompt_tokens - cached),
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": cached,
            "output_tokens": tokens,
        }

    def _event(self, kind: str, **values: Any) -> bytes:
        data = orjson.dumps({"type": kind, **values})
        return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"


def _finish(answer: SimulatedReply) -> str:
    if answer.stop_reason is not None:
        return "stop_sequence"
    if answer.calls and answer.finish == "stop":
        return "tool_use"
    return _FINISHES.get(answer.finish, "end_turn")


def _arguments(text: str) -> Any:
    """An object; the empty one where the call was cut."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}


MESSAGES = Dialect(_begin, error_body)
