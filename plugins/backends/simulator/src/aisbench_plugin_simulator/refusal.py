"""A request that is answered with an error: in vLLM's words, or in those of OpenAI."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import orjson
from attrs import frozen

if TYPE_CHECKING:
    from aisbench_plugin_simulator.settings import SimulatorSettings


class ErrorForm(str, enum.Enum):
    """Whose form the errors of the OpenAI API have."""

    VLLM = "vllm"
    OPENAI = "openai"


@frozen
class OpenaiError:
    """What OpenAI says to the same: its ``type`` follows from the status."""

    message: str
    code: str | None = None
    param: str | None = None


class Refusal(Exception):
    """An error status with its message; ``kind`` is the error's ``type`` in vLLM's form,
    ``openai`` what OpenAI's API says where its words are other ones."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "BadRequestError",
        param: str | None = None,
        openai: OpenaiError | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.param = param
        self.openai = openai

    def body(self) -> bytes:
        """The JSON of the answer, in vLLM's form."""
        error = {
            "message": self.message,
            "type": self.kind,
            "param": self.param,
            "code": self.status,
        }
        return orjson.dumps({"error": error})

    def openai_error(self) -> dict[str, str | None]:
        """The ``error`` of the answer, in OpenAI's form."""
        said = self.openai or OpenaiError(
            self.message, OPENAI_CODES.get(self.status), (self.param or "").removeprefix("body.")
        )
        return {
            "message": said.message,
            "type": _openai_type(self.status),
            "param": said.param or None,
            "code": said.code,
        }


OPENAI_CODES = {429: "rate_limit_exceeded"}


def _openai_type(status: int) -> str:
    if status == 429:
        return "requests"
    return "server_error" if status >= 500 else "invalid_request_error"


def error_body(refusal: Refusal, settings: SimulatorSettings) -> bytes:
    """The JSON of an error of the OpenAI API, in the form that the settings ask for."""
    if settings.errors is ErrorForm.OPENAI:
        return orjson.dumps({"error": refusal.openai_error()})
    return refusal.body()


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
