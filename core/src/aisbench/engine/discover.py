"""Asking a server what it serves, before the first request."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Sequence

from attrs import frozen

from aisbench.base.errors import AisbenchError, ServerError
from aisbench.config.plan import Model
from aisbench.contract.service_backends import AdapterBackend, ServiceBackend, TellingBackend
from aisbench.engine.advice import key_advice
from aisbench.engine.body import BodyDecoder
from aisbench.engine.client import HttpClient
from aisbench.engine.replicas import Replica, Replicas
from aisbench.types.http import HttpRequest
from aisbench.types.response import Fault, FaultKind
from aisbench.types.served import ServedModel

log = logging.getLogger(__name__)


@frozen
class DiscoveredModel:
    """What to call the model, and how many tokens prompt and answer may have together: the least
    of all replicas, None where no server says. ``strict``: a longer request is refused, not
    cut."""

    name: str
    context: int | None = None
    strict: bool = True


async def discover_model(
    model: Model, client: HttpClient, replicas: Replicas, adapters: Sequence[str] = ()
) -> DiscoveredModel:
    """The name to send, and the context. Raises ServerError when the server cannot be reached or
    refuses us, AisbenchError when the suite must name the model, or a server does not have one of
    the ``adapters``.

    Every replica is asked, so that one which is down is known before the run. A name that the
    suite gives and the server does not list is only warned of: it may be an alias, or behind a
    router.
    """
    name = model.service.model
    question = model.codec.models_request()
    if question is None:
        return DiscoveredModel(name)
    contexts: list[int] = []
    strict = True
    for replica in replicas.all:
        where = f"models.{model.name}: {replica.url}"
        body = await _answer(model, client, replica, question, where)
        served = _listed(model, body, question.path, where, needed=not name)
        if served is None:
            continue
        _check_adapters(model, body.data, adapters, where)
        name = chosen_name(name, served, model.name, where)
        context = next((one.context for one in served if one.name == name), None)
        if context is None and (context := await _context(model, client, replica, body.data)):
            strict = False
        contexts += [context] if context else []
    return DiscoveredModel(name, min(contexts, default=None), strict)


def _check_adapters(model: Model, body: bytes, adapters: Sequence[str], where: str) -> None:
    codec = model.codec
    if adapters and isinstance(codec, AdapterBackend):
        try:
            codec.check_adapters(body, adapters)
        except AisbenchError as error:
            raise AisbenchError(f"{where}: {error.message}", hint=error.hint) from None


def _listed(
    model: Model, body: BodyDecoder, path: str, where: str, *, needed: bool
) -> Sequence[ServedModel] | None:
    """The models in an answer; None, with a warning, where it lists none in a known form. Raises
    ServerError for such an answer where the list is ``needed``."""
    try:
        if body.status != 200:
            raise ValueError(f"status {body.status}")
        return served_models(model.codec, body.data)
    except ValueError as error:
        if needed:
            raise ServerError(
                f"{where}: the model's name cannot be asked ({path}: {error})",
                hint=f"set models.{model.name}.model, and check that the url is right",
            ) from None
        log.warning("%s: %s lists no models: %s", where, path, error)
        return None


def chosen_name(name: str, served: Sequence[ServedModel], model: str, where: str) -> str:
    """The suite's ``name``, or the one that the list leaves no doubt about. Raises
    AisbenchError."""
    names = [one.name for one in served]
    if not names or name in names:
        return name
    if not name:
        return _only(served, model, where)
    near = difflib.get_close_matches(name, names, 3) or names[:5]
    log.warning("%s: does not list %r; it lists %s", where, name, ", ".join(near))
    return name


async def _answer(
    model: Model, client: HttpClient, replica: Replica, wire: HttpRequest, where: str
) -> BodyDecoder:
    body = BodyDecoder()
    attempt = await client.attempt(wire, body, replica, stream=False)
    if fault := attempt.response.fault:
        raise ServerError(f"{where}: {fault.message}", hint=advice_on(fault, model.name))
    if body.status in (401, 403):
        text = body.data.decode("utf-8", "replace")[:300]
        raise ServerError(
            f"{where}: refused with status {body.status}: {text}",
            hint=key_advice(model),
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
    """What to write for a server that redirects to another place."""
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
    """The context, from servers that have a separate route for it; else None."""
    codec = model.codec
    question = codec.context_request(body) if isinstance(codec, TellingBackend) else None
    if question is None or not isinstance(codec, TellingBackend):
        return None
    answer = BodyDecoder()
    attempt = await client.attempt(question, answer, replica, stream=False)
    if attempt.response.fault is not None or answer.status != 200:
        return None
    return codec.parse_context(answer.data)


def advice_on(fault: Fault, model: str) -> str:
    """What to do about a server that cannot be asked what it serves."""
    if fault.kind is FaultKind.TLS:
        return "set tls.ca to your authority's PEM file"
    return (
        "is the server started, and are host and port of `url` right? "
        f'models.{model}.wait_for_server = "10m" waits for it'
    )
