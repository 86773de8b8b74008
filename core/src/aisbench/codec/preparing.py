"""Requests for which something must be asked of the server first, such as ids of its tokenizer."""

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
"""Statuses of a route that is not there, or not for us."""
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
        """Of a status that another attempt may mend; all others are for the protocol to judge."""
        if self.status in _AGAIN or (self.status >= 500 and self.status not in ABSENT):
            return http_fault(self.status, self.body)
        return None


@define(eq=False)
class Remembered(Generic[_Value]):
    """Replies by the bodies that asked for them, the last 1024: choices of one prompt share what
    is before them. Bodies are known by their hash, for they may hold pictures."""

    _known: OrderedDict[bytes, _Value] = field(init=False, factory=OrderedDict)

    def find(self, body: bytes) -> tuple[_Value] | None:
        """The value alone in a tuple; None when it is not known."""
        key = hashlib.sha256(body).digest()
        if key not in self._known:
            return None
        self._known.move_to_end(key)
        return (self._known[key],)

    def keep(self, body: bytes, value: _Value) -> _Value:
        """Remember, and give back."""
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
"""Yields questions, is sent the replies, and ends with what is to be sent; or with a fault, which
is the attempt's: the engine tries again as its kind says."""


@runtime_checkable
class PreparingBackend(Protocol):
    """A service backend (:class:`aisbench.api.ServiceBackend`) that has this method too. Sans-I/O
    like the rest of it; the engine owns sockets, time-outs and retries."""

    def prepare(self, request: Request) -> Preparation | None:
        """None where nothing is asked and ``encode`` and ``decoder`` say all. Called for each
        attempt: what a server said of one request may be remembered for the next."""
