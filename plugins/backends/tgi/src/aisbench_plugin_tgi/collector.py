"""What events, or one whole body, add up to."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from aisbench.api import Fault, FaultKind, Response, Scored, TokenLogprob, Usage
from aisbench.codec import (
    FaultCollector,
    Uncut,
    Wanted,
    begin_of,
    count_of,
    cut_text,
    finish_reason,
    is_error,
    logprob_of,
    most_probable,
    number_of,
    whole,
)


@define(eq=False)
class TgiCollector(FaultCollector):
    """Accumulates ``GenerateResponse`` or ``StreamResponse`` objects of
    https://huggingface.github.io/text-generation-inference.

    A stream has one event a token; the last one has ``generated_text``, which is the whole text,
    and ``details``. With ``wanted`` the log-probabilities of a continuation are read from
    ``details.prefill``, and no text.
    """

    wanted: Wanted | None = None
    logprobs: int | None = None
    """How many alternatives to each token of the answer are wanted; None: no log-probabilities."""
    _texts: list[str] = field(factory=list)
    _full: str | None = None
    _details: dict[str, Any] = field(factory=dict)
    _tokens: list[tuple[Any, Any]] = field(factory=list)
    """Each token of the stream, and the likeliest at its place."""

    @property
    def ended(self) -> bool:
        """See :class:`aisbench.codec.Collector`."""
        return self._full is not None

    def take(self, event: Any) -> int:
        """See :class:`aisbench.codec.Collector`."""
        if type(event) is list and len(event) == 1:
            # The compatibility route "/" answers with a list of one.
            event = event[0]
        if type(event) is not dict:
            self.alien = True
            return 0
        if is_error(event.get("error")):
            self.fail(event.get("error"), "")
            return 0
        token = event.get("token")
        full = event.get("generated_text")
        if type(token) is not dict and type(full) is not str:
            self.alien = True
            return 0
        self.begun = True
        if type(full) is str:
            self._full = full
        if type(event.get("details")) is dict:
            self._details = event["details"]
        if type(token) is not dict or token.get("special"):
            return 0
        if self.logprobs is not None:
            self._tokens.append((token, event.get("top_tokens")))
        if type(text := token.get("text")) is str:
            self._texts.append(text)
        return 1

    def response(self, cut: tuple[str, ...], fault: Fault | None) -> Response:
        """See :class:`aisbench.codec.Collector`."""
        details = self._details
        text = whole(self._full if self._full is not None else "".join(self._texts))
        text, reason = cut_text(text, cut, finish_reason(details.get("finish_reason")))
        prompt_tokens = count_of(details, "input_length")
        prefill = details.get("prefill")
        if prompt_tokens is None and isinstance(prefill, list) and prefill:
            prompt_tokens = len(prefill)
        fault = self.fault or fault
        scored = None
        if self.wanted is not None and fault is None:
            text = ""
            found = _score(prefill, self.wanted)
            scored, fault = (found, None) if isinstance(found, Scored) else (None, found)
        return Response(
            text=text,
            finish_reason=reason,
            usage=Usage(
                prompt_tokens=prompt_tokens,
                completion_tokens=count_of(details, "generated_tokens"),
            ),
            scored=scored,
            fault=fault,
            tokens=self._logprobs() if self.wanted is None else (),
        )

    def _logprobs(self) -> tuple[TokenLogprob, ...]:
        """The tokens of the answer, as they were streamed, or in the details of a whole one."""
        most = self.logprobs
        if most is None:
            return ()
        told, tokens = self._tokens, self._details.get("tokens")
        if not told and isinstance(tokens, list):
            tops = self._details.get("top_tokens")
            if not isinstance(tops, list) or len(tops) != len(tokens):
                tops = [None] * len(tokens)
            told = list(zip(tokens, tops, strict=True))
        found = []
        for one, top in told:
            pair = _pair(one)
            if pair is not None and not one.get("special"):
                pairs = filter(None, map(_pair, top if isinstance(top, list) else ()))
                found.append(TokenLogprob(*pair, most_probable(pairs, most)))
        return tuple(found)


def _pair(token: Any) -> tuple[str, float] | None:
    """A token's text and log-probability."""
    if not isinstance(token, dict) or not isinstance(text := token.get("text"), str):
        return None
    value = logprob_of(token.get("logprob"))
    return None if value is None else (whole(text), value)


def _score(prefill: Any, wanted: Wanted) -> Scored | Fault:
    if not isinstance(prefill, list) or not all(isinstance(one, dict) for one in prefill):
        return _lacking("details.prefill has no log-probabilities of the continuation")
    texts = [one["text"] if isinstance(one.get("text"), str) else None for one in prefill]
    ids = [one["id"] if type(one.get("id")) is int else None for one in prefill]
    try:
        begin = begin_of(wanted, texts, ids)
    except Uncut as why:
        return _lacking(str(why))
    values = [number_of(one.get("logprob")) for one in prefill[begin:]]
    known = [value for value in values if value is not None]
    if not values or len(known) < len(values):
        return _lacking("a token of the continuation has no log-probability")
    return Scored(logprobs=tuple(known), tokens=tuple(whole(text or "") for text in texts[begin:]))


def _lacking(what: str) -> Fault:
    return Fault(
        kind=FaultKind.PROTOCOL,
        message=f"{what}; check that the server supports decoder_input_details and /tokenize",
    )
