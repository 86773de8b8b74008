"""What a server itself says about an error, in whatever form."""

from __future__ import annotations

import html
import http
import re
from typing import Any

from attrs import frozen

from aisbench.base import lenient
from aisbench.types.response import Fault, FaultKind

BODY_LIMIT = 2000
_MESSAGE_LIMIT = 500
_EXCERPT_LIMIT = 200
_CONTENT = 200
"""Letters and digits in a row from which on they are no words."""
_BASE64 = re.compile(rf"(;base64,|\"data\\?\": ?\\?\")([A-Za-z0-9+/]{{{_CONTENT},}}={{0,2}})")
"""Contents where requests have them, in data: urls and under "data". Not any run of such letters:
it may hold a piece of a secret, which is hidden later and only where it is whole."""
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


def http_fault(status: int, body: bytes) -> Fault:
    """An answer with an error status."""
    return Fault(
        kind=FaultKind.HTTP,
        message=error_message(body) or _phrase(status),
        status=status,
        body=shorten(body, BODY_LIMIT),
    )


def server_fault(error: Any, body: str) -> Fault:
    """An error object inside an answer that began as a success."""
    return Fault(
        kind=FaultKind.SERVER,
        message=_of_value(error) or "the server reported an error without saying which",
        body=_limited(body, BODY_LIMIT),
    )


def alien_fault(status: int, body: bytes, protocol: str) -> Fault:
    """A success that holds no answer of ``protocol``: a proxy's page, another API."""
    what = "an empty body" if not body.strip() else f"{shorten(body, _EXCERPT_LIMIT)!r}"
    if title := _title(body):
        what = f"a page titled {title!r}"
    return Fault(
        kind=FaultKind.PROTOCOL,
        message=f"the url does not look like {protocol}: status {status} with {what}",
        status=status,
        body=shorten(body, BODY_LIMIT),
    )


def garbled_fault(data: bytes) -> Fault:
    """An event that is not JSON."""
    return Fault(
        kind=FaultKind.PROTOCOL,
        message=f"an event of the stream is not JSON: {shorten(data, _EXCERPT_LIMIT)!r}",
        body=shorten(data, BODY_LIMIT),
    )


def cut_fault(what: str) -> Fault:
    """An answer without its end."""
    return Fault(kind=FaultKind.CUT, message=what)


@frozen
class Complaint:
    """The error in an event that is not part of an answer: ``words`` are text or an object.
    ``sure``: it cannot be anything but an error."""

    words: Any
    sure: bool


_NOTHING = frozenset({"", "0", "none", "null", "false", "no", "ok", "success", "succeeded"})
_ERRORS = ("error", "errors", "exception", "err", "fault", "failure")
_KINDS = ("object", "type", "event", "status", "state", "level")
_FAILED = re.compile(r"error|fail|exception|abort", re.IGNORECASE)
_CODES = ("code", "status", "status_code", "statuscode", "error_code", "errorcode", "errcode")


def is_error(value: Any, depth: int = 4) -> bool:
    """Whether the value of ``error`` is one: null, "", {} and objects of nothing else are not,
    nor is a code 0."""
    if isinstance(value, str):
        return value.strip().lower() not in _NOTHING
    if isinstance(value, dict):
        return depth > 0 and any(is_error(one, depth - 1) for one in value.values())
    if isinstance(value, list):
        return depth > 0 and any(is_error(one, depth - 1) for one in value[:20])
    return bool(value)


_SUSPICIOUS = re.compile(
    rb"err|fail|fault|exce|abort|mess|msg|detail|reason|descr|title|success|^(data:)?\s*[\[\"]",
    re.I,
)


def may_complain(data: bytes) -> bool:
    """Whether an event is worth :func:`complaint`: most are heartbeats."""
    return _SUSPICIOUS.search(data) is not None


def complaint(event: Any, depth: int = 3) -> Complaint | None:
    """The error in an event that is not part of an answer, under any known name.

    Known forms: ``{"object": "error"}`` (vLLM), ``{"code", "message"}``, ``{"detail"}`` (FastAPI),
    ``{"type": "error"}`` (Anthropic), ``{"error_code", "error_msg"}`` (Qianfan),
    ``{"base_resp": {"status_code", "status_msg"}}`` (MiniMax), lists of these (Gemini).
    """
    if isinstance(event, str):
        return Complaint(event, sure=False) if event.strip() else None
    if isinstance(event, list):
        found = [complaint(one, depth - 1) for one in event[:5]] if depth else []
        return next(filter(None, found), None)
    if not isinstance(event, dict):
        return None
    if found_here := _complaint_of(event):
        return found_here
    for value in event.values():
        if depth and isinstance(value, (dict, list)) and (inner := complaint(value, depth - 1)):
            return inner
    return None


