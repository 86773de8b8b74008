"""Capabilities that a backend claims, each proven by what it sends and reads."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

from aisbench.api import (
    BackendOffer,
    Capability,
    ContentPart,
    JsonObject,
    Media,
    Message,
    Prompt,
    Request,
    ServiceBackend,
    Support,
    Tool,
)
from aisbench_testkit import canned
from aisbench_testkit.checks.backend import Recorded, decode
from aisbench_testkit.checks.trial import NotChecked, trial

TOOL = "conformance_tool"
MEANT = "conformance-description"
PARAMETER = "conformance_parameter"
CONTINUATION = " conformance-continuation"

Make = Callable[[], ServiceBackend]
Write = Callable[[Request], bytes]


def check_capabilities(make: Make, offer: BackendOffer) -> list[str]:
    """What each needs is in the request."""
    problems: list[str] = []
    with trial(problems, "encode()"):
        backend = make()
        problems += check_written(lambda one: backend.encode(one).body, offer, "encode()")
        if Capability.STREAM in offer.capabilities:
            problems += _stream(backend, offer)
    return problems


def check_written(
    write: Write, offer: BackendOffer, what: str, *, whole: bool = True
) -> list[str]:
    """What each capability needs is in what ``write``, called ``what``, makes of a request.
    ``whole`` is False where media may be told of instead of being in it."""
    problems: list[str] = []
    claimed = offer.capabilities
    if Capability.TOOLS in claimed:
        problems += _tools(write, what)
    for kind, capability in (
        ("image", Capability.IMAGES),
        ("audio", Capability.AUDIO),
        ("video", Capability.VIDEO),
    ):
        if capability in claimed:
            problems += _media(write, what, kind, capability, whole=whole)
    if Capability.LOGPROBS in claimed:
        problems += _continuation(write, what, offer)
    return problems


def _tools(write: Write, what: str) -> list[str]:
    schema: JsonObject = {"type": "object", "properties": {PARAMETER: {"type": "string"}}}
    tool = Tool(name=TOOL, description=MEANT, parameters=schema)
    messages = (Message(role="user", content="?"),)
    body = write(canned.request(Prompt(messages=messages, tools=(tool,))))
    missing = [word for word in (TOOL, MEANT, PARAMETER) if word.encode() not in body]
    if not missing:
        return []
    return [
        f"the offer says tools, and {what} leaves out {', '.join(missing)}: the model would "
        "not know what it may call"
    ]


def _media(
    write: Write, what: str, kind: str, capability: Capability, *, whole: bool
) -> list[str]:
    content = canned.PICTURE
    mime = {"image": "image/png", "audio": "audio/wav", "video": "video/mp4"}[kind]
    media = Media(kind=kind, base64=content, mime=mime)  # type: ignore[arg-type]
    words = ContentPart(text="?")
    prompt = Prompt(messages=(Message(role="user", content=(ContentPart(media=media), words)),))
    body = write(canned.request(prompt))
    if content.encode() in body.replace(b"\\/", b"/") or base64.b64decode(content) in body:
        return []
    if not whole:
        without = Prompt(messages=(Message(role="user", content=(words,)),))
        if write(canned.request(without)) != body:
            return []
    return [f"the offer says {capability.value}, and {what} leaves the {kind} out of the body"]


def _continuation(write: Write, what: str, offer: BackendOffer) -> list[str]:
    if Capability.TEXT in offer.capabilities:
        prompt = Prompt(text="1 + 1 =", continuation=CONTINUATION)
    else:
        prompt = Prompt(
            messages=(Message(role="user", content="1 + 1 ="),), continuation=CONTINUATION
        )
    if CONTINUATION.strip().encode() in write(canned.request(prompt)):
        return []
    return [f"the offer says logprobs, and {what} leaves the continuation out that is scored"]


def _stream(backend: ServiceBackend, offer: BackendOffer) -> list[str]:
    one = next((one for one in canned.requests(offer) if one.stream), None)
    if one is None:
        return []
    whole = canned.request(one.prompt, seed=one.seed)
    if backend.encode(one) != backend.encode(whole):
        return []
    return ["the offer says stream, and encode() asks for a stream as for a whole answer"]


def check_recorded_usage(
    make: Make, offer: BackendOffer, recorded: Sequence[Recorded]
) -> list[str]:
    """Counts of tokens are read from answers of real servers, streamed ones too."""
    if Capability.USAGE not in offer.capabilities:
        return []
    problems: list[str] = []
    for one in recorded:
        if one.status != 200 or not one.usage:
            continue
        with trial(problems, f"decoding {one.label}"):
            head = (one.status, one.content_type)
            response, _ = decode(make(), one.request, *head, one.body)
            if response.fault is None and response.usage.completion_tokens is None:
                problems.append(
                    f"the offer says usage, and {one.label} gives no count of tokens (where the "
                    "server sent none, say usage = False)"
                )
    return problems


def check_recorded_stream(
    make: Make, offer: BackendOffer, recorded: Sequence[Recorded]
) -> list[str]:
    """A streamed answer has events that carry tokens."""
    problems: list[str] = []
    for one in recorded:
        if one.status != 200 or not one.request.stream:
            continue
        with trial(problems, f"decoding {one.label}"):
            response, events = decode(make(), one.request, one.status, one.content_type, one.body)
            if response.fault is None and response.text and not events:
                problems.append(
                    f"{one.label} has text, and feed() counts no event that carried tokens: "
                    "its TTFT would be unknown"
                )
    return problems


def needs_recorded(offer: BackendOffer, recorded: Sequence[Recorded]) -> None:
    """Raises NotChecked when no answer of a server is given, or none by which usage is proven."""
    if recorded:
        usage = offer.capabilities.get(Capability.USAGE) is Support.FULL
        if usage and not any(one.usage and one.status == 200 for one in recorded):
            raise NotChecked(
                "no recorded answer counts tokens: usage cannot be proven",
                give="a recorded answer with counts of tokens",
            )
        return
    proven = [Capability.USAGE, Capability.STREAM]
    claimed = " and ".join(one.value for one in proven if offer.capabilities.get(one))
    raise NotChecked(
        "no recorded answers are given" + (f": {claimed} cannot be proven" if claimed else ""),
        give=f"[tool.aisbench.check.{offer.name}] recorded = [{_example(offer)}]",
    )


def _example(offer: BackendOffer) -> str:
    forms = {
        Capability.EMBED: "texts",
        Capability.CLASSIFY: "texts",
        Capability.RERANK: "documents",
        Capability.TRANSCRIBE: "sound",
    }
    form = next((form for one, form in forms.items() if offer.capabilities.get(one)), "chat")
    if offer.capabilities.get(Capability.STREAM) or form == "chat":
        return f'{{ form = "{form}", stream = true, file = "answer.sse", text = "..." }}'
    return f'{{ form = "{form}", file = "answer.json", text = "", usage = false }}'


def request_of(form: str, stream: bool) -> Request:
    """A request that a recorded answer can be the answer to."""
    prompt = {
        "chat": Prompt(messages=(Message(role="user", content="Hello"),)),
        "text": Prompt(text="Hello"),
        "tokens": Prompt(tokens=(1, 2, 3)),
        "texts": Prompt(texts=("Hello", "Goodbye")),
        "documents": Prompt(texts=("Hello", "Goodbye"), query="Hi"),
        "sound": canned.heard(""),
    }[form]
    return canned.request(prompt, stream=stream)
