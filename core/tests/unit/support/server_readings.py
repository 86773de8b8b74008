"""Readings of a server's metrics, summed up and seen as summary.json has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aisbench.store.rows import converter
from aisbench.telemetry.reading import Scrape
from aisbench.telemetry.summary import summarize_scrapes


def summed_up(readings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The summary of stored readings, under its keys in summary.json."""
    found = summarize_scrapes([converter().structure(one, Scrape) for one in readings])
    made: dict[str, Any] = converter().unstructure(found)
    return made
