"""The protocol, ``{"prompt": ...}`` to /ask and ``{"answer": ...}`` back, and its signatures."""

from __future__ import annotations

import datetime
import json
import os
import secrets
import urllib.parse
from collections.abc import Mapping, Sequence

from attrs import frozen

from aisbench.api import (
    AisbenchError,
    Fault,
    FaultKind,
    FinishReason,
    HttpRequest,
    JsonObject,
    Request,
    Response,
    Secret,
    setting,
)
from aisbench_plugin_sealed.signature import ALGORITHM, SERVICE, signature


@frozen(kw_only=True)
class SealedSettings:
    """What a suite may say besides the keys of every service."""

    access_key: str = setting(help="the public part of the key", example="AKIDEXAMPLE")
    secret_key: Secret = setting(help="the secret part", example="env:SEALED_KEY")
    region: str = setting(default="eu-1", help="where the gateway is")


class SealedBackend:
    """See :class:`aisbench.api.SigningBackend`."""

    def __init__(self, settings: SealedSettings) -> None:
        self._settings = settings

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return {}

    def encode(self, request: Request) -> HttpRequest:
        body = {"prompt": request.prompt.text, **request.generation}
        return HttpRequest(
            method="POST",
            path="/ask",
            body=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )

    def sign(self, request: HttpRequest, url: str) -> Mapping[str, str]:
        parts = urllib.parse.urlsplit(url)
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        added = {"X-Amz-Date": now, "X-Seal-Nonce": secrets.token_hex(8)}
        signed = {
            "host": parts.netloc,
            "content-type": request.headers.get("Content-Type", ""),
            **{name.lower(): value for name, value in added.items()},
        }
        secret = os.environ.get(self._settings.secret_key.variable)
        if not secret:
            raise AisbenchError(f"{self._settings.secret_key.variable} is not set")
        names, made = signature(
            secret, self._settings.region, request.method, parts.path, signed, request.body
        )
        scope = f"{now[:8]}/{self._settings.region}/{SERVICE}/aws4_request"
        return {
            **added,
            "Authorization": f"{ALGORITHM} Credential={self._settings.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={made}",
        }

    def decoder(self, request: Request) -> SealedDecoder:
        return SealedDecoder()

    def models_request(self) -> HttpRequest | None:
        return None

    def parse_models(self, body: bytes) -> Sequence[str]:
        raise ValueError("there is no list of models")


class SealedDecoder:
    """Waits for the whole body."""

    answer_begun = False

    def __init__(self) -> None:
        self._status = 0
        self._body = b""

    def start(self, status: int, content_type: str) -> None:
        self._status = status

    def feed(self, data: bytes) -> int:
        self._body += data
        return 0

    def finish(self) -> Response:
        text = self._body.decode("utf-8", "replace")
        if self._status != 200:
            message = f"status {self._status}: {text[:200]}"
            return Response(
                fault=Fault(kind=FaultKind.HTTP, message=message, status=self._status, body=text)
            )
        try:
            answer = str(json.loads(text)["answer"])
        except (ValueError, TypeError, KeyError, IndexError, RecursionError):
            return Response(fault=Fault(kind=FaultKind.PROTOCOL, message="no answer", body=text))
        return Response(text=answer, finish_reason=FinishReason.STOP)
