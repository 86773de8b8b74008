"""What a codec hands to the engine: an HTTP request without a socket."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


@frozen(kw_only=True)
class HttpRequest:
    """``path`` is relative to the model's url, such as ``/v1/completions``."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)
