"""Routes of a protocol that a suite may name."""

from __future__ import annotations


def route_problem(value: str) -> str | None:
    """What is wrong with a route, as a check of :func:`aisbench.api.setting`; None: nothing."""
    if not value.startswith("/"):
        return 'must start with "/"'
    if not (value.isascii() and value.isprintable()) or " " in value:
        return "must be printable ASCII without spaces, with %XX for the rest"
    return None
