"""Codecs of model servers: what they write, and that they survive whatever is sent back."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence

import attrs
from attrs import field, frozen

from aisbench.api import FaultKind, HttpRequest, JsonObject, Request, Response, ServiceBackend
from aisbench_testkit.canned import CONTENT_TYPES, ERROR_BODIES, JUNK, MARK, NO_ANSWERS
from aisbench_testkit.checks.trial import told, trial
from aisbench_testkit.cuts import random_cuts, some_cuts

_PATH = re.compile(r"/[!-~]*\Z")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
# The engine writes these itself, from the connection and the model's settings.
_ENGINE_HEADERS = {"host", "content-length", "transfer-encoding", "connection", "authorization"}

GENERATION: JsonObject = {"temperature": 0.25, "max_tokens": 17, "top_p": 0.75, "stop": ["\n\n"]}


@frozen(kw_only=True)
class Recorded:
    """An answer as a real server sent it. ``text`` is what it says, None where no matter.

    ``marks_its_end`` is False for protocols whose streams just stop: that such a one was cut
    between two events shows in HTTP's framing alone. ``usage`` is False for answers in which the
    server counted no tokens.
    """

    request: Request
    body: bytes
    status: int = 200
    content_type: str = "application/json"
    text: str | None = None
    marks_its_end: bool = True
    usage: bool = True
    name: str = field(default="")

    @property
    def label(self) -> str:
        """How messages call it."""
        return self.name or f"the recorded answer {self.body[:40]!r}"


def decode(
    backend: ServiceBackend, request: Request, status: int, content_type: str, *parts: bytes
) -> tuple[Response, int]:
    """The response, and how many events carried tokens. Raises TypeError for other returns."""
    decoder = backend.decoder(request)
    decoder.start(status, content_type)
    tokens = 0
    for part in parts:
        count: object = decoder.feed(part)
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise TypeError(f"feed() must return a count of events, not {count!r}")
        tokens += count
    response: object = decoder.finish()
    if not isinstance(response, Response):
        raise TypeError(f"finish() must return a Response, not {type(response).__name__}")
    return response, tokens


def _check_http(http: object, what: str) -> list[str]:
    if not isinstance(http, HttpRequest):
        return [f"{what} returns {type(http).__name__}, not HttpRequest"]
    problems = []
    if http.method not in ("GET", "POST", "PUT"):
        problems.append(f"{what} has the method {http.method!r}")
    if not _PATH.match(http.path):
        problems.append(f'{what} has the path {http.path!r}; it must start with "/"')
    body: object = http.body
    if not isinstance(body, bytes):
        problems.append(f"the body of {what} is {type(body).__name__}, not bytes")
    for name, value in http.headers.items():
        if not _HEADER.match(name) or "\r" in value or "\n" in value:
            problems.append(f"{what} has the header {name!r}: {value!r}, which HTTP cannot carry")
        if name.lower() in _ENGINE_HEADERS:
            problems.append(f"{what} sets the header {name}, which is the engine's to set")
    return problems


def check_encode(make: Callable[[], ServiceBackend], requests: Sequence[Request]) -> list[str]:
    """Each request becomes valid HTTP that holds the prompt; the same bytes every time."""
    problems: list[str] = []
    for request in requests:
        form = _form(request)
        what = f"encode() of a {'streamed ' if request.stream else ''}{form} request"
        with trial(problems, what):
            backend = make()
            http = backend.encode(request)
            found = _check_http(http, what)
            problems += found
            if found:
                continue
            if MARK in repr(request.prompt) and MARK.encode() not in http.body:
                problems.append(f"{what} leaves the prompt out of the body")
            if request.prompt.tokens is not None:
                turned = attrs.evolve(request.prompt, tokens=request.prompt.tokens[::-1])
                if backend.encode(attrs.evolve(request, prompt=turned)) == http:
                    problems.append(f"{what} leaves the prompt's token ids out")
            if backend.encode(request) != http or make().encode(request) != http:
                problems.append(f"{what} gives other bytes the second time")
    return list(dict.fromkeys(problems))


def _form(request: Request) -> str:
    if request.prompt.tokens is not None:
        return "token"
    if request.prompt.texts is not None:
        return "batch"
    return "text" if request.prompt.text is not None else "chat"


def check_generation(
    make: Callable[[], ServiceBackend], request: Request, generation: JsonObject = GENERATION
) -> list[str]:
    """Every setting is refused with advice, or changes what is sent."""
    problems: list[str] = []
    with trial(problems, "refused()"):
        backend = make()
        if dict(backend.refused({})):
            problems.append("refused({}) is not empty: without settings nothing can be refused")
        plain = backend.encode(request)
        for name, value in generation.items():
            refused = backend.refused({name: value})
            if odd := set(refused) - {name}:
                problems.append(f"refused() of {name} alone names {', '.join(sorted(odd))}")
            if name in refused:
                if not refused[name].strip():
                    problems.append(f"{name} is refused without saying what to do")
                continue
            asked = attrs.evolve(request, generation={name: value})
            if backend.encode(asked) == plain:
                problems.append(
                    f"generation.{name} is dropped: it is not refused and changes nothing sent"
                )
    return problems


def check_junk(backend: ServiceBackend, request: Request) -> list[str]:
    """No body makes the decoder raise, and what is not an answer becomes a fault."""
    problems: list[str] = []
    chance = random.Random(1)
    noise = [bytes(chance.randrange(256) for _ in range(size)) for size in (1, 7, 100, 3000)]
    for content_type in CONTENT_TYPES:
        for body in (b"", *JUNK, *noise):
            shown = f"a body {body[:30]!r} of type {content_type!r}"
            with trial(problems, f"decoding {shown}"):
                whole = decode(backend, request, 200, content_type, body)
                middle = len(body) // 2
                parts = (body[:middle], body[middle:])
                if decode(backend, request, 200, content_type, *parts) != whole:
                    problems.append(f"decoding {shown} depends on where it is cut")
                if body in ("", b"", *NO_ANSWERS) and whole[0].fault is None:
                    problems.append(f"{shown} counts as an answer: it must be a Fault")
        with trial(problems, "decoding a response without a body"):
            if decode(backend, request, 200, content_type)[0].fault is None:
                problems.append("a response without a body counts as an answer")
    return list(dict.fromkeys(problems))


def check_errors(backend: ServiceBackend, request: Request) -> list[str]:
    """An error status is a fault that keeps the status, whatever the body."""
    problems: list[str] = []
    for status in (400, 404, 429, 500, 503):
        for body in ERROR_BODIES:
            for content_type in CONTENT_TYPES:
                what = f"status {status} with the body {body[:40]!r}"
                with trial(problems, f"decoding {what}"):
                    response, tokens = decode(backend, request, status, content_type, body)
                    fault = response.fault
                    if fault is None:
                        problems.append(f"{what} counts as an answer: it must be a Fault")
                    elif fault.status != status or fault.kind is not FaultKind.HTTP:
                        problems.append(
                            f"{what} becomes a fault of kind {fault.kind.value!r} and status "
                            f"{fault.status}; it must be 'http' and {status}"
                        )
                    if tokens:
                        problems.append(f"{what} counts {tokens} events with tokens")
    return list(dict.fromkeys(problems))


def check_recorded(backend: ServiceBackend, recorded: Recorded) -> list[str]:
    """A real answer reads the same however it is cut, and an unfinished one is never silent."""
    problems: list[str] = []
    name = recorded.label
    with trial(problems, f"decoding {name}"):
        whole = _decoded(backend, recorded, recorded.body)
        response = whole[0]
        if recorded.status == 200 and recorded.text is not None:
            if response.fault is not None:
                problems.append(f"{name} is a fault: {response.fault.message}")
            elif response.text != recorded.text:
                problems.append(f"{name} reads {response.text!r}, not {recorded.text!r}")
        for how, pieces in _deliveries(recorded):
            if _decoded(backend, recorded, *pieces) != whole:
                problems.append(f"{name} reads otherwise {how}")
        for first, second in some_cuts(recorded.body):
            problems += _check_cut(backend, recorded, first, second, whole)
            if len(problems) > 5:
                break
    return list(dict.fromkeys(problems))


def _decoded(backend: ServiceBackend, recorded: Recorded, *pieces: bytes) -> tuple[Response, int]:
    """The answer and the events counted, of a body that comes in ``pieces``."""
    head = (recorded.status, recorded.content_type)
    return decode(backend, recorded.request, *head, *pieces)


def _deliveries(recorded: Recorded) -> Iterator[tuple[str, Sequence[bytes]]]:
    """Ways in which the same answer may arrive."""
    body = recorded.body
    yield "when it comes byte by byte", [body[i : i + 1] for i in range(len(body))]
    for pieces in random_cuts(body):
        yield "when it comes in several pieces", pieces
    stream = recorded.status == 200 and "event-stream" in recorded.content_type
    if stream and b"\r" not in body:
        other = body.replace(b"\n", b"\r\n")
        for pieces in ((other,), *random_cuts(other)):
            yield "with CRLF line ends", pieces


def _check_cut(
    backend: ServiceBackend,
    recorded: Recorded,
    first: bytes,
    second: bytes,
    whole: tuple[Response, int],
) -> list[str]:
    """An answer in two pieces reads the same, and the first alone is not a whole answer."""
    problems = []
    name = recorded.label
    try:
        if _decoded(backend, recorded, first, second) != whole:
            problems.append(f"{name} reads otherwise when cut after {first[-20:]!r}")
        part = _decoded(backend, recorded, first)[0]
    except Exception as error:  # noqa: BLE001 - the codec may raise anything
        return [*problems, f"{name}, cut after {first[-20:]!r}, raises {told(error)}"]
    between = first.rstrip(b"\n").endswith(b"}") and not recorded.marks_its_end
    if part.fault is None and part.text != whole[0].text and not between:
        problems.append(f"{name}, ending after {first[-20:]!r}, counts as a whole answer")
    return problems


def check_models(backend: ServiceBackend) -> list[str]:
    """The question for models is valid HTTP; a bad answer to it raises ValueError alone."""
    problems: list[str] = []
    with trial(problems, "models_request()"):
        http = backend.models_request()
        if http is None:
            return []
        problems += _check_http(http, "models_request()")
    for body in (b"", *JUNK, *ERROR_BODIES):
        try:
            names = backend.parse_models(body)
        except ValueError:
            continue
        except Exception as error:  # noqa: BLE001 - the codec may raise anything
            problems.append(f"parse_models({body[:30]!r}) raises {told(error)}, not ValueError")
            continue
        if isinstance(names, str) or not all(isinstance(one, str) for one in names):
            problems.append(f"parse_models({body[:30]!r}) returns {names!r}, no list of names")
    return problems
