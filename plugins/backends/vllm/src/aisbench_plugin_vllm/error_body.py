"""An event that says what went wrong, as the text that a fault shows."""

from __future__ import annotations

from typing import Any

from aisbench.codec import dumps


def error_body(event: dict[str, Any]) -> str:
    """``event`` as JSON; "" where it is nested too deeply to be written, though it was read."""
    try:
        return dumps(event).decode("utf-8", "replace")
    except RecursionError:
        return ""
