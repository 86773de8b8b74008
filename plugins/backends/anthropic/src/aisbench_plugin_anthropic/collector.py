"""What the events of a message, or its whole body, add up to."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from aisbench.api import Fault, FaultKind, FinishReason, Response, ToolCall, Usage
from aisbench.codec import (
    FaultCollector,
    count_of,
    cut_text,
    dumps,
    is_error,
    keep_counts,
    whole,
)

_REASONS = {
    "end_turn": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "pause_turn": FinishReason.STOP,
    "max_tokens": FinishReason.LENGTH,
    "model_context_window_exceeded": FinishReason.LENGTH,
    "tool_use": FinishReason.TOOL_CALLS,
    "refusal": FinishReason.REFUSAL,
}
_QUIET = frozenset({"ping", "content_block_stop"})
_SILENT = frozenset({"signature_delta", "citations_delta"})
"""Deltas that are no part of the answer's words."""
_WITHOUT_TEXT = frozenset({"redacted_thinking"})


@define
class _Block:
    """A block of content: text, thinking or a call, as far as it came."""

    kind: str
    pieces: list[str]
    id: str = ""
    name: str = ""
    given: Any = None
    """The arguments of a call that came whole."""


@define(eq=False)
class MessagesCollector(FaultCollector):
    """Accumulates events by their ``type`` (https://docs.anthropic.com/en/api/messages-streaming),
    or one message. Blocks are told apart by their ``index``, as they may come interleaved."""

    answering: bool = field(init=False, default=False)
    ended: bool = field(init=False, default=False)
    _blocks: dict[int, _Block] = field(init=False, factory=dict)
    _reason: Any = field(init=False, default=None)
    _usage: dict[str, Any] = field(init=False, factory=dict)
    _model: Any = field(init=False, default=None)
    _odd: dict[str, None] = field(init=False, factory=dict)

    def take(self, event: Any) -> int:
        """See :class:`aisbench.codec.Collector`."""
        kind = event.get("type") if type(event) is dict else None
        if kind == "content_block_delta":
            return self._take_delta(event)
        if kind == "content_block_start":
            self._start(event)
        elif kind in _QUIET:
            pass
        elif kind == "message_delta":
            self.begun = True
            delta = event.get("delta")
            if type(delta) is dict:
                self._reason = delta.get("stop_reason") or self._reason
            keep_counts(self._usage, event.get("usage"))
        elif kind == "message_start":
            self._take_message(event.get("message"))
        elif kind == "message":
            self._take_message(event)
            self.ended = True
        elif kind == "message_stop":
            self.begun = self.ended = True
        elif kind == "error" or (type(event) is dict and is_error(event.get("error"))):
            self.fail(event.get("error") or event, _said(event))
        else:
            self.alien = True
        return 0

    def _take_message(self, message: Any) -> None:
        if type(message) is not dict:
            self.alien = True
            return
        self.begun = True
        self._model = message.get("model")
        self._reason = message.get("stop_reason") or self._reason
        keep_counts(self._usage, message.get("usage"))
        content = message.get("content")
        for index, block in enumerate(content if type(content) is list else ()):
            self._start({"index": index, "content_block": block})

    def _start(self, event: dict[str, Any]) -> None:
        self.begun = True
        block, index = event.get("content_block"), event.get("index")
        kind = block.get("type") if type(block) is dict else None
        if type(block) is not dict or type(kind) is not str or type(index) is not int:
            self._odd["a block without type or index"] = None
            return
        first = block.get("thinking" if kind == "thinking" else "text")
        pieces = [first] if type(first) is str and first else []
        made = _Block(kind, pieces)
        if kind == "tool_use":
            made.id, made.name = _str(block.get("id")), _str(block.get("name"))
            made.given = block.get("input")
            self.answering = True
        elif kind not in ("text", "thinking", *_WITHOUT_TEXT):
            self._odd[f"a block of type {kind[:40]!r}"] = None
        self.answering = self.answering or (kind == "text" and bool(pieces))
        self._blocks[index] = made

    def _take_delta(self, event: dict[str, Any]) -> int:
        self.begun = True
        delta, index = event.get("delta"), event.get("index")
        if type(delta) is not dict or type(index) is not int:
            return 0
        kind = delta.get("type")
        if kind == "text_delta":
            return self._add(index, "text", delta.get("text"))
        if kind == "thinking_delta":
            return self._add(index, "thinking", delta.get("thinking"))
        if kind == "input_json_delta":
            return self._add(index, "tool_use", delta.get("partial_json"))
        if kind not in _SILENT:
            self._odd[f"a delta of type {str(kind)[:40]!r}"] = None
        return 0

    def _add(self, index: int, kind: str, piece: Any) -> int:
        if type(piece) is not str or not piece:
            return 0
        block = self._blocks.get(index)
        if block is None:
            block = self._blocks[index] = _Block(kind, [])
        block.pieces.append(piece)
        if kind != "thinking":
            self.answering = True
        return 1

    def response(self, cut: tuple[str, ...], fault: Fault | None) -> Response:
        """See :class:`aisbench.codec.Collector`."""
        blocks = [self._blocks[index] for index in sorted(self._blocks)]
        text = "".join(piece for one in blocks if one.kind == "text" for piece in one.pieces)
        thought = [piece for one in blocks if one.kind == "thinking" for piece in one.pieces]
        text, reason = cut_text(whole(text), cut, _reason(self._reason))
        calls, broken = _calls(blocks)
        model = self._model
        return Response(
            text=text,
            reasoning=whole("".join(thought)) if thought else None,
            finish_reason=reason,
            usage=_usage(self._usage),
            tool_calls=calls,
            model=whole(model) if isinstance(model, str) and model else None,
            fault=self.fault or fault or broken,
            ignored=tuple(self._odd),
        )


def _calls(blocks: list[_Block]) -> tuple[tuple[ToolCall, ...], Fault | None]:
    calls: list[ToolCall] = []
    for one in blocks:
        if one.kind != "tool_use":
            continue
        try:
            arguments = "".join(one.pieces) or _text({} if one.given is None else one.given)
        except RecursionError:
            said = "the arguments of a tool call are nested too deeply"
            return tuple(calls), Fault(kind=FaultKind.PROTOCOL, message=said)
        calls.append(ToolCall(id=one.id, name=one.name, arguments=whole(arguments)))
    return tuple(calls), None


def _reason(told: Any) -> FinishReason | None:
    if not told:
        return None
    return _REASONS.get(told, FinishReason.OTHER) if isinstance(told, str) else FinishReason.OTHER


def _usage(counts: dict[str, Any]) -> Usage:
    """``input_tokens`` are those that were neither read from the cache nor written into it."""
    fresh = count_of(counts, "input_tokens")
    read = count_of(counts, "cache_read_input_tokens")
    written = count_of(counts, "cache_creation_input_tokens")
    details = counts.get("output_tokens_details")
    return Usage(
        prompt_tokens=None if fresh is None else fresh + (read or 0) + (written or 0),
        completion_tokens=count_of(counts, "output_tokens"),
        cached_tokens=read,
        reasoning_tokens=count_of(details, "thinking_tokens"),
    )


def _str(value: Any) -> str:
    return whole(value) if isinstance(value, str) else ""


def _text(event: Any) -> str:
    """As JSON. Raises RecursionError."""
    return dumps(event).decode("utf-8", "replace")


def _said(event: Any) -> str:
    try:
        return _text(event)
    except RecursionError:
        return ""
