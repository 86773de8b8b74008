"""Asking a server what it serves, before the first request."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Sequence

from attrs import frozen

from aisbench.base.errors import AisbenchError, ServerError
from aisbench.config.plan import Model
from aisbench.contract.service_backends import ServiceBackend, TellingBackend
from aisbench.engine.asking import Body
from aisbench.engine.client import HttpClient
from aisbench.engine.replicas import Replica, Replicas
from aisbench.types.http import HttpRequest
from aisbench.types.response import Fault, FaultKind
from aisbench.types.served import ServedModel

log = logging.getLogger(__name__)


@frozen
class DiscoveredModel:
    """What to call the model, and how many tokens prompt and answer may have together (the least
    of all replicas; None: no server tells). ``strict``: a request that asks for more is refused,
    and not only cut."""

    name: str
    context: int | None = None
    strict: bool = True


async def discover_model(model: Model, client: HttpClient, replicas: Replicas) -> DiscoveredModel:
    """The name to send, and the context. Raises ServerError when the server is out of reach or
    refuses us, AisbenchError when the suite must name the model.

    Every replica is asked, so that one which is down is known before the run. A given name that
    the server does not list is only warned of: aliases and routers exist.
    """
    name = model.service.model
    wire = model.codec.models_request()
    if wire is None:
        return DiscoveredModel(name)
    contexts: list[int] = []
    strict = True
    for replica in replicas.all:
        where = f"models.{model.name}: {replica.url}"
        body = await _answer(model, client, replica, wire, where)
        try:
            if body.status != 200:
                raise ValueError(f"status {body.status}")
            served = served_models(model.codec, body.data)
        except ValueError as error:
            if not name:
                raise ServerError(
                    f"{where}: the model's name cannot be asked ({wire.path}: {error})",
                    hint=f"set models.{model.name}.model, and check that the url is right",
                ) from None
            log.warning("%s: %s tells no models: %s", where, wire.path, error)
            continue
        names = [one.name for one in served]
        if name and names and name not in names:
            near = difflib.get_close_matches(name, names, 3) or names[:5]
            log.warning("%s: does not list %r; it lists %s", where, name, ", ".join(near))
        if not name and names:
            name = _only(served, model.name, where)
        mine = next((one.context for one in served if one.name == name), None)
        if mine is None and (mine := await _context(model, client, replica, body.data)):
            strict = False
        contexts += [mine] if mine else []
    return DiscoveredModel(name, min(contexts, default=None), strict)


async def _answer(
    model: Model, client: HttpClient, replica: Replica, wire: HttpRequest, where: str
) -> Body:
    body = Body()
    attempt = await client.attempt(wire, body, replica, stream=False)
    if fault := attempt.response.fault:
        raise ServerError(f"{where}: {fault.message}", hint=_hint(fault, model.name))
    if body.status in (401, 403):
        text = body.data.decode("utf-8", "replace")[:300]
        raise ServerError(
            f"{where}: refused with status {body.status}: {text}",
            hint='set api_key = "env:NAME" and export NAME'
            if model.service.api_key is None
            else f"check the value of {model.service.api_key.variable}",
        )
    if 300 <= body.status < 400:
        target = f" to {attempt.location}" if attempt.location else ""
        raise ServerError(
            f"{where}: {wire.path} is redirected{target} (status {body.status}), and redirects "
            "are not followed: every request would be sent twice",
            hint=redirect_hint(attempt.location, wire.path),
        )
    return body


def served_models(codec: ServiceBackend, body: bytes) -> Sequence[ServedModel]:
    """The models in the answer to the backend's ``models_request``. Raises ValueError."""
    if isinstance(codec, TellingBackend):
        return codec.served_models(body)
    return [ServedModel(name=name) for name in codec.parse_models(body)]


def redirect_hint(location: str | None, path: str) -> str:
    """What to write where a server says that it is elsewhere."""
    if location and "://" in location:
        base = location.split("?")[0].removesuffix(path)
        return f'write url = "{base}"'
    return "write the url at which the server answers itself"


def _only(served: Sequence[ServedModel], model: str, where: str) -> str:
    """The one model, or the one of which all others are adapters. Raises AisbenchError."""
    names = [one.name for one in served]
    bases = [one for one in served if one.parent is None or one.parent not in names]
    if len(bases) == 1 and all(
        one is bases[0] or _root(one, served) == bases[0].name for one in served
    ):
        if len(served) > 1:
            log.info("%s: %s is asked, the base of all others", where, bases[0].name)
        return bases[0].name
    shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    raise AisbenchError(
        f"{where}: serves several models: {shown}",
        hint=f'set models.{model}.model to one of them, such as model = "{names[0]}"',
    )


def _root(one: ServedModel, served: Sequence[ServedModel]) -> str:
    """The name of the model at the end of its chain of parents."""
    parents = {other.name: other.parent for other in served}
    name, seen = one.name, set[str]()
    while (parent := parents.get(name)) and parent in parents and name not in seen:
        seen.add(name)
        name = parent
    return name


async def _context(model: Model, client: HttpClient, replica: Replica, body: bytes) -> int | None:
    """The context, where it is told at a route of its own; None where it is not."""
    codec = model.codec
    question = codec.context_request(body) if isinstance(codec, TellingBackend) else None
    if question is None or not isinstance(codec, TellingBackend):
        return None
    answer = Body()
    attempt = await client.attempt(question, answer, replica, stream=False)
    if attempt.response.fault is not None or answer.status != 200:
        return None
    return codec.parse_context(answer.data)


def _hint(fault: Fault, model: str) -> str:
    if fault.kind is FaultKind.TLS:
        return "set tls.ca to your authority's PEM file"
    return (
        "is the server started, and are host and port of `url` right? "
        f'models.{model}.wait_for_server = "10m" waits for it'
    )
