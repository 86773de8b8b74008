"""A server's own words about what went wrong, in whatever form it sends them."""

from __future__ import annotations

import html
import http
import re
from typing import Any

from aisbench.codec import lenient
from aisbench.types.response import Fault, FaultKind

BODY_LIMIT = 2000
_MESSAGE_LIMIT = 500
_EXCERPT_LIMIT = 200
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
    """An event that is no JSON."""
    return Fault(
        kind=FaultKind.PROTOCOL,
        message=f"an event of the stream is not JSON: {shorten(data, _EXCERPT_LIMIT)!r}",
        body=shorten(data, BODY_LIMIT),
    )


def cut_fault(what: str) -> Fault:
    """An answer without its end."""
    return Fault(kind=FaultKind.CUT, message=what)


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


_SENTENCES = ("error", "message", "detail", "msg")
_FILTERS = ("content_filter_results", "content_filter_result", "refusal", "choices", "innererror")
"""Where content filters say what they blocked: Azure's, and completions with an error status."""
_WORDS = ("code", "finish_reason", "type")
"""Single words, where there is no sentence: llama-cpp-python sends an empty one with a type."""


def _of_value(value: Any, depth: int = 6) -> str:
    if isinstance(value, str):
        return lenient.whole(_limited(value.strip(), _MESSAGE_LIMIT))
    if isinstance(value, dict) and depth:
        for key in (*_SENTENCES, *_FILTERS, *_WORDS):
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
