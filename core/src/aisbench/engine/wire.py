"""A codec's request as bytes. The head is made once for each path."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping

import attrs

import aisbench
from aisbench.config.addresses import header_problem, value_problem
from aisbench.contract.service_backends import ServiceBackend, SigningBackend
from aisbench.engine.pool import ConnectionPool
from aisbench.engine.replicas import join_url
from aisbench.types.http import HttpRequest

_LENGTH = b"Content-Length: %d\r\n"


def writer_for(headers: Mapping[str, str], backend: ServiceBackend | None) -> RequestWriter:
    """A writer of a model's requests, which signs them if the backend does."""
    if isinstance(backend, SigningBackend):
        return SigningWriter(headers, backend)
    return RequestWriter(headers)


class RequestWriter:
    """Writes requests of one model, with the user's headers.

    Values beyond ASCII go out as UTF-8, as curl sends them: to HTTP they are opaque bytes
    (RFC 9110, 5.5).
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = {"User-Agent": f"aisbench/{aisbench.__version__}", **headers}
        self._heads: dict[tuple[str, str, str], bytes] = {}

    def write(
        self, request: HttpRequest, url: str, pool: ConnectionPool, follows: int = 0
    ) -> bytes:
        """The whole request, for the server at ``url``; ``follows`` are bytes of its body that
        are sent behind it."""
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
        length = b"" if request.method == "GET" else _LENGTH % (len(body) + follows)
        return b"%b%b%b\r\n%b" % (head, own.encode(), length, body)


class SigningWriter(RequestWriter):
    """Writes requests that their backend signs, each when it is sent."""

    def __init__(self, headers: Mapping[str, str], backend: SigningBackend) -> None:
        super().__init__(headers)
        self._backend = backend

    def write(
        self, request: HttpRequest, url: str, pool: ConnectionPool, follows: int = 0
    ) -> bytes:
        """See :meth:`RequestWriter.write`. Raises what the backend raises, and ValueError for
        headers that cannot be added."""
        assert not follows  # a signature covers the body
        whole = attrs.evolve(request, headers={**self._headers, **request.headers})
        added = self._backend.sign(whole, join_url(url, request.path))
        taken = {name.lower() for name in whole.headers}
        for name, value in added.items():
            if type(value) is not str:
                raise TypeError(f"sign() gave a {type(value).__name__} as the header {name}")
            if name.lower() in taken:
                raise ValueError(f"sign() gave the header {name}, which the request has already")
            # The value is a secret by its nature: the check does not repeat it.
            if wrong := header_problem({name: None}) or value_problem(value):
                raise ValueError(f"sign(): the header {name}: {wrong}")
        signed = attrs.evolve(request, headers={**request.headers, **added})
        return super().write(signed, url, pool)