def _complaint_of(event: dict[Any, Any]) -> Complaint | None:
    """The error in the names and values of an object itself."""
    lower = _lower(event)
    if any(is_error(lower.get(key)) for key in _ERRORS):
        return Complaint(event, sure=True)
    kinds = [one for key in _KINDS if isinstance(one := lower.get(key), str)]
    if any(map(_FAILED.search, kinds)) or lower.get("success") is False:
        return Complaint(event, sure=True)
    names = (*_SENTENCES[1:4], *_MORE_SENTENCES)
    sentences = [lower[key] for key in names if isinstance(lower.get(key), (str, list))]
    if any(map(is_error, sentences)):
        return Complaint(event, sure=any(_bad(lower.get(key)) for key in _CODES))
    return None


def _bad(code: Any) -> bool:
    """Whether a code means failure: 400 and above, or negative. Others may be progress."""
    if isinstance(code, str) and re.fullmatch(r"-?[0-9]{1,9}", code):
        code = int(code)
    return type(code) is int and (code >= 400 or code < 0)


def _lower(value: dict[Any, Any]) -> dict[Any, Any]:
    """With names in lower case. Of two that are then equal the one written so wins."""
    if all(type(key) is str and key.islower() for key in value):
        return value
    return {**{str(key).lower(): one for key, one in value.items()}, **value}


def shorten(body: bytes, limit: int) -> str:
    """``body`` as text of at most ``limit`` characters."""
    return _limited(body.decode("utf-8", "replace"), limit)


def error_message(body: bytes) -> str:
    """The sentence in an error's body, or "".

    vLLM and OpenAI send ``{"error": {"message"}}``, older vLLM and SGLang ``{"message"}`` with
    ``"object": "error"``, FastAPI ``{"detail"}``, others plain text or a proxy's HTML page.
    """
    text = body.strip()
    value = lenient.loads(text)
    if value is lenient.INVALID and text.startswith(b"data:"):
        value = lenient.loads(text[5:])
    if value is not lenient.INVALID:
        return _of_value(value)
    return _title(text) or shorten(text, _MESSAGE_LIMIT)


_SENTENCES = ("error", "message", "detail", "msg", "errors", "exception", "fault", "failure")
_MORE_SENTENCES = (
    "error_message",
    "error_msg",
    "err_msg",
    "error_description",
    "errormessage",
    "errormsg",
    "errmsg",
    "status_msg",
    "reason",
    "description",
    "title",
)
_FILTERS = ("content_filter_results", "content_filter_result", "refusal", "choices", "innererror")
"""Where content filters say what they blocked: Azure's, and completions with an error status."""
_WORDS = ("code", "finish_reason", "type")
"""Single words, where there is no sentence: llama-cpp-python sends an empty one with a type."""


def _of_value(value: Any, depth: int = 6) -> str:
    if isinstance(value, str):
        return lenient.whole(_limited(value.strip(), _MESSAGE_LIMIT))
    if isinstance(value, dict) and depth:
        value = _lower(value)
        for key in (*_SENTENCES, *_MORE_SENTENCES, *_FILTERS, *_WORDS):
            if found := _of_value(value.get(key), depth - 1):
                return found
    if isinstance(value, list) and depth:
        found = "; ".join(filter(None, (_of_item(item, depth - 1) for item in value[:5])))
        return _limited(found, _MESSAGE_LIMIT)
    return ""


def _of_item(value: Any, depth: int) -> str:
    """One of the problems that FastAPI lists: ``{"loc": ["body", 9], "msg": ...}``."""
    message = _of_value(value, depth)
    place = value.get("loc") if isinstance(value, dict) else None
    if message and isinstance(place, list):
        return f"{'.'.join(_of_value(part) or repr(part) for part in place[:9])}: {message}"
    return message


def _limited(text: str, limit: int) -> str:
    """Without contents of pictures, as some servers repeat what they were sent."""
    if len(text) > _CONTENT:
        text = _BASE64.sub(lambda one: f"{one[1]}<{len(one[2])} characters of base64>", text)
    return lenient.whole(text if len(text) <= limit else text[: limit - 1] + "…")


def _title(body: bytes) -> str:
    if not body.lstrip().startswith(b"<"):
        return ""
    found = _TITLE.search(body)
    words = html.unescape(shorten(found[1], _EXCERPT_LIMIT)).split() if found else ["HTML page"]
    return " ".join(words)


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return f"status {status}"
