"""What the events of the Responses API, or its whole body, add up to."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from aisbench.api import (
    Fault,
    FaultKind,
    FinishReason,
    Response,
    TokenLogprob,
    ToolCall,
    Usage,
)
from aisbench.codec import FaultCollector, count_of, cut_text, is_error, token_logprobs, whole
from aisbench_plugin_vllm.content_parts import ContentParts
from aisbench_plugin_vllm.error_body import error_body

_TEXT = "response.output_text.delta"
_REFUSAL = "response.refusal.delta"
_REASONING = frozenset(
    {
        "response.reasoning_text.delta",
        "response.reasoning_summary_text.delta",
        "response.reasoning_part.delta",
    }
)
_CALL = "response.function_call_arguments.delta"
_LAST = frozenset({"response.completed", "response.incomplete", "response.failed"})


@define(eq=False)
class ResponsesCollector(FaultCollector):
    """Accumulates events by their ``type``, see
    https://platform.openai.com/docs/api-reference/responses-streaming, or one ``response``.

    The last event holds the response as a whole: its items are the answer, and the deltas before
    it count only where the stream was cut.
    """

    logprobs: int | None = None
    """How many alternatives to each token of the answer are wanted; None: no log-probabilities."""
    answering: bool = field(init=False, default=False)
    _told: list[Any] = field(init=False, factory=list)
    _parts: ContentParts = field(factory=ContentParts)
    _whole: dict[str, Any] | None = None

    @property
    def ended(self) -> bool:
        """See :class:`aisbench.codec.Collector`."""
        return self._whole is not None

    def take(self, event: Any) -> int:
        """See :class:`aisbench.codec.Collector`."""
        if type(event) is not dict:
            self.alien = True
            return 0
        kind = event.get("type")
        if type(kind) is not str:
            kind = ""
        if event.get("object") == "response":
            self._take_whole(event)
        elif kind == _TEXT:
            if self.logprobs is not None and (told := event.get("logprobs")):
                self._told.append(told)
            return self._add(self._parts.text, event, answer=True)
        elif kind == _REFUSAL:
            return self._add(self._parts.refusal, event, answer=True)
        elif kind in _REASONING:
            return self._add(self._parts.reasoning, event, answer=False)
        elif kind == _CALL:
            return self._add([], event, answer=True)
        elif kind in _LAST and type(event.get("response")) is dict:
            self._take_whole(event["response"])
        elif kind == "error" or is_error(event.get("error")):
            self._fail(event)
        elif kind.startswith("response."):
            self.begun = True
        else:
            self.alien = True
        return 0

    def _add(self, pieces: list[str], event: dict[str, Any], *, answer: bool) -> int:
        self.begun = True
        delta = event.get("delta")
        if type(delta) is not str or not delta:
            return 0
        pieces.append(delta)
        self.answering = self.answering or answer
        return 1

    def _take_whole(self, response: dict[str, Any]) -> None:
        self.begun = True
        self._whole = response
        error = response.get("error") if is_error(response.get("error")) else None
        if error or response.get("status") == "failed":
            self._fail({"error": error or "the response failed"})

    def _fail(self, event: dict[str, Any]) -> None:
        self.fail(event.get("error") or event, error_body(event))

    def response(self, cut: tuple[str, ...], fault: Fault | None) -> Response:
        """See :class:`aisbench.codec.Collector`."""
        body = self._whole or {}
        output = body.get("output")
        items = [one for one in output if type(one) is dict] if type(output) is list else []
        parts = self._parts
        calls: list[ToolCall] = []
        if self._whole is not None:
            parts = _said(items, parts)
            calls = [_call(one) for one in items if one.get("type") == "function_call"]
        text, reason = cut_text(whole("".join(parts.text)), cut, self._reason(body, bool(calls)))
        model = body.get("model")
        if self._whole is not None and type(output) is not list and self.fault is None:
            fault = fault or Fault(
                kind=FaultKind.PROTOCOL, message="the response has no list `output`"
            )
        return Response(
            text=text,
            reasoning=whole("".join(parts.reasoning)) if parts.reasoning else None,
            refusal=whole("".join(parts.refusal)) if parts.refusal else None,
            finish_reason=reason,
            usage=_usage(body.get("usage")),
            tool_calls=tuple(calls),
            model=whole(model) if isinstance(model, str) and model else None,
            fault=self.fault or fault,
            ignored=tuple(parts.odd),
            tokens=self._tokens(items),
        )

    def _tokens(self, items: list[dict[str, Any]]) -> tuple[TokenLogprob, ...]:
        """Those of the whole response, or as they were streamed."""
        if self.logprobs is None:
            return ()
        parts = [
            part
            for one in items
            if one.get("type") == "message" and type(one.get("content")) is list
            for part in one["content"]
            if type(part) is dict
        ]
        told = [part.get("logprobs") for part in parts if part.get("logprobs")] or self._told
        return tuple(one for some in told for one in token_logprobs(some, self.logprobs))

    def _reason(self, body: dict[str, Any], calls: bool) -> FinishReason | None:
        details = body.get("incomplete_details")
        why = details.get("reason") if isinstance(details, dict) else None
        if why == "max_output_tokens":
            return FinishReason.LENGTH
        if why == "content_filter":
            return FinishReason.CONTENT_FILTER
        if body.get("status") == "completed":
            return FinishReason.TOOL_CALLS if calls else FinishReason.STOP
        return FinishReason.OTHER if body.get("status") == "incomplete" else None


def _said(items: list[dict[str, Any]], streamed: ContentParts) -> ContentParts:
    """What the items hold; kinds of which they hold nothing as they were streamed."""
    found = ContentParts()
    for one in items:
        kind = one.get("type")
        if kind == "message":
            found.add(one.get("content"))
        elif kind == "reasoning":
            before = len(found.reasoning)
            found.think(one.get("content"))
            if len(found.reasoning) == before:
                found.think(one.get("summary"))
        elif kind != "function_call":
            found.odd[f"an item of type {str(kind)[:40]!r}"] = None
    if not found.text and not found.refusal:
        found.text, found.refusal = streamed.text, streamed.refusal
    found.reasoning = found.reasoning or streamed.reasoning
    return found


def _usage(counts: Any) -> Usage:
    if not isinstance(counts, dict):
        return Usage()
    return Usage(
        prompt_tokens=count_of(counts, "input_tokens"),
        completion_tokens=count_of(counts, "output_tokens"),
        cached_tokens=count_of(counts.get("input_tokens_details"), "cached_tokens"),
        reasoning_tokens=count_of(counts.get("output_tokens_details"), "reasoning_tokens"),
    )


def _call(item: dict[str, Any]) -> ToolCall:
    def text(name: str) -> str:
        value = item.get(name)
        return whole(value) if isinstance(value, str) else ""

    return ToolCall(id=text("call_id"), name=text("name"), arguments=text("arguments"))
