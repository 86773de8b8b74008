"""Requests for which something must be asked of the server first, such as ids of its tokenizer."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Protocol, runtime_checkable

from attrs import frozen

from aisbench.contract import Decoder
from aisbench.types.http import HttpRequest
from aisbench.types.request import Request
from aisbench.types.response import Fault


@frozen(kw_only=True)
class Reply:
    """A whole HTTP response to a preparing question."""

    status: int
    body: bytes


@frozen(kw_only=True)
class Prepared:
    """What is sent in the end; ``decoder`` makes a fresh one for an attempt."""

    wire: HttpRequest
    decoder: Callable[[], Decoder]


Preparation = Generator[HttpRequest, Reply, "Prepared | Fault"]
"""Yields questions, is sent the replies, and ends with what is to be sent; or with a fault, which
is the attempt's: the engine tries again as its kind says."""


@runtime_checkable
class PreparingBackend(Protocol):
    """A service backend (:class:`aisbench.api.ServiceBackend`) that has this method too. Sans-I/O
    like the rest of it; the engine owns sockets, time-outs and retries."""

    def prepare(self, request: Request) -> Preparation | None:
        """None where nothing is asked and ``encode`` and ``decoder`` say all. Called for each
        attempt: what a server said of one request may be remembered for the next."""
