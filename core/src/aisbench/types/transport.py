"""Where a transport of a plugin's own connects to, and how it says what went wrong."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from aisbench.types.response import FaultKind

FAULTS = frozenset(
    {
        FaultKind.CONNECT,
        FaultKind.TLS,
        FaultKind.TIMEOUT,
        FaultKind.HTTP,
        FaultKind.SERVER,
        FaultKind.PROTOCOL,
        FaultKind.CUT,
    }
)
"""The kinds of fault that a transport may name; the others are core's to decide."""


@frozen(kw_only=True)
class TransportAddress:
    """One replica of a model. ``headers`` hold secrets, and ``Authorization`` where the suite sets
    ``api_key``: they are for the wire alone.

    For TLS there is an ``ssl`` context, made as the suite's ``tls`` says, or, for libraries that
    read certificates themselves, ``ca`` (a PEM file of further authorities) and ``verify``.
    ``ssl`` is None where the url's scheme is not one of TLS (``wss`` where the offer has ``ws``).

    ``largest`` is how many bytes an answer may have, by the suite's ``limits.body``: a library
    that reads whole messages should be told to refuse larger ones. None: it is not known.
    """

    url: str
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    ssl: ssl.SSLContext | None = None
    ca: Path | None = None
    verify: bool = True
    largest: int | None = None


class TransportError(Exception):
    """Raised by a transport whose request failed: what the attempt's fault shall say.

    ``kind`` decides whether another attempt is made, as it does over HTTP. ``status`` is an HTTP
    status, or what means the same, and goes with the kind HTTP; ``body`` is the server's own
    text; ``retry_after`` what the server asks to wait, in seconds. Raises ValueError for a kind
    that is none of a transport's (LOCAL, DROPPED, BUG).
    """

    def __init__(
        self,
        kind: FaultKind,
        message: str,
        *,
        status: int | None = None,
        body: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        if kind not in FAULTS:
            raise ValueError(f"a transport has no faults of the kind {kind!r}")
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.status = status
        self.body = body
        self.retry_after = retry_after
