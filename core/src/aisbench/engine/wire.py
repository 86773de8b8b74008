"""A codec's request as bytes. The head is made once for each path."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping

import aisbench
from aisbench.engine.pool import ConnectionPool
from aisbench.engine.replicas import join_url
from aisbench.types.http import HttpRequest


class RequestWriter:
    """Writes requests of one model, with the user's headers.

    Values beyond ASCII go out as UTF-8, as curl sends them: to HTTP they are opaque bytes
    (RFC 9110, 5.5).
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = {"User-Agent": f"aisbench/{aisbench.__version__}", **headers}
        self._heads: dict[tuple[str, str, str], bytes] = {}

    def write(self, request: HttpRequest, url: str, pool: ConnectionPool) -> bytes:
        """The whole request, for the server at ``url``."""
        key = (request.method, url, request.path)
        head = self._heads.get(key)
        if head is None:
            whole = join_url(url, request.path)
            parts = urllib.parse.urlsplit(whole)
            target = (
                whole
                if pool.absolute_target
                else urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
            )
            lines = [f"{request.method} {target} HTTP/1.1", f"Host: {parts.netloc}"]
            lines += [f"{name}: {value}" for name, value in self._headers.items()]
            if authorization := pool.proxy_authorization:
                lines.append(f"Proxy-Authorization: {authorization}")
            head = "\r\n".join(lines).encode() + b"\r\n"
            self._heads[key] = head
        own = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        body = request.body
        length = b"" if request.method == "GET" else b"Content-Length: %d\r\n" % len(body)
        return b"%b%b%b\r\n%b" % (head, own.encode(), length, body)
