"""URLs and headers, checked before anything is sent.

Addresses by RFC 3986 (what is not ASCII by RFC 3987 and IDNA), header fields by RFC 9110, 5.
"""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from collections.abc import Mapping, Sequence

from aisbench.base.visible import visible

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?=//)")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?\Z")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_UNFIT = re.compile(
    r"[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u2066-\u2069\\\ufeff\ud800-\udfff]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_SAFE = "/:?#[]@!$&'()*+,;=%~-._"
_SECRET = re.compile(r"auth|key|token|cookie|secret|password|credential", re.IGNORECASE)
_SECRET_QUERY = frozenset({"code", "sig", "signature", "pwd", "pass", "sas"})
_OF_TLS = frozenset({"https", "wss", "grpcs"})
_FRAMING = frozenset(
    {
        *("content-length", "transfer-encoding", "connection", "host", "te", "trailer", "upgrade"),
        *("expect", "keep-alive", "proxy-connection", "proxy-authorization", "accept-encoding"),
    }
)
"""Header fields that decide how a request is sent: wrong or duplicate ones break it."""


def url_problem(
    url: str, *, schemes: Sequence[str] = ("http", "https"), query: bool = True
) -> str | None:
    """Why nothing can be sent to ``url``; None when it can. Repeats nothing that may be a secret.

    A query is sent with every request (``?api-version=...`` of Azure), where ``query`` allows it.
    """
    wish = " or ".join(f'"{scheme}://"' for scheme in schemes)
    if not url:
        return f"must start with {wish} and name a host, and is empty"
    if found := _UNFIT.search(url):
        return f"must hold no {_named(found.group())} (character {found.start() + 1})"
    scheme = _SCHEME.match(url)
    if scheme is None or scheme[1].lower() not in schemes:
        return f"must start with {wish} and name a host{_meant(url, scheme is None, schemes)}"
    rest = url[scheme.end() + 2 :]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        return "must hold no user name or password: use api_key or headers"
    if "#" in rest:
        return 'must hold no "#": what follows it is never sent'
    if "?" in rest and (wrong := _query_problem(rest.partition("?")[2], query)):
        return wrong
    return _authority_problem(authority, wish)


def is_secure(url: str, schemes: Sequence[str] = ()) -> bool:
    """Whether the scheme of ``url`` is one of TLS: https, or one that has an "s" more than another
    one of a backend's own ``schemes``."""
    scheme = url.partition("://")[0].lower()
    return scheme in _OF_TLS or (scheme.endswith("s") and scheme[:-1] in schemes)


def with_scheme(url: str, scheme: str) -> str:
    """``url`` with another scheme."""
    return f"{scheme}://{url.partition('://')[2]}"


def ascii_url(url: str) -> str:
    """``url`` as it is sent: scheme and host in lower case, the host in IDNA, the path escaped.

    For URLs of which :func:`url_problem` has nothing to say.
    """
    scheme, _, rest = url.partition("://")
    authority = re.split(r"[/?]", rest, maxsplit=1)[0]
    path = rest[len(authority) :]
    host, colon, port = authority, "", ""
    if not authority.endswith("]"):
        host, colon, port = authority.rpartition(":") if ":" in authority else (authority, "", "")
    if not host.startswith("["):
        host = host.encode("idna").decode("ascii")
    return f"{scheme.lower()}://{host.lower()}{colon}{port}{urllib.parse.quote(path, _SAFE)}"


def header_problem(headers: Mapping[str, object]) -> str | None:
    """Why these headers cannot be sent, or must not stand in a file; None when they can.

    Values other than strings are references to the environment. Text beyond ASCII is allowed: it
    is sent as UTF-8, as curl does.
    """
    seen: set[str] = set()
    for name, content in headers.items():
        shown = visible(name)
        if not _TOKEN.match(name):
            return (
                f"{shown!r} cannot be the name of a header: letters, digits and "
                "!#$%&'*+-.^_`|~ are allowed"
            )
        if name.lower() in seen:
            return f"the header {shown} is given twice, in upper and lower case"
        seen.add(name.lower())
        if name.lower() in _FRAMING:
            return (
                f"the header {shown} is the client's own: it follows from the request and the url"
            )
        if not isinstance(content, str):
            continue
        if _SECRET.search(name):
            return f'the header {shown} looks like a secret: write it as {{ env = "NAME" }}'
        if wrong := value_problem(content):
            return f"the header {shown} {wrong}"
    return None


def value_problem(value: str) -> str | None:
    """What is wrong with a header's value, which is not repeated, as it may be a secret."""
    found = _CONTROL.search(value)
    if found is None:
        return None
    return f"holds a {_named(found.group())} (character {found.start() + 1})"


def _query_problem(query: str, allowed: bool) -> str | None:
    if not allowed:
        return "must hold no query"
    for name, _ in urllib.parse.parse_qsl(query, keep_blank_values=True):
        if _SECRET.search(name) or name.lower() in _SECRET_QUERY:
            return (
                f"must hold no query with {visible(name)[:40]!r}, which looks like a secret and "
                "would be written into the run: send it as a header, such as "
                'headers = { api-key = { env = "NAME" } }'
            )
    return None


def _named(character: str) -> str:
    if character in "\r\n":
        return "line break"
    if character == "\\":
        return "backslash"
    if character.isspace():
        return "space"
    if "\ud800" <= character <= "\udfff":
        return "byte that is not UTF-8"
    return f"control character U+{ord(character):04X}"


def _meant(url: str, without: bool, schemes: Sequence[str]) -> str:
    """What was probably meant, where that is clear and holds no password."""
    if re.match(r"(?:http\+)?unix:", url, re.IGNORECASE):
        return (
            "; Unix sockets are not supported: let the server listen on a port, or put one "
            "before it (socat TCP-LISTEN:8000,bind=127.0.0.1,fork UNIX-CONNECT:FILE)"
        )
    start = re.match(r"(?:https?:/?)?([A-Za-z0-9_.-]+(:\d+)?(/[\w./-]*)?)\Z", url)
    if without and start:
        return f': did you mean "{schemes[0]}://{start[1]}"?'
    return ""


def _authority_problem(authority: str, wish: str) -> str | None:
    if authority.startswith("["):
        address, bracket, after = authority[1:].partition("]")
        if not bracket:
            return 'has a "[" without "]" in its host'
        try:
            ipaddress.IPv6Address(address)
        except ValueError:
            return f"has no IPv6 address in [...]: {visible(address)[:80]!r}"
        return _port_problem(after) if after else None
    if "[" in authority or "]" in authority:
        return "has brackets in its host: they belong around an IPv6 address, and nothing else"
    host, colon, port = authority.partition(":")
    if ":" in port:
        return "has several colons in its host: write an IPv6 address as http://[::1]:8000"
    if not host:
        return f"must start with {wish} and name a host"
    try:
        plain = host.encode("idna").decode("ascii")
    except UnicodeError:
        return f"names a host that cannot be: {visible(host)[:80]!r}"
    if len(plain) > 253 or not all(map(_HOST.match, plain.removesuffix(".").split("."))):
        return f"names a host that cannot be: {visible(host)[:80]!r}"
    return _port_problem(colon + port) if colon else None


def _port_problem(text: str) -> str | None:
    port = text.removeprefix(":")
    if not text.startswith(":") or not port:
        return "must name a port after the host's colon: http://HOST:8000"
    if not (port.isascii() and port.isdigit() and len(port) < 6 and 1 <= int(port) <= 65535):
        return f"must name a port from 1 to 65535, and not {visible(port)[:20]!r}"
    return None
