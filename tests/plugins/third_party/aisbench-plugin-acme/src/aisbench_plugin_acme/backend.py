"""The backend ``acme-json``: ``{"prompt": ...}`` to /ask, ``{"answer": ...}`` back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from aisbench.api import (
    Fault,
    FaultKind,
    FinishReason,
    HttpRequest,
    JsonObject,
    Request,
    Response,
)
from aisbench_plugin_acme.settings import AcmeSettings


class AcmeBackend:
    """Sends what the suite asks for as ``options``."""

    def __init__(self, settings: AcmeSettings) -> None:
        self.settings = settings

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        if "top_p" in generation:
            return {"top_p": "ACME samples from all tokens; leave it out"}
        return {}

    def encode(self, request: Request) -> HttpRequest:
        body = {
            "model": request.model,
            "prompt": request.prompt.text,
            "stop": request.prompt.stop,
            "options": request.generation,
            "seed": request.seed,
            "department": self.settings.department,
        }
        return HttpRequest(
            method="POST",
            path="/ask",
            body=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )

    def decoder(self, request: Request) -> AcmeDecoder:
        return AcmeDecoder()

    def models_request(self) -> HttpRequest | None:
        return None

    def parse_models(self, body: bytes) -> Sequence[str]:
        raise ValueError("ACME does not list its models")


class AcmeDecoder:
    """Waits for the whole body."""

    def __init__(self) -> None:
        self.status = 0
        self.body = b""

    answer_begun = False

    def start(self, status: int, content_type: str) -> None:
        self.status = status

    def feed(self, data: bytes) -> int:
        self.body += data
        return 0

    def finish(self) -> Response:
        text = self.body.decode("utf-8", "replace")
        if self.status != 200:
            return self._fault(FaultKind.HTTP, f"status {self.status}", text)
        try:
            answer = json.loads(text)["answer"]
        except (ValueError, TypeError, KeyError, IndexError, RecursionError):
            return self._fault(FaultKind.PROTOCOL, "not an answer of ACME's protocol", text)
        if not isinstance(answer, str):
            return self._fault(FaultKind.PROTOCOL, "the answer is no text", text)
        return Response(text=answer, finish_reason=FinishReason.STOP)

    def _fault(self, kind: FaultKind, message: str, text: str) -> Response:
        status = self.status if kind is FaultKind.HTTP else None
        return Response(fault=Fault(kind=kind, message=message, status=status, body=text[:500]))
