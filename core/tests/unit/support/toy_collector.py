"""A protocol of a toy server: objects ``{"piece"}``, ``{"error"}`` and ``{"done"}``."""

from __future__ import annotations

from typing import Any

from aisbench.api import Fault, Response
from aisbench.codec import EventDecoder, cut_text, is_error, server_fault


class ToyCollector:
    """Pieces are the answer; each counts as a token."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.fault: Fault | None = None
        self.begun = self.alien = self.ended = False

    @property
    def answering(self) -> bool:
        return self.begun

    def take(self, event: Any) -> int:
        if not isinstance(event, dict) or not {"piece", "error", "done"} & event.keys():
            self.alien = True
            return 0
        if is_error(event.get("error")):
            self.fail(event["error"], "")
            return 0
        self.begun = True
        self.ended = self.ended or "done" in event
        piece = event.get("piece")
        self.texts.append(piece if isinstance(piece, str) else "")
        return int(bool(piece))

    def fail(self, error: Any, body: str) -> None:
        self.fault = self.fault or server_fault(error, body)

    def response(self, cut: tuple[str, ...], fault: Fault | None) -> Response:
        text, reason = cut_text("".join(self.texts), cut, None)
        return Response(text=text, finish_reason=reason, fault=self.fault or fault)


def toy_decoder(**options: Any) -> EventDecoder:
    """What reads that protocol; ``options`` are EventDecoder's."""
    return EventDecoder(ToyCollector(), "a toy", "done", **options)
