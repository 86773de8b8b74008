"""The answer so far: what events, or one whole body, add up to."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from aisbench.api import Fault, FaultKind, Response, Scored, TokenLogprob, Usage
from aisbench.codec import (
    BROKEN,
    FaultCollector,
    Wanted,
    count_of,
    cut_text,
    finish_reason,
    is_error,
    joined,
    keep_counts,
    token_logprobs,
    whole,
)
from aisbench_plugin_vllm.content_parts import ContentParts
from aisbench_plugin_vllm.continuation_logprobs import from_echo, from_prompt, ids_of
from aisbench_plugin_vllm.error_body import error_body
from aisbench_plugin_vllm.tool_calls import ToolCalls


@define(eq=False)
class OpenAiCollector(FaultCollector):
    """Accumulates choice 0 of either endpoint.

    Fields: the `chat <https://platform.openai.com/docs/api-reference/chat-streaming>`_ and
    `completions <https://platform.openai.com/docs/api-reference/completions/object>`_ objects;
    ``reasoning`` and ``reasoning_content`` as in vLLM's `reasoning outputs
    <https://docs.vllm.ai/en/latest/features/reasoning_outputs.html>`_; ``token_ids`` is vLLM's,
    sent with ``return_token_ids``. With ``wanted`` the log-probabilities of a continuation are
    read, and no text.
    """

    wanted: Wanted | None = None
    earlier: tuple[Response, ...] = ()
    """The log-probabilities of the windows before this one, of a text scored in several."""
    logprobs: int | None = None
    """How many alternatives to each token of the answer are wanted; None: no log-probabilities."""
    answering: bool = field(init=False, default=False)
    """Text, a refusal or a tool call was seen, and not reasoning alone."""
    reason: Any = None
    """The last finish_reason, as the server wrote it."""
    _parts: ContentParts = field(factory=ContentParts)
    _usage: dict[str, Any] = field(factory=dict)
    _model: Any = None
    _calls: ToolCalls | None = None
    _echoed: Any = None
    _prompted: Any = None
    _ids: Any = None
    _told: list[Any] = field(factory=list)
    """Objects ``logprobs``, which are read at the end."""
    _more: bool = field(init=False)
    """Whether more than the text of events is wanted."""

    def __attrs_post_init__(self) -> None:
        self._more = self.wanted is not None or self.logprobs is not None

    @property
    def ended(self) -> bool:
        """See :class:`aisbench.codec.Collector`."""
        return bool(self.reason)

    def take(self, event: Any) -> int:
        """Add one event, or a whole body; 1 if it carries output tokens, else 0."""
        text = self.text_of(event)
        if text is not None:
            self._parts.text.append(text)
            self.answering = True
            return 1
        return self._take(event)

    def text_of(self, event: Any) -> str | None:
        """The text of an event that is text and nothing else, as nearly all of a stream are."""
        if not self.begun or self._model is None or self._more:
            return None
        try:
            (choice,) = event["choices"]
            delta = choice.get("delta")
            text = choice["text"] if delta is None else delta["content"]
            if (
                type(text) is str
                and text
                and (
                    "message" not in choice
                    if delta is None
                    else len(delta) == 1 or not any(map(delta.get, _BESIDES))
                )
                and choice["finish_reason"] is None
                and not choice["index"]
                and not event.get("usage")
                and not event.get("error")
            ):
                return text
        except (AttributeError, LookupError, TypeError, ValueError):
            pass  # of another form
        return None

    def add_texts(self, texts: list[str]) -> None:
        """Add the texts of so many events of that kind."""
        self._parts.text += texts
        self.answering = True

    def _take(self, event: Any) -> int:
        if type(event) is not dict:
            self.alien = True
            return 0
        if is_error(event.get("error")):
            self._fail(event)
        if self._model is None:
            self._model = event.get("model")
        if usage := event.get("usage"):
            keep_counts(self._usage, usage)
        choices = event.get("choices")
        if type(choices) is not list:
            if event.get("object") == "error":
                self._fail(event)
            elif not usage:
                self.alien = True
            return 0
        if not choices and not usage:
            self.alien = True
        tokens = 0
        for choice in choices:
            # A server that numbers no choices has one. With n > 1 the others are not asked for.
            if type(choice) is dict and not choice.get("index"):
                tokens |= self._take_choice(choice, event)
        return tokens

    def _take_choice(self, choice: dict[str, Any], event: dict[str, Any]) -> int:
        self.begun = True
        if is_error(choice.get("error")):
            self._fail(choice)
        if self.wanted is not None:
            self._echoed = choice.get("logprobs")
            self._prompted = choice.get("prompt_logprobs") or event.get("prompt_logprobs")
            self._ids = choice.get("prompt_token_ids") or event.get("prompt_token_ids")
        elif self.logprobs is not None and (told := choice.get("logprobs")):
            self._told.append(told)
        delta, message = choice.get("delta"), False
        if delta is None:
            delta, message = choice.get("message"), True
        if type(delta) is dict:
            tokens = self._take_said(delta, delta.get("content"))
        else:
            delta = _NOTHING
            tokens = self._take_said(delta, choice.get("text"))
        if not _CALLS.isdisjoint(delta) and self._take_calls(delta, message):
            self.answering = True
            tokens = 1
        elif not tokens and choice.get("token_ids"):
            tokens = 1
        if reason := choice.get("finish_reason"):
            self.reason = reason
        return tokens

    def _broken(self) -> Fault | None:
        """What is wrong with an answer that arrived as a whole."""
        if self._calls is not None and self._calls.unreadable:
            said = "the arguments of a tool call are nested too deeply"
            return Fault(kind=FaultKind.PROTOCOL, message=said)
        if isinstance(self.reason, str) and self.reason in BROKEN:
            said = f"the server ended the answer with finish_reason {self.reason!r}"
            return Fault(kind=FaultKind.SERVER, message=said)
        return None

    def response(self, cut: tuple[str, ...], fault: Fault | None) -> Response:
        """Everything, the text ending before the first of the strings ``cut``.

        ``fault`` is what the decoder found; an error that the server named comes first.
        """
        parts = self._parts
        text, reason = cut_text(whole("".join(parts.text)), cut, finish_reason(self.reason))
        fault = self.fault or self._broken() or fault
        scored = None
        if self.wanted is not None:
            text = ""
            if fault is None:
                found = self._score(self.wanted)
                scored, fault = (found, None) if isinstance(found, Scored) else (None, found)
        model = self._model
        return self._behind_earlier(
            Response(
                text=text,
                reasoning=whole("".join(parts.reasoning)) if parts.reasoning else None,
                refusal=whole("".join(parts.refusal)) if parts.refusal else None,
                finish_reason=reason,
                usage=self._read_usage(),
                tool_calls=() if self._calls is None else self._calls.made(),
                scored=scored,
                model=whole(model) if isinstance(model, str) and model else None,
                fault=fault,
                ignored=tuple(parts.odd),
                tokens=self._tokens(),
            )
        )

    def _behind_earlier(self, response: Response) -> Response:
        if not self.earlier or response.fault is not None:
            return response
        return joined((*self.earlier, response))

    def _tokens(self) -> tuple[TokenLogprob, ...]:
        most = self.logprobs or 0
        return tuple(one for told in self._told for one in token_logprobs(told, most))

    def _take_said(self, delta: dict[str, Any], content: Any) -> int:
        """Take text, reasoning and words that decline; 1 if there are any, else 0."""
        parts = self._parts
        said, thought = len(parts.text) + len(parts.refusal), len(parts.reasoning)
        if content:
            parts.add(content)
        for name in _REASONINGS:
            # vLLM's name changed in 0.12; versions in between send the same text as both.
            if reasoning := delta.get(name):
                parts.think(reasoning)
                break
        if refusal := delta.get("refusal"):
            parts.decline(refusal)
        if len(parts.text) + len(parts.refusal) > said:
            self.answering = True
            return 1
        return int(len(parts.reasoning) > thought)

    def _take_calls(self, delta: dict[str, Any], message: bool) -> bool:
        found, old = delta.get("tool_calls"), delta.get("function_call")
        if not found and not old:
            return False
        if self._calls is None:
            self._calls = ToolCalls()
        take = self._calls.take_whole if message else self._calls.take
        return bool(found and take(found)) or bool(old and self._calls.take_old(old))

    def _score(self, wanted: Wanted) -> Scored | Fault:
        ids = ids_of(self._ids)
        if isinstance(self._echoed, dict):
            count = count_of(self._usage, "prompt_tokens")
            return from_echo(wanted, self._echoed, ids, count, self._prompted)
        return from_prompt(wanted, self._prompted, ids)

    def _fail(self, event: dict[str, Any]) -> None:
        self.fail(event.get("error") or event, error_body(event))

    def _read_usage(self) -> Usage:
        usage = self._usage
        return Usage(
            prompt_tokens=count_of(usage, "prompt_tokens"),
            completion_tokens=count_of(usage, "completion_tokens"),
            cached_tokens=count_of(usage.get("prompt_tokens_details"), "cached_tokens"),
            reasoning_tokens=count_of(usage.get("completion_tokens_details"), "reasoning_tokens"),
        )


_CALLS = frozenset(("tool_calls", "function_call"))
_REASONINGS = ("reasoning_content", "reasoning", "reasoning_details", "thinking")
"""vLLM's, DeepSeek's and OpenRouter's names; Ollama's."""
_BESIDES = (*_REASONINGS, "refusal", *_CALLS)
"""What an event may say beside text."""
_NOTHING: dict[str, Any] = {}
