"""OpenAI's Responses API, in the form in which vLLM answers it: the response with its items, and
the events that build them up."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from aisbench_plugin_simulator.checking import json_object
from aisbench_plugin_simulator.dialect import STREAM, Dialect, Writer
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.refusal import Refusal
from aisbench_plugin_simulator.reply import SimulatedReply
from aisbench_plugin_simulator.responses_items import Item, items_of
from aisbench_plugin_simulator.responses_request import read_responses
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.tokens import split_tokens


def _begin(
    body: bytes, route: Mapping[str, str], settings: SimulatorSettings
) -> tuple[ParsedRequest, Writer]:
    data = json_object(body)
    asked = read_responses(data, settings)
    return asked, ResponsesWriter(asked, data, settings.seed)


RESPONSES = Dialect(_begin, Refusal.body, openai=True)


class ResponsesWriter:
    """The events of each item in their order; the last event holds the response as a whole."""

    content_type = STREAM

    def __init__(
        self, asked: ParsedRequest, data: Mapping[str, Any] | None = None, seed: int = 0
    ) -> None:
        self._asked = asked
        self._data = data or {}
        self._seed = seed
        self._number = 0
        self._items: Sequence[Item] = ()
        self._open = -1
        """The number of the item whose events are being sent."""
        self._id = f"resp_{os.urandom(8).hex()}"
        self._created = int(time.time())

    def counted(self, asked: ParsedRequest) -> None:
        """``asked`` with all of its prompt's tokens."""
        self._asked = asked

    def opening(self, answer: SimulatedReply) -> bytes:
        self._items = items_of(answer, self._asked, self._seed)
        response = self._response("in_progress", [], None)
        return self._event("response.created", response=response) + self._event(
            "response.in_progress", response=response
        )

    def event(self, text: str, reasoning: bool, tokens: int) -> bytes:
        number = 0 if reasoning else self._place(tokens)
        item = self._items[number]
        before = self._until(number)
        where: dict[str, Any] = {"item_id": item.id, "output_index": number}
        if item.call:
            return before + self._event(item.delta, **where, delta=text)
        told = []
        if not reasoning and self._asked.own_logprobs is not None:
            parts = split_tokens(text)
            told = item.logprobs(parts, max(0, tokens - len(parts))) or []
        more = {} if reasoning else {"logprobs": told}
        return before + self._event(item.delta, **where, content_index=0, delta=text, **more)

    def _place(self, tokens: int) -> int:
        """The number of the item to which the last of the first ``tokens`` tokens belongs."""
        end = 0
        for number, item in enumerate(self._items):
            end += len(item.tokens)
            if tokens <= end and not item.reasoning:
                return number
        return len(self._items) - 1

    def _until(self, number: int) -> bytes:
        """The ends of the items before ``number``, and the beginnings of all to it."""
        out = b""
        while self._open < number:
            out += self._end() if self._open >= 0 else b""
            self._open += 1
            out += self._begin_item()
        return out

    def _begin_item(self) -> bytes:
        item, number = self._items[self._open], self._open
        out = self._event("response.output_item.added", output_index=number, item=item.begun())
        if item.call:
            return out
        return out + self._event(
            "response.content_part.added",
            item_id=item.id,
            output_index=number,
            content_index=0,
            part=item.part("", []),
        )

    def _end(self) -> bytes:
        item, number = self._items[self._open], self._open
        where: dict[str, Any] = {"item_id": item.id, "output_index": number}
        if item.call:
            said = {"name": item.name, "arguments": item.text}
            out = self._event(item.done, **where, **said)
        else:
            where["content_index"] = 0
            told = item.told()
            more = {} if item.reasoning else {"logprobs": told or []}
            out = self._event(item.done, **where, text=item.text, **more)
            part = item.part(item.text, told)
            out += self._event("response.content_part.done", **where, part=part)
        return out + self._event(
            "response.output_item.done", output_index=number, item=item.whole()
        )

    def last(self, text: str, reasoning: bool, answer: SimulatedReply) -> bytes:
        return self.event(text, reasoning, answer.tokens) if text else b""

    def closing(self, answer: SimulatedReply) -> bytes:
        out = self._until(len(self._items) - 1) + self._end()
        done = "response.incomplete" if answer.finish == "length" else "response.completed"
        return out + self._event(done, response=self._whole(answer))

    def failing(self, refusal: Refusal) -> bytes:
        return self._event("error", code="server_error", message=refusal.message, param=None)

    def whole(self, answer: SimulatedReply) -> bytes:
        self._items = items_of(answer, self._asked, self._seed)
        return orjson.dumps(self._whole(answer))

    def _event(self, kind: str, **values: Any) -> bytes:
        self._number += 1
        data = orjson.dumps({"type": kind, "sequence_number": self._number - 1, **values})
        return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"

    def _whole(self, answer: SimulatedReply) -> dict[str, Any]:
        given = self._asked.prompt_tokens
        usage = {
            "input_tokens": given,
            "input_tokens_details": {
                "cached_tokens": answer.cached or 0,
                "cache_write_tokens": 0,
                "input_tokens_per_turn": [],
                "cached_tokens_per_turn": [],
            },
            "output_tokens": answer.tokens,
            "output_tokens_details": {
                "reasoning_tokens": len(answer.reasoning),
                "tool_output_tokens": 0,
                "output_tokens_per_turn": [],
                "tool_output_tokens_per_turn": [],
            },
            "total_tokens": given + answer.tokens,
        }
        status = "incomplete" if answer.finish == "length" else "completed"
        return self._response(status, [item.whole() for item in self._items], usage)

    def _response(
        self, status: str, output: list[dict[str, Any]], usage: dict[str, Any] | None
    ) -> dict[str, Any]:
        data, asked = self._data, self._asked
        cut = {"reason": "max_output_tokens"} if status == "incomplete" else None
        tools = data.get("tools") or []
        return {
            "id": self._id,
            "created_at": self._created,
            "error": None,
            "incomplete_details": cut,
            "instructions": data.get("instructions"),
            "metadata": data.get("metadata"),
            "model": asked.model,
            "object": "response",
            "output": output,
            "parallel_tool_calls": data.get("parallel_tool_calls") is not False,
            "temperature": _or(data.get("temperature"), 1.0),
            "tool_choice": _or(data.get("tool_choice"), "auto" if tools else "none"),
            "tools": tools,
            "top_p": _or(data.get("top_p"), 1.0),
            "background": False,
            "max_output_tokens": asked.max_tokens,
            "max_tool_calls": data.get("max_tool_calls"),
            "previous_response_id": None,
            "prompt": None,
            "reasoning": data.get("reasoning"),
            "service_tier": "auto",
            "status": status,
            "text": data.get("text"),
            "top_logprobs": data.get("top_logprobs"),
            "truncation": _or(data.get("truncation"), "disabled"),
            "usage": usage,
            "user": data.get("user"),
            "presence_penalty": _or(data.get("presence_penalty"), 0.0),
            "frequency_penalty": _or(data.get("frequency_penalty"), 0.0),
            "kv_transfer_params": None,
            "ec_transfer_params": None,
            "input_messages": None,
            "output_messages": None,
        }


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value
