"""The bytes of vLLM's streams, and of its whole answers."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any

import orjson

from aisbench_plugin_simulator.dialect import STREAM
from aisbench_plugin_simulator.logprobs import as_completion, echoed, ids_of, made
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.refusal import Refusal
from aisbench_plugin_simulator.reply import SimulatedReply
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.tokens import split_tokens
from aisbench_plugin_simulator.vllm_whole import FINGERPRINT, usage_of, whole_body

_dumps = orjson.dumps
DONE = b"data: [DONE]\n\n"


class VllmJson:
    """Encodes the answer to one request, or one choice of it: the one with the number ``index``
    of those that share the id of ``first``."""

    content_type = STREAM

    def __init__(
        self,
        asked: ParsedRequest,
        settings: SimulatorSettings,
        index: int = 0,
        first: VllmJson | None = None,
    ) -> None:
        self._asked = asked
        self._settings = settings
        self._index = index
        self._offset = 0
        self._answer: SimulatedReply | None = None
        self._named = -1
        """The number of the last call whose name was sent."""
        self._prompt_told = False
        # vLLM leaves the prompt's text out where it sends its ids.
        self._echo = asked.question if asked.echo and not asked.token_ids else ""
        self._field = settings.reasoning.field or "reasoning"
        if first is None:
            kind = "chatcmpl" if asked.chat else "cmpl"
            self._id = f"{kind}-{os.urandom(8).hex()}"
            self._created = int(time.time())
        else:
            self._id, self._created = first._id, first._created
        if asked.stream:
            self._encode_shared()

    def _encode_shared(self) -> None:
        """The events of one answer differ in little: what they share is encoded once."""
        asked = self._asked
        name = "chat.completion.chunk" if asked.chat else "text_completion"
        head = {"id": self._id, "object": name, "created": self._created, "model": asked.model}
        self._head = b"data: " + orjson.dumps(head)[:-1] + b',"choices":['
        self._open = self._head + b'{"index":' + str(self._index).encode()
        delta = f',"delta":{{"{self._field}":'.encode()
        self._reasoning = self._open + delta
        if asked.chat:
            self._content = self._open + b',"delta":{"content":'
            self._after = b'},"logprobs":null,"finish_reason":'
            self._close = b',"token_ids":null}]'
        else:
            self._content = self._open + b',"text":'
            self._after = b',"logprobs":null,"finish_reason":'
            self._close = b',"stop_reason":null,"prompt_token_ids":null,"token_ids":null}]'
        self._plain = self._after + b"null" + self._close + b"}\n\n"
        special = (asked.own_logprobs is not None, asked.token_ids, self._echo, asked.usage_always)
        self._fast = not any(special)
        """Whether an event is nothing but its text between what all share."""

    def choice(self, asked: ParsedRequest, index: int) -> VllmJson:
        """Encodes one of several choices of the same answer."""
        return VllmJson(asked, self._settings, index, self)

    def counted(self, asked: ParsedRequest) -> None:
        """``asked`` with all of its prompt's tokens."""
        self._asked = asked

    def opening(self, answer: SimulatedReply) -> bytes:
        """What precedes the first token: in a chat, the event with the role."""
        self._answer = answer
        self._fast = self._fast and not answer.calls
        if not self._asked.chat:
            return b""
        ids = b"null"
        if self._asked.token_ids:
            ids = orjson.dumps(ids_of(self._asked.scored))
        return (
            self._open
            + b',"delta":{"role":"assistant","content":""},"logprobs":null,'
            + b'"finish_reason":null}],"prompt_token_ids":'
            + ids
            + b',"prompt_text":null'
            + self._running_usage(0)
            + b"}\n\n"
        )

    def event(self, text: str, reasoning: bool, tokens: int) -> bytes:
        """An event with ``text``; ``tokens`` were made so far, these included."""
        if self._fast:
            return (self._reasoning if reasoning else self._content) + _dumps(text) + self._plain
        if self._answer is not None and self._answer.calls and not reasoning:
            return self._call_events(self._answer, text, tokens)
        head = self._reasoning if reasoning else self._content
        after, close = self._told(text, tokens), self._ids(text)
        data = orjson.dumps(self._echoing(text))
        return head + data + after + b"null" + close + self._running_usage(tokens) + b"}\n\n"

    def _call_events(self, answer: SimulatedReply, text: str, tokens: int) -> bytes:
        """A fragment of a call's arguments, with the call's name before its first one."""
        number = answer.call_at(tokens)
        opened = b""
        if number != self._named:
            self._named = number
            name = f"chatcmpl-tool-{os.urandom(8).hex()}"
            call = {"id": name, "type": "function", "index": number}
            function = {"function": {"name": answer.calls[number].name}}
            opened = self._call_event({**call, **function})
        return opened + self._call_event(
            {"index": number, "function": {"arguments": text}}, text, tokens
        )

    def _call_event(self, fragment: dict[str, Any], text: str = "", tokens: int = 0) -> bytes:
        delta = orjson.dumps({"content": None, "tool_calls": [fragment]})
        return (
            self._open
            + b',"delta":'
            + delta
            # Behind an object of its own, the delta needs no further brace.
            + self._told(text, tokens)[1:]
            + b"null"
            + self._ids(text)
            + self._running_usage(tokens)
            + b"}\n\n"
        )

    def _echoing(self, text: str) -> str:
        """With the prompt before it, which comes once, with the first event."""
        echo, self._echo = self._echo, ""
        return echo + text

    def _told(self, text: str, tokens: int) -> bytes:
        """What stands between the text and the reason to stop, with log-probabilities of the
        tokens in ``text``; ``tokens`` were made so far."""
        asked = self._asked
        echoed_too = bool(self._echo) and asked.logprobs is not None
        if (asked.own_logprobs is None or not text) and not echoed_too:
            return self._after
        parts = split_tokens(text)
        before = max(0, tokens - len(parts))
        entries = made(self._settings.seed, parts, before, asked.own_logprobs or 0)
        if asked.chat:
            told: dict[str, Any] = {"content": entries}
        else:
            told = self._completion_logprobs(entries, sum(map(len, parts)))
        return self._after.replace(b"null", orjson.dumps(told))

    def _completion_logprobs(
        self, entries: Sequence[dict[str, Any]], length: int
    ) -> dict[str, Any]:
        """Of the tokens of one event, and of the prompt before the first where it is echoed."""
        before: dict[str, Any] = {}
        if self._echo and self._asked.logprobs is not None and self._answer is not None:
            before = echoed(self._asked.scored, self._answer.scores, self._asked.logprobs)
            self._offset = sum(map(len, before["tokens"]))
        told = as_completion(entries, self._offset)
        self._offset += length
        return {key: [*before.get(key, ()), *value] for key, value in told.items()}

    def _ids(self, text: str) -> bytes:
        """The end of a choice, with the ids of ``text`` and, at first, of the prompt where they
        are asked for."""
        if not self._asked.token_ids:
            return self._close
        ids = orjson.dumps(ids_of(text)) if text else b"null"
        close = self._close.replace(b'"token_ids":null', b'"token_ids":' + ids)
        if self._asked.chat or self._prompt_told:
            return close
        self._prompt_told = True
        given = orjson.dumps(ids_of(self._asked.scored))
        return close.replace(b'"prompt_token_ids":null', b'"prompt_token_ids":' + given)

    def last(self, text: str, reasoning: bool, answer: SimulatedReply) -> bytes:
        """The event that says why the answer ends; its ``text`` may be empty."""
        self._answer = answer
        before = b""
        if answer.calls and text and not reasoning:
            before, text = self.event(text, reasoning, answer.tokens), ""
        finish = b'"' + answer.finish.encode() + b'","stop_reason":'
        finish += orjson.dumps(answer.stop_reason)
        close = self._ids(text).replace(b',"stop_reason":null', b"")
        after = self._told(text, answer.tokens)
        if answer.calls and not text and not reasoning:
            # As vLLM has it: nothing is added to what was called.
            body = self._open + b',"delta":{' + after
        else:
            head = self._reasoning if reasoning else self._content
            body = head + orjson.dumps(self._echoing(text)) + after
        return (
            before
            + body
            + finish
            + close
            + self._running_usage(answer.tokens)
            + (b"" if self._asked.usage else self._fingerprint())
            + b"}\n\n"
        )

    def closing(self, answer: SimulatedReply) -> bytes:
        """The usage, if it was asked for, and the end mark."""
        if not self._asked.usage:
            return DONE
        told = usage_of((self._asked, *self._asked.others), answer.tokens, answer.cached)
        usage = b'],"usage":' + orjson.dumps(told)
        return self._head + usage + self._fingerprint() + b"}\n\n" + DONE

    def failing(self, refusal: Refusal) -> bytes:
        """An error in the middle of a stream."""
        return b"data: " + refusal.body() + b"\n\n" + DONE

    def whole(self, answer: SimulatedReply) -> bytes:
        """The body of an answer that is not streamed."""
        return self.whole_of([(self._asked, answer)])

    def whole_of(self, choices: Sequence[tuple[ParsedRequest, SimulatedReply]]) -> bytes:
        """The same of an answer with several choices."""
        return whole_body(self._id, self._created, self._asked, choices, self._settings)

    def _running_usage(self, tokens: int) -> bytes:
        if not self._asked.usage_always:
            return b""
        return b',"usage":' + orjson.dumps(usage_of((self._asked,), tokens))

    def _fingerprint(self) -> bytes:
        return b',"system_fingerprint":"' + FINGERPRINT.encode() + b'"'
