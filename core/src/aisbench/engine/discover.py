"""Asking a server what it serves, before the first request."""

from __future__ import annotations

import difflib
import logging

from aisbench.config.plan import Model
from aisbench.engine.client import Client
from aisbench.engine.replicas import Replicas
from aisbench.errors import ServerError
from aisbench.types.response import Fault, FaultKind, Response

log = logging.getLogger(__name__)


class Body:
    """A decoder that keeps the bytes."""

    def __init__(self) -> None:
        self.status = 0
        self.data = b""

    answer_begun = False

    def start(self, status: int, content_type: str) -> None:
        self.status = status

    def feed(self, data: bytes) -> int:
        self.data += data
        return 0

    def finish(self) -> Response:
        return Response()


async def discover_model(model: Model, client: Client, replicas: Replicas) -> str:
    """The name to send. Raises ServerError when the server is out of reach or refuses us.

    Every replica is asked, so that one which is down is known before the run. A given name that
    the server does not list is only warned of: aliases and routers exist.
    """
    name = model.service.model
    wire = model.codec.models_request()
    if wire is None:
        return name
    for replica in replicas.all:
        body = Body()
        attempt = await client.attempt(wire, body, replica, stream=False)
        where = f"models.{model.name}: {replica.url}"
        if fault := attempt.response.fault:
            raise ServerError(f"{where}: {fault.message}", hint=_hint(fault))
        if body.status in (401, 403):
            text = body.data.decode("utf-8", "replace")[:300]
            raise ServerError(
                f"{where}: refused with status {body.status}: {text}",
                hint='set api_key = "env:NAME" and export NAME'
                if model.service.api_key is None
                else f"check the value of {model.service.api_key.variable}",
            )
        try:
            if body.status != 200:
                raise ValueError(f"status {body.status}")
            names = list(model.codec.parse_models(body.data))
        except ValueError as error:
            if not name:
                raise ServerError(
                    f"{where}: the model's name cannot be asked ({wire.path}: {error})",
                    hint=f"set models.{model.name}.model, and check that the url is right",
                ) from None
            log.warning("%s: %s tells no models: %s", where, wire.path, error)
            continue
        if name and names and name not in names:
            near = difflib.get_close_matches(name, names, 3) or names[:5]
            log.warning("%s: does not list %r; it lists %s", where, name, ", ".join(near))
        if not name and len(names) > 1:
            raise ServerError(
                f"{where}: serves several models: {', '.join(names)}",
                hint=f"set models.{model.name}.model to one of them",
            )
        if not name and names:
            name = names[0]
    return name


def _hint(fault: Fault) -> str:
    if fault.kind is FaultKind.TLS:
        return "set tls.ca to your authority's PEM file"
    return "is the server started, and are host and port of `url` right?"
