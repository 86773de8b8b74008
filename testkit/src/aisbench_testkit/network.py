"""Keeping a test on its own machine."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock


class NetworkRefused(OSError):
    """An address that tests must not reach for."""


def is_local(host: object) -> bool:
    """Loopback, or the name of it."""
    if host is None or host in ("", b"", "localhost", b"localhost"):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    # 0.0.0.0 and :: are where servers listen.
    return address.is_loopback or address.is_unspecified


@contextmanager
def guarded_network() -> Iterator[list[str]]:
    """Refuse what is not local. What was tried is in the list, even if the error was caught."""
    tried: list[str] = []
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    look_up = socket.getaddrinfo

    def check(host: object, what: str) -> None:
        if not is_local(host):
            tried.append(what)
            raise NetworkRefused(f"{what}: the test may use this machine alone")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple):
            check(address[0], f"connect to {address[0]}:{address[1]}")
        return connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if isinstance(address, tuple):
            check(address[0], f"connect to {address[0]}:{address[1]}")
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *rest: Any, **named: Any) -> Any:
        check(host, f"look-up of {host}")
        return look_up(host, *rest, **named)

    with (
        mock.patch.object(socket.socket, "connect", guarded_connect),
        mock.patch.object(socket.socket, "connect_ex", guarded_connect_ex),
        mock.patch.object(socket, "getaddrinfo", guarded_look_up),
    ):
        yield tried
