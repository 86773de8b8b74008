"""A number of the report."""

from __future__ import annotations

from typing import Literal

from attrs import frozen


@frozen(kw_only=True)
class Figure:
    """One number, unformatted: summarizers format it.

    ``low``/``high`` are the 95 % confidence interval and ``bound_low``/``bound_high`` the
    value if every failed request had been wrong or right; all in ``unit``. ``n`` counts
    samples (questions), ``method`` says how the interval was made. ``part`` is empty for the
    whole data set, else the name of one of its parts, of a group of them, or of a slice.
    """

    name: str
    value: float
    unit: str
    n: int
    better: Literal["up", "down"] | None = None
    stderr: float | None = None
    low: float | None = None
    high: float | None = None
    bound_low: float | None = None
    bound_high: float | None = None
    method: str = ""
    part: str = ""
