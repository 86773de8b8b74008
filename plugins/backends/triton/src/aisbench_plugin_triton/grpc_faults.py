"""What a gRPC status means for an attempt."""

from __future__ import annotations

from typing import Any

from aisbench.api import FaultKind, TransportError

# As https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto maps them to HTTP.
_HTTP = {
    "CANCELLED": 499,
    "UNKNOWN": 500,
    "INVALID_ARGUMENT": 400,
    "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "ABORTED": 409,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "INTERNAL": 500,
    "DATA_LOSS": 500,
    "UNAUTHENTICATED": 401,
}


TOO_LARGE = "larger than max"
"""In gRPC's words of a message beyond ``grpc.max_receive_message_length``."""


def error_of(error: Any, *, connecting: bool = False) -> TransportError:
    """The fault that an ``AioRpcError`` is. UNAVAILABLE is what gRPC says of connections that
    cannot be made, or broke."""
    name, details = error.code().name, str(error.details() or "")
    if name == "UNAVAILABLE":
        if connecting:
            tls = "handshake" in details.lower() or "certificate" in details.lower()
            kind = FaultKind.TLS if tls else FaultKind.CONNECT
            return TransportError(kind, f"cannot connect: {details}")
        return TransportError(FaultKind.CUT, f"the connection broke: {details}")
    if name == "RESOURCE_EXHAUSTED" and TOO_LARGE in details:
        # Said by this side: to ask again would bring it again.
        return TransportError(
            FaultKind.PROTOCOL,
            f"a message is larger than limits.body of the model allows: {details}",
        )
    return TransportError(
        FaultKind.HTTP, f"{name}: {details}", status=_HTTP.get(name, 500), body=details
    )
