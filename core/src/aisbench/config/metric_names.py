"""The meaning of a metric's name: ``pass@5`` is the reducer ``pass@k`` with k = 5."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_NUMBERED = re.compile(r"(?P<stem>.+)@(?P<first>\d{1,9})(?:_(?P<second>\d+(?:\.\d+)?))?\Z")


def metric_spellings(metric: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Offers that ``metric`` may mean, each with the settings that the name carries."""
    yield metric, {}
    if match := _NUMBERED.match(metric):
        first = int(match["first"])
        if match["second"] is None:
            for letter in ("k", "n"):
                yield f"{match['stem']}@{letter}", {letter: first}
        else:
            yield f"{match['stem']}@k_tau", {"k": first, "tau": float(match["second"])}
