"""What the readers of loads have in common: quantities by the names of aisbench's dictionary."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from aisbench.api import METRICS, DataError
from aisbench_plugin_compare.sides.side import Quantity, ToldFigure

MS = 1e3
"""Of a second."""


Measured: TypeAlias = "float | list[float] | None"
"""What a request shows of a quantity: a value, several of them (gaps), or none."""


def quantity(name: str, values: Iterable[Measured]) -> Quantity | None:
    """A quantity of requests in the dictionary's unit; None where no request has it. Requests
    without a value are left out."""
    held = [one if isinstance(one, list) else [one] for one in values]
    several = any(len(one) > 1 for one in held)
    known, places = [], []
    for place, many in enumerate(held):
        for one in many:
            if one is not None and math.isfinite(one):
                known.append(one)
                places.append(place)
    if not known:
        return None
    metric = METRICS[name]
    return Quantity(
        name=name,
        unit=metric.unit,
        values=np.asarray(known, dtype=np.float64),
        better=metric.better,
        requests=np.asarray(places, dtype=np.int64) if several else None,
    )


def quantities(columns: Mapping[str, Iterable[Measured]]) -> list[Quantity]:
    """Those that any request has a value of."""
    found = [quantity(name, values) for name, values in columns.items()]
    return [one for one in found if one is not None]


def tpot(e2el: float | None, ttft: float | None, tokens: float | None) -> float | None:
    """The time of a token after the first, in the unit of both times; None below two tokens."""
    if e2el is None or ttft is None or tokens is None or tokens < 2:
        return None
    return (e2el - ttft) / (tokens - 1)


def told(name: str, value: Any, *, n: int | None = None) -> ToldFigure | None:
    """A figure of the whole load, in the dictionary's unit; None where the tool has none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    base = name.partition(".")[0]
    metric = METRICS.get(base)
    return ToldFigure(
        name=name,
        value=float(value),
        n=n,
        unit=metric.unit if metric is not None else "",
        better=metric.better if metric is not None else None,
        measure=base if "." in name else "",
    )


def figures(pairs: Mapping[str, Any], n: int | None = None) -> list[ToldFigure]:
    """Those of which the tool tells a number."""
    found = [told(name, value, n=n) for name, value in pairs.items()]
    return [one for one in found if one is not None]


def check_lengths(place: str, columns: Mapping[str, Sequence[Any]], hint: str) -> int:
    """The length that all columns have. Raises DataError where they differ."""
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {count}" for name, count in lengths.items())
        raise DataError(
            f"{place}: its requests have columns of different lengths: {said}", hint=hint
        )
    return next(iter(lengths.values()), 0)
