"""Requests before which the server must be asked something, such as ids of its tokenizer."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Generator
from typing import Generic, Protocol, TypeVar, runtime_checkable

from attrs import define, field, frozen

from aisbench.codec.faults import http_fault
from aisbench.contract.decoders import Decoder
from aisbench.types.http import HttpRequest
from aisbench.types.request import Request
from aisbench.types.response import Fault

ABSENT = frozenset({401, 403, 404, 405, 501})
"""Statuses of a route that does not exist, or that we may not use."""
_AGAIN = frozenset({408, 425, 429})
_KEPT = 1024

_Value = TypeVar("_Value")


@frozen(kw_only=True)
class Reply:
    """A whole HTTP response to a preparing question."""

    status: int
    body: bytes

    @property
    def fault(self) -> Fault | None:
        """For a status after which another attempt may succeed; the protocol decides on others."""
        if self.status in _AGAIN or (self.status >= 500 and self.status not in ABSENT):
            return http_fault(self.status, self.body)
        return None


@define(eq=False)
class Remembered(Generic[_Value]):
    """The last 1024 replies by the bodies that asked for them: choices of one prompt share what is
    before them. Bodies are kept as hashes, as they may hold pictures."""

    _known: OrderedDict[bytes, _Value] = field(init=False, factory=OrderedDict)

    def find(self, body: bytes) -> tuple[_Value] | None:
        """The value in a tuple of one; None when it is not known."""
        key = hashlib.sha256(body).digest()
        if key not in self._known:
            return None
        self._known.move_to_end(key)
        return (self._known[key],)

    def keep(self, body: bytes, value: _Value) -> _Value:
        """Remember the value, and return it."""
        self._known[hashlib.sha256(body).digest()] = value
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return value


@frozen(kw_only=True)
class Prepared:
    """What is sent in the end; ``decoder`` makes a fresh one for an attempt."""

    wire: HttpRequest
    decoder: Callable[[], Decoder]


Preparation = Generator[HttpRequest, Reply, "Prepared | Fault"]
"""Yields questions, is sent the replies, and returns what is to be sent; or the attempt's fault,
after which the engine tries again as its kind says."""


@runtime_checkable
class PreparingBackend(Protocol):
    """A service backend (:class:`aisbench.api.ServiceBackend`) that has this method too. Sans-I/O
    like the rest of it; the engine owns sockets, time-outs and retries."""

    def prepare(self, request: Request) -> Preparation | None:
        """None where nothing need be asked, and ``encode`` and ``decoder`` suffice. Called for
        each attempt; replies may be remembered from one request to the next."""
