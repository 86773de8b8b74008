"""A prompt and the request that carries it, as lines for a reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import orjson

from aisbench.config.plan import Model
from aisbench.config.suite import urls
from aisbench.contract.service_backends import SigningBackend
from aisbench.contract.transports import ShownTransport
from aisbench.engine.replicas import join_url
from aisbench.store.redactor import HIDDEN
from aisbench.types.http import HttpRequest
from aisbench.types.prompt import Message, Prompt
from aisbench.types.request import Request

_LONG = 60
"""Characters of base64 that are shown."""


def prompt_text(prompt: Prompt) -> str:
    """What the model reads; each message with its role before it."""
    if prompt.text is not None:
        return prompt.text
    if prompt.tokens is not None:
        return f"{len(prompt.tokens)} token ids: {list(prompt.tokens)}"
    if prompt.texts is not None:
        query = () if prompt.query is None else (f"[query] {prompt.query}",)
        texts = (f"[{number}] {text}" for number, text in enumerate(prompt.texts))
        return "\n".join((*query, *texts))
    return "\n".join(f"[{one.role}] {_shown(one)}" for one in prompt.messages or ())


def request_lines(model: Model, request: Request) -> Iterator[str]:
    """What would be sent, and where to. Secrets are hidden."""
    service = model.service
    scheme = model.offer.schemes[0]
    base = f"{scheme}://<server {service.server}>" if service.server else urls(service)[0]
    if model.own:
        yield f"{base}, by the transport of {model.offer.name}"
        for header, value in _headers(model, {}).items():
            yield f"{header}: {value}"
        transport = model.transport
        if isinstance(transport, ShownTransport):
            yield from transport.shown(request).splitlines()
        return
    wire = model.codec.encode(request)
    yield f"{wire.method} {join_url(base, wire.path)}"
    for header, value in _headers(model, wire.headers).items():
        yield f"{header}: {value}"
    if isinstance(model.codec, SigningBackend):
        yield f"(and what {model.offer.name} signs it with, when it is sent)"
    yield from _without_contents(_body(wire), request.prompt).split("\n")


def _shown(message: Message) -> str:
    if isinstance(message.content, str):
        text = message.content
    else:
        text = " ".join(
            part.text if part.media is None else f"<{part.media.kind}: {part.media.whence}>"
            for part in message.content
        )
    calls = [f"<calls {one.name}({one.arguments})>" for one in message.tool_calls]
    return " ".join([text, *calls]) if calls else text


def _headers(model: Model, headers: Mapping[str, str]) -> dict[str, str]:
    shown = dict(headers)
    if model.service.api_key is not None:
        shown["Authorization"] = f"Bearer {HIDDEN} ({model.service.api_key})"
    for name, value in model.service.headers.items():
        shown[name] = value if isinstance(value, str) else f"{HIDDEN} (env:{value.env})"
    return shown


def _without_contents(text: str, prompt: Prompt) -> str:
    """A body in which sizes stand for contents, which nobody could read."""
    for media in prompt.media:
        if len(media.content) > _LONG:
            size = f"<{len(media.content) * 3 // 4} bytes in base64>"
            text = text.replace(media.content, size)
    return text


def _body(wire: HttpRequest) -> str:
    try:
        return orjson.dumps(orjson.loads(wire.body), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return wire.body.decode("utf-8", "replace")
