"""A request that is answered with an error, in vLLM's words."""

from __future__ import annotations

import orjson


class Refusal(Exception):
    """An error status with its message; ``kind`` is the error's ``type``."""

    def __init__(
        self, status: int, message: str, *, kind: str = "BadRequestError", param: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.param = param

    def body(self) -> bytes:
        """The JSON of the answer."""
        error = {
            "message": self.message,
            "type": self.kind,
            "param": self.param,
            "code": self.status,
        }
        return orjson.dumps({"error": error})


KINDS = {
    401: "AuthenticationError",
    404: "NotFoundError",
    429: "RateLimitError",
    500: "InternalServerError",
    503: "ServiceUnavailableError",
}


def simulated(status: int) -> Refusal:
    """The error of a failure that was asked for."""
    kind = KINDS.get(status, "BadRequestError" if status < 500 else "InternalServerError")
    return Refusal(status, f"simulated failure with status {status}", kind=kind)
