"""What servers can do wrong with an answer, and some of what they may do: as bytes, from a seed.

Each case says what is right: "same" (read exactly as it was sent), "failed", "either" of these,
or "any" where nobody can tell what was meant; then it must only do no harm.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from answer_protocols import DONE, Json, Protocol
from attrs import define, field

DIED = "engine died of old age"
SAME, FAILED, EITHER, ANY = "same", "failed", "either", "any"


@define
class Case:
    """One answer: what is sent, and what is right."""

    protocol: Protocol
    stream: bool
    text: str
    chance: random.Random
    kind: str = ""
    right: str = SAME
    words: str = ""
    """What the fault must say."""
    objects: list[Json] = field(factory=list)
    body: bytes = b""
    status: bytes = b"200 OK"
    headers: list[bytes] = field(factory=list)
    framing: str = ""
    """chunked, length, or close."""
    before: bytes = b""
    after: bytes = b""
    end: str = "keep"
    """keep, fin, rst, open (the message never ends), late (it ends later)."""
    endless: bytes = b""
    raw: bytes | None = None
    step: int = 0
    """Bytes of a write; 0: all at once."""

    def written(self, one: Json, ascii_only: bool = False) -> bytes:
        return json.dumps(one, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")

    def render(self) -> None:
        """The body, from the objects."""
        if not self.stream:
            self.body = self.written(self.objects[0])
            return
        self.body = b"".join(event(self.written(one)) for one in self.objects)
        self.body += DONE if self.protocol.done else b""

    @property
    def closes(self) -> bool:
        """Whether the end of the answer shows before that of its message."""
        return self.stream and (self.protocol.done or self.protocol.ended)

    def bytes(self) -> bytes:
        """Head and body as they go over the wire, without what never ends."""
        if self.raw is not None:
            return self.raw
        kind = b"text/event-stream" if self.stream else b"application/json"
        framing = self.framing or ("chunked" if self.stream else "length")
        lines = [b"HTTP/1.1 " + self.status, b"Content-Type: " + kind, *self.headers]
        body = self.body
        if framing == "chunked":
            lines.append(b"Transfer-Encoding: chunked")
            cuts = sorted(self.chance.randrange(len(body) + 1) for _ in range(5)) if body else []
            body = b"".join(
                b"%x\r\n%b\r\n" % (len(part), part) for part in _parts(body, cuts) if part
            )
            body += b"" if self.end in ("open", "late") else b"0\r\n\r\n"
        elif framing == "length":
            more = 10 if self.end in ("open", "late") else 0
            lines.append(b"Content-Length: %d" % (len(body) + more))
        else:
            self.end = "fin" if self.end == "keep" else self.end
        return self.before + b"\r\n".join(lines) + b"\r\n\r\n" + body + self.after


def _parts(body: bytes, cuts: Sequence[int]) -> Iterator[bytes]:
    for begin, end in zip((0, *cuts), (*cuts, len(body)), strict=True):
        yield body[begin:end]


def event(data: bytes, end: bytes = b"\n") -> bytes:
    return b"data: " + data + end + end


KINDS: dict[str, Callable[[Case], None]] = {}


def kind(function: Callable[[Case], None]) -> Callable[[Case], None]:
    KINDS[function.__name__.strip("_").replace("_", " ")] = function
    return function


# -- what is allowed


@kind
def plain(case: Case) -> None:
    case.step = case.chance.choice([0, 0, 1, 7, 100])


@kind
def other_line_ends(case: Case) -> None:
    if case.stream:
        case.body = case.body.replace(b"\n", case.chance.choice([b"\r\n", b"\r"]))
        case.step = case.chance.choice([0, 1, 3])


@kind
def byte_order_mark(case: Case) -> None:
    case.body = b"\xef\xbb\xbf" + case.body
    case.step = case.chance.choice([0, 1])


@kind
def heartbeats(case: Case) -> None:
    if case.stream:
        noise = [b": ping\n\n", b"event: ping\ndata: {}\n\n", b"\n\n", event(b'{"type":"ping"}'),
                 b"id: 7\nretry: 10\n\n", event(b"null"), event(b"{}")]  # fmt: skip
        events = case.body.split(b"\n\n")[:-1]
        case.body = b"".join(
            (case.chance.choice(noise) if case.chance.random() < 0.4 else b"") + one + b"\n\n"
            for one in events
        )


@kind
def errors_that_say_nothing(case: Case) -> None:
    nothing: list[Any] = [None, "", {}, [], False, 0, {"message": None, "code": None}, "null"]
    for one in case.objects:
        one["error"] = case.chance.choice(nothing)
    case.render()


@kind
def data_of_several_lines(case: Case) -> None:
    if case.stream:
        case.body = case.body.replace(b'data: {"', b'data: {\ndata: "')


@kind
def escapes(case: Case) -> None:
    parts = [case.written(one, ascii_only=True) for one in case.objects]
    if case.stream:
        done = DONE if case.protocol.done else b""
        case.body = b"".join(map(event, parts)) + done
    else:
        case.body = parts[0]


@kind
def framings(case: Case) -> None:
    case.framing = case.chance.choice(["chunked", "length", "close"])


@kind
def interim_answers(case: Case) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    case.before = b"HTTP/1.1 100 Continue\r\n\r\n" + early * case.chance.randint(0, 50)


@kind
def odd_headers(case: Case) -> None:
    case.headers += [
        case.chance.choice([b"X-Odd: \xff\xfe", b"Retry-After: " + b"9" * 30, b"X:",
                            b"Content-Language: " + b"x" * 20_000, b"Retry-After: \xb2"])
        for _ in range(case.chance.randint(1, 200))
    ]  # fmt: skip
    if sum(map(len, case.headers)) > 150_000:
        case.right = EITHER  # more than the suite allows


@kind
def odd_usage(case: Case) -> None:
    odd: list[Any] = [None, [], "x", 7, {"prompt_tokens": 10**30, "completion_tokens": -5},
                      {"completion_tokens": float("nan")}, {"completion_tokens": "9"}]  # fmt: skip
    for one in case.objects:
        for table in (one, one.get("response")):
            if isinstance(table, dict) and "usage" in table:
                table["usage"] = case.chance.choice(odd)
        if isinstance(one.get("details"), dict):
            one["details"]["generated_tokens"] = case.chance.choice([-1, 10**30, None, []])
    case.render()


@kind
def message_that_stays_open(case: Case) -> None:
    case.end = case.chance.choice(["open", "late"])
    if not case.closes:
        case.right = FAILED
        case.end = "open"


@kind
def another_answer_behind(case: Case) -> None:
    other = Case(case.protocol, case.stream, "The answer is 666.", case.chance)
    fill(other)
    other.framing = case.framing = case.chance.choice(["chunked", "length"])
    junk = [other.bytes(), b"junk", b"\0", other.bytes()[:50]]
    case.after = case.chance.choice(junk)


@kind
def idle_connection_dropped(case: Case) -> None:
    case.end = case.chance.choice(["drop-fin", "drop-rst"])


@kind
def half_a_surrogate_pair(case: Case) -> None:
    case.text = "\ufffd" + case.text
    half = case.chance.choice(["\\ud83d", "\\udc00"])
    last = case.objects
    for one in last:
        _prefix(one, "HALF")
        if case.stream and case.protocol.backend not in ("openai-responses",):
            break
    if case.protocol.backend in ("tgi-generate", "mindie-infer") and case.stream:
        last[-1]["generated_text"] = "HALF" + last[-1]["generated_text"].removeprefix("HALF")
    case.render()
    case.body = case.body.replace(b"HALF", half.encode())
    case.right = ANY


def _prefix(one: Any, mark: str) -> bool:
    """Put ``mark`` before the first text of an object."""
    names = ("content", "text", "text_output", "generated_text", "delta")
    if isinstance(one, dict):
        for key, value in one.items():
            if key in names and isinstance(value, str):
                one[key] = mark + value
                return True
            if _prefix(value, mark):
                return True
    return isinstance(one, list) and any(_prefix(part, mark) for part in one)


# -- what is an error


ERRORS: tuple[Any, ...] = (
    {"error": {"message": DIED, "type": "InternalServerError", "code": 500}},
    {"error": DIED},
    {"error": [{"message": DIED}]},
    {"error": {"error": {"message": DIED}}},
    {"object": "error", "message": DIED, "code": 400},
    {"code": 500, "message": DIED},
    {"code": "500", "msg": DIED},
    {"detail": DIED},
    {"detail": [{"loc": ["body"], "msg": DIED}]},
    {"message": DIED},
    {"type": "error", "error": {"type": "overloaded_error", "message": DIED}},
    {"error_code": 336100, "error_msg": DIED},
    {"errorMessage": DIED, "status": "FAILED"},
    {"Message": DIED, "Code": 503},
    {"status": "failed", "reason": DIED},
    {"success": False, "message": DIED},
    {"result": {"error": {"message": DIED}}},
    {"base_resp": {"status_code": 1013, "status_msg": DIED}},
    {"exception": DIED},
    [{"error": {"code": 429, "message": DIED}}],
    DIED,
)


@kind
def error_in_a_success(case: Case) -> None:
    error = case.chance.choice(ERRORS)
    data = json.dumps(error).encode()
    form = case.chance.choice(["data", "data", "data", "event", "name"])
    case.right = FAILED
    if not case.stream:
        case.body = data
        return
    last = len(case.objects) - 1 - case.protocol.done  # before any reason to stop
    kept = case.objects[: case.chance.randint(0, max(0, last))]
    case.body = b"".join(event(case.written(one)) for one in kept)
    if form == "event":
        case.body += b"event: error\n" + event(data)
    elif form == "name":
        case.body += b"error: " + data + b"\n\n"
    else:
        case.body += event(data)
    case.body += case.chance.choice([b"", DONE])
    case.words = DIED
    case.end = case.chance.choice(["keep", "fin", "rst"])
    if case.end == "rst":
        case.words = ""  # a reset may overtake what was sent


@kind
def status(case: Case) -> None:
    codes = [301, 302, 307, 400, 401, 404, 413, 418, 429, 500, 502, 503, 529, 599, 999]
    case.status = b"%d Oh" % case.chance.choice(codes)
    after = [b"9" * 400, b"Fri, 31 Dec 99999999999999999999 23:59:59 GMT", b"-1", b"nan", b"1e9",
             b"Fri, 31 Dec 9999 23:59:59 -9999", b"Mon, 01 Jan 0001 00:00:00 GMT", b"\xb2", b"",
             b"Thu, 99 Zzz 2020 99:99:99 GMT", b"x" * 5000, b"0"]  # fmt: skip
    case.headers += [b"Retry-After: " + case.chance.choice(after), b"Location: \xff//evil/"]
    case.right = FAILED


@kind
def ended_early(case: Case) -> None:
    """In good order by HTTP, with some of the body left out."""
    case.body = case.body[: case.chance.randrange(len(case.body))]
    case.right = EITHER if case.protocol.ended or not case.stream else ANY


@kind
def connection_broken(case: Case) -> None:
    data = case.bytes()
    case.raw = data[: case.chance.randrange(1, len(data))]
    case.end = case.chance.choice(["fin", "rst"])
    case.right = EITHER


@kind
def no_answer_at_all(case: Case) -> None:
    pages = [b"", b"<html><title>Login</title></html>", b"ok", b"[]", b"null", b'"x"', b"{}", b"7",
             b"data: {\n\n", b"\n\n\n", b"event: ping\n\n", case.chance.randbytes(300),
             b"[" * 100_000, b'{"a":' * 100_000, event(b"[" * 2000 + b"]" * 2000)]  # fmt: skip
    case.body = case.chance.choice(pages)
    case.right = FAILED


@kind
def no_http(case: Case) -> None:
    case.raw = case.chance.choice([
        b"", b"220 smtp ready\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x28",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", case.chance.randbytes(500), b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", b"HTTP/1.1 200 OK\r\n : x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    ])  # fmt: skip
    case.end = "fin"
    case.right = FAILED


@kind
def compressed(case: Case) -> None:
    bomb = gzip.compress(b"\0" * 3_000_000)
    case.body = case.chance.choice([gzip.compress(case.body), bomb])
    case.headers.append(b"Content-Encoding: " + case.chance.choice([b"gzip", b"br", b"deflate"]))
    case.right = FAILED


@kind
def never_ends(case: Case) -> None:
    case.raw, case.endless = case.chance.choice([
        (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 8192),
        (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 1024),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ", b"y" * 8192),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", b": ping\n\n" * 1024),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", b"\n" * 8192),
        (b"HTTP/1.1 200 OK\r\n\r\n{", b" " * 8192),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 300),
    ])  # fmt: skip
    case.right = FAILED


# -- what nobody can read one way


@kind
def flipped_bits(case: Case) -> None:
    body = bytearray(case.body)
    for _ in range(case.chance.randint(1, 6)):
        body[case.chance.randrange(len(body))] ^= 1 << case.chance.randrange(8)
    case.body = bytes(body)
    case.right = ANY


@kind
def other_types(case: Case) -> None:
    odd: list[Any] = [
        None,
        [],
        {},
        0,
        -1,
        True,
        "x",
        [[]],
        [None],
        {"a": 1},
        10**400,
        [{}],
        float("nan"),
        float("inf"),
        "\ud800",
        ["\ud800"],
        {"\ud800": "\udc00"},
    ]
    for one in case.objects:
        if case.chance.random() < 0.5:
            _twist(one, odd, case.chance)
    parts = [json.dumps(one).encode() for one in case.objects]
    case.body = b"".join(map(event, parts)) if case.stream else parts[0]
    case.body += DONE if case.stream and case.protocol.done else b""
    case.right = ANY


def _twist(one: Any, odd: Sequence[Any], chance: random.Random) -> None:
    places = list(one) if isinstance(one, dict) else list(range(len(one)))
    if not places:
        return
    place = chance.choice(places)
    if isinstance(one[place], (dict, list)) and one[place] and chance.random() < 0.6:
        _twist(one[place], odd, chance)
    else:
        one[place] = chance.choice(odd)


@kind
def invalid_text(case: Case) -> None:
    place = case.chance.randrange(len(case.body))
    case.body = case.body[:place] + b"\xff\xfe\xc0" + case.body[place:]
    case.right = ANY


@kind
def nested_beside_the_answer(case: Case) -> None:
    depth = case.chance.choice([100, 500, 900, 1500, 50_000])
    nest = b'{"x":' + b"[" * depth + b"]" * depth + b","
    case.body = case.body.replace(b"{", nest, 1)
    case.right = EITHER


def fill(case: Case) -> None:
    """The answer in good order."""
    size = case.chance.randint(1, 9)
    pieces = [case.text[at : at + size] for at in range(0, len(case.text), size)]
    case.objects = (
        case.protocol.events(pieces) if case.stream else [case.protocol.whole(case.text)]
    )
    case.render()


def make(protocol: Protocol, stream: bool, seed: int, number: int, kinds: Sequence[str]) -> Case:
    """The case of a number: the same for the same seed."""
    chance = random.Random(f"{seed}/{protocol.backend}/{stream}/{number}")
    text = f"Let me see: item {number} is 研究 № {number * 7}. The answer is {number}{number % 7}."
    case = Case(protocol, stream, text, chance)
    case.kind = kinds[number % len(kinds)]
    fill(case)
    KINDS[case.kind](case)
    return case
