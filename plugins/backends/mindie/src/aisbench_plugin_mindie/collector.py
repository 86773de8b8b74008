"""What events, or one whole body, add up to, on all of MindIE's routes."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from aisbench.api import Fault, Response, Usage
from aisbench.codec import FaultCollector, count_of, cut_text, finish_reason, is_error, whole


@define(eq=False)
class MindieCollector(FaultCollector):
    """Accumulates objects of these forms (pages named in routes.py):

    - whole: ``{"generated_text", "details": {"finish_reason", "generated_tokens"}}``; in
      Triton's form the text is ``text_output``;
    - an event: ``{"prefill_time", "decode_time", "token": {"id", "text"}}``; the last one has
      ``generated_text``, the text as a whole, and ``details``; in Triton's form each has
      ``text_output``.

    With ``full_text`` each event's text is all of it so far.
    """

    full_text: bool = False
    _texts: list[str] = field(factory=list)
    _full: str | None = None
    _details: dict[str, Any] = field(factory=dict)
    _tokens: int = 0
    _seen: str = ""

    @property
    def ended(self) -> bool:
        """See :class:`aisbench.codec.Collector`."""
        return self._full is not None or bool(self._details.get("finish_reason"))

    def take(self, event: Any) -> int:
        """See :class:`aisbench.codec.Collector`."""
        if type(event) is list and len(event) == 1:
            event = event[0]
        if type(event) is not dict:
            self.alien = True
            return 0
        if is_error(error := event.get("error") or event.get("Error")):
            self.fail(error, "")
            return 0
        token = event.get("token")
        full, piece = event.get("generated_text"), event.get("text_output")
        if type(token) is not dict and type(full) is not str and type(piece) is not str:
            self.alien = True
            return 0
        self.begun = True
        if type(details := event.get("details")) is dict:
            self._details = {**self._details, **details}
        if type(full) is str:
            self._full = full
        if type(token) is dict:
            piece = token.get("text")
            if type(ids := token.get("id")) is list:
                self._tokens += len(ids)
            elif ids is not None:
                self._tokens += 1
        return self._add(piece, token) if type(piece) is str else int(type(token) is dict)

    def _add(self, piece: str, token: Any) -> int:
        if self.full_text:
            new = piece != self._seen
            self._seen = piece
            return int(new)
        if piece:
            self._texts.append(piece)
        return int(bool(piece) or type(token) is dict)

    def response(self, cut: tuple[str, ...], fault: Fault | None) -> Response:
        """See :class:`aisbench.codec.Collector`."""
        details = self._details
        text = self._seen if self.full_text else "".join(self._texts)
        text = whole(text if self._full is None else self._full)
        text, reason = cut_text(text, cut, finish_reason(details.get("finish_reason")))
        tokens = count_of(details, "generated_tokens")
        return Response(
            text=text,
            finish_reason=reason,
            usage=Usage(
                prompt_tokens=count_of(details, "input_length"),
                # Without details the ids in the events are all there is.
                completion_tokens=self._tokens or None if tokens is None else tokens,
            ),
            fault=self.fault or fault,
        )
