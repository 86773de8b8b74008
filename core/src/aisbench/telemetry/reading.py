"""A reading of a server's metrics, as a load keeps it in scrapes.jsonl."""

from __future__ import annotations

from attrs import frozen


@frozen
class Scrape:
    """One reading of one server; ``error`` says why there is none."""

    time_ns: int
    """When it was asked for."""
    url: str
    text: str = ""
    error: str = ""
    until_ns: int = 0
    """When it was there."""
    role: str = ""
    """What the server does in a disaggregated deployment; empty: all."""
