"""What is known of one quantity."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

CLIENT = "client clock"
"""The source of instants."""


@frozen
class Metric:
    """One quantity. ``name`` is its key in results, ``title`` its heading in tables."""

    name: str
    title: str
    unit: str
    formula: str
    source: str
    remarks: str = ""
    scope: Literal["request", "gap", "conversation", "run"] = "request"
    """What one value belongs to: a request, a gap between tokens, a conversation of several
    turns, the run (or a part of it)."""
    better: Literal["up", "down"] | None = "down"


def of_run(
    name: str,
    title: str,
    unit: str,
    formula: str,
    source: str = CLIENT,
    remarks: str = "",
    better: Literal["up", "down"] | None = None,
) -> Metric:
    """A quantity of a whole run."""
    return Metric(name, title, unit, formula, source, remarks, "run", better)
