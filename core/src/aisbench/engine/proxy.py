"""Going through an HTTP proxy, when the suite asks for it."""

from __future__ import annotations

import asyncio
import base64
import ssl
import urllib.parse
import urllib.request
from collections.abc import Callable

from attrs import frozen

from aisbench.engine.connection import Connection


@frozen
class Proxy:
    """An HTTP proxy: its address, and the value of Proxy-Authorization if it needs one."""

    host: str
    port: int
    authorization: str


def proxy_for(setting: str, url: str) -> Proxy | None:
    """The proxy for ``url``: none, the given one, or what the environment says for its host."""
    if not setting:
        return None
    parts = urllib.parse.urlsplit(url)
    address: str | None = setting
    if setting == "environment":
        if urllib.request.proxy_bypass(parts.netloc):
            return None
        address = urllib.request.getproxies().get(parts.scheme)
    if not address:
        return None
    proxy = urllib.parse.urlsplit(address if "://" in address else f"http://{address}")
    authorization = ""
    if proxy.username:
        secret = (
            f"{urllib.parse.unquote(proxy.username)}:{urllib.parse.unquote(proxy.password or '')}"
        )
        authorization = "Basic " + base64.b64encode(secret.encode()).decode()
    return Proxy(proxy.hostname or "", proxy.port or 8080, authorization)


async def open_tunnel(
    proxy: Proxy,
    host: str,
    port: int,
    context: ssl.SSLContext,
    make: Callable[[], Connection],
) -> Connection:
    """A TLS connection to ``host`` through CONNECT (RFC 9110, 9.3.6).

    Raises OSError when the proxy refuses.
    """
    loop = asyncio.get_running_loop()
    answered = loop.create_future()
    transport, _ = await loop.create_connection(lambda: _Tunnel(answered), proxy.host, proxy.port)
    try:
        head = f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n"
        if proxy.authorization:
            head += f"Proxy-Authorization: {proxy.authorization}\r\n"
        transport.write(head.encode() + b"\r\n")
        line = await answered
        if line.split(" ", 2)[1:2] != ["200"]:
            raise OSError(f"the proxy {proxy.host}:{proxy.port} answered {line!r}")
        connection = make()
        secured = await loop.start_tls(transport, connection, context, server_hostname=host)
        if secured is None:
            raise OSError(f"the proxy {proxy.host}:{proxy.port} closed the tunnel")
        connection.connection_made(secured)
        return connection
    except BaseException:
        transport.abort()
        raise


class _Tunnel(asyncio.Protocol):
    """Waits for the proxy's answer to CONNECT: its status line."""

    def __init__(self, answered: asyncio.Future[str]) -> None:
        self._answered = answered
        self._data = b""

    def data_received(self, data: bytes) -> None:
        self._data += data
        if b"\r\n\r\n" in self._data and not self._answered.done():
            self._answered.set_result(self._data.split(b"\r\n", 1)[0].decode("latin-1"))

    def connection_lost(self, error: Exception | None) -> None:
        if not self._answered.done():
            self._answered.set_exception(OSError("the proxy closed the connection"))
