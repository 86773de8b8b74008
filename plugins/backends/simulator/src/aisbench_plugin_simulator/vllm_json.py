"""The bytes of vLLM's answers."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any

import orjson

from aisbench_plugin_simulator.dialect import STREAM
from aisbench_plugin_simulator.logprobs import as_completion, echoed, ids_of, made, of_prompt
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.refusal import Refusal
from aisbench_plugin_simulator.reply import SimulatedReply
from aisbench_plugin_simulator.tokens import split_tokens

DONE = b"data: [DONE]\n\n"
FINGERPRINT = "simulator"


class VllmJson:
    """Encodes the answer to one request; ``field`` is the key of reasoning in chat answers."""

    content_type = STREAM

    def __init__(self, asked: ParsedRequest, field: str, seed: int = 0) -> None:
        self._asked = asked
        self._seed = seed
        self._offset = 0
        self._field = field
        kind = "chatcmpl" if asked.chat else "cmpl"
        self._id = f"{kind}-{os.urandom(8).hex()}"
        self._call: dict[str, Any] = {}
        self._created = int(time.time())
        name = "chat.completion.chunk" if asked.chat else "text_completion"
        head = {"id": self._id, "object": name, "created": self._created, "model": asked.model}
        # The events of one answer differ in little: what they share is encoded once.
        self._head = b"data: " + orjson.dumps(head)[:-1] + b',"choices":['
        delta = f'{{"index":0,"delta":{{"{field}":'.encode()
        self._reasoning = self._head + delta
        if asked.chat:
            self._content = self._head + b'{"index":0,"delta":{"content":'
            self._after = b'},"logprobs":null,"finish_reason":'
            self._close = b',"token_ids":null}]'
        else:
            self._content = self._head + b'{"index":0,"text":'
            self._after = b',"logprobs":null,"finish_reason":'
            self._close = b',"stop_reason":null,"prompt_token_ids":null,"token_ids":null}]'
        self._plain = self._after + b"null" + self._close

    def opening(self, answer: SimulatedReply) -> bytes:
        """What precedes the first token: in a chat, the event with the role, and the name of a
        function that is called."""
        if not self._asked.chat:
            return b""
        role = (
            self._head
            + b'{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,'
            + b'"finish_reason":null}],"prompt_token_ids":null,"prompt_text":null'
            + self._running_usage(0)
            + b"}\n\n"
        )
        if not answer.call:
            return role
        self._call = {"id": f"chatcmpl-tool-{os.urandom(8).hex()}", "type": "function", "index": 0}
        return role + self._call_event({**self._call, "function": {"name": answer.call}})

    def _call_event(self, fragment: dict[str, Any], finish: bytes = b"null") -> bytes:
        delta = orjson.dumps({"content": None, "tool_calls": [fragment]})
        return (
            self._head
            + b'{"index":0,"delta":'
            + delta
            + b',"logprobs":null,"finish_reason":'
            + finish
            + b',"token_ids":null}]}\n\n'
        )

    def event(self, text: str, reasoning: bool, tokens: int) -> bytes:
        """An event with ``text``; ``tokens`` were made so far, these included."""
        if self._call and not reasoning:
            return self._call_event({"index": 0, "function": {"arguments": text}})
        head = self._reasoning if reasoning else self._content
        plain = self._plain
        if self._asked.own_logprobs is not None:
            plain = self._told(text, tokens) + b"null" + self._close
        return head + orjson.dumps(text) + plain + self._running_usage(tokens) + b"}\n\n"

    def _told(self, text: str, tokens: int) -> bytes:
        """What stands between the text and the reason to stop, with log-probabilities of the
        tokens in ``text``; ``tokens`` were made so far."""
        if self._asked.own_logprobs is None or not text:
            return self._after
        parts = split_tokens(text)
        told = self._logprobs(parts, max(0, tokens - len(parts)))
        return self._after.replace(b"null", orjson.dumps(told))

    def _logprobs(self, tokens: Sequence[str], first: int) -> dict[str, Any]:
        entries = made(self._seed, tokens, first, self._asked.own_logprobs or 0)
        if self._asked.chat:
            return {"content": entries}
        offset = self._offset
        self._offset += sum(map(len, tokens))
        return as_completion(entries, offset)

    def last(self, text: str, reasoning: bool, answer: SimulatedReply) -> bytes:
        """The event that says why the answer ends; its ``text`` may be empty."""
        before = b""
        if self._call and text and not reasoning:
            before, text = self.event(text, reasoning, answer.tokens), ""
        head = self._reasoning if reasoning else self._content
        finish = b'"' + answer.finish.encode() + b'","stop_reason":'
        close = (
            b',"token_ids":null}]'
            if self._asked.chat
            else b',"prompt_token_ids":null,"token_ids":null}]'
        )
        return (
            before
            + head
            + orjson.dumps(text)
            + self._told(text, answer.tokens)
            + finish
            + orjson.dumps(answer.stop_reason)
            + close
            + self._running_usage(answer.tokens)
            + (b"" if self._asked.usage else self._fingerprint())
            + b"}\n\n"
        )

    def closing(self, answer: SimulatedReply) -> bytes:
        """The usage, if it was asked for, and the end mark."""
        if not self._asked.usage:
            return DONE
        usage = b'],"usage":' + orjson.dumps(self._usage(answer.tokens, answer.cached))
        return self._head + usage + self._fingerprint() + b"}\n\n" + DONE

    def failing(self, refusal: Refusal) -> bytes:
        """An error in the middle of a stream."""
        return b"data: " + refusal.body() + b"\n\n" + DONE

    def whole(self, answer: SimulatedReply) -> bytes:
        """The body of an answer that is not streamed."""
        asked = self._asked
        text = "".join(answer.content)
        choice: dict[str, Any] = {"index": 0}
        end: dict[str, Any] = {"kv_transfer_params": None, "ec_transfer_params": None}
        if asked.chat:
            message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
            message |= {"annotations": None}
            message |= {"audio": None, "function_call": None, "reasoning": None}
            if answer.reasoning:
                message[self._field] = "".join(answer.reasoning)
            if answer.call:
                call = {"name": answer.call, "arguments": text}
                name = f"chatcmpl-tool-{os.urandom(8).hex()}"
                message["tool_calls"] = [{"id": name, "type": "function", "function": call}]
                message["content"] = ""
            if asked.prompt_logprobs:
                end["prompt_logprobs"] = of_prompt(asked.scored, answer.scores)
            if asked.token_ids:
                end["prompt_token_ids"] = ids_of(asked.scored)
            choice["message"] = message
            end = {
                "prompt_logprobs": None,
                "prompt_token_ids": None,
                "prompt_text": None,
                **end,
            }
        else:
            # vLLM leaves the prompt's text out where it sends its ids.
            echo = asked.echo and not asked.token_ids
            choice["text"] = asked.question + text if echo else text
        choice |= {
            "logprobs": None,
            "finish_reason": answer.finish,
            "stop_reason": answer.stop_reason,
            "token_ids": None,
        }
        if asked.own_logprobs is not None:
            choice["logprobs"] = self._logprobs([*answer.reasoning, *answer.content], 0)
        if not asked.chat:
            told = of_prompt(asked.scored, answer.scores) if asked.prompt_logprobs else None
            ids = ids_of(asked.scored) if asked.token_ids else None
            choice |= {"prompt_logprobs": told, "prompt_token_ids": ids}
            if asked.logprobs is not None:
                choice["logprobs"] = echoed(asked.scored, answer.scores, asked.logprobs)
        details = {"prompt_tokens_details": None, "completion_tokens_details": None}
        body = {
            "id": self._id,
            "object": "chat.completion" if asked.chat else "text_completion",
            "created": self._created,
            "model": asked.model,
            "choices": [choice | {"routed_experts": None}],
            "service_tier": None,
            "system_fingerprint": FINGERPRINT,
            "usage": details | self._usage(answer.tokens, answer.cached),
        }
        return orjson.dumps(body | end | {"metrics": None})

    def _usage(self, tokens: int, cached: int | None = None) -> dict[str, Any]:
        prompt = self._asked.prompt_tokens
        told = {} if cached is None else {"prompt_tokens_details": {"cached_tokens": cached}}
        return told | {
            "prompt_tokens": prompt,
            "total_tokens": prompt + tokens,
            "completion_tokens": tokens,
        }

    def _running_usage(self, tokens: int) -> bytes:
        if not self._asked.usage_always:
            return b""
        return b',"usage":' + orjson.dumps(self._usage(tokens))

    def _fingerprint(self) -> bytes:
        return b',"system_fingerprint":"' + FINGERPRINT.encode() + b'"'
