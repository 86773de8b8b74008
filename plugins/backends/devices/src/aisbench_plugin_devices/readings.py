"""What all samplers have in common: numbers as tools write them, and the choice of devices."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from aisbench.api import DataError, DeviceReading

MIB = 2**20
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
BLANK = 2.0**62
"""DCGM writes integers near 2^63 for what it does not know."""


def number(value: object) -> float | None:
    """A number with or without its unit; None for whatever stands where there is none: ``[N/A]``,
    ``NA``, ``-``, ``[Not Supported]``, an empty text."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value) if math.isfinite(value) and abs(value) < BLANK else None
    found = _NUMBER.match(str(value).strip().lstrip("("))
    made = None if found is None else float(found[0])
    return made if made is not None and math.isfinite(made) and abs(made) < BLANK else None


def not_negative(value: object) -> float | None:
    """As :func:`number`, for what cannot be below 0: a tool that says so does not know it."""
    made = number(value)
    return made if made is not None and made >= 0 else None


def chosen(found: Sequence[DeviceReading], wanted: Sequence[int | str]) -> list[DeviceReading]:
    """The readings of the wanted devices, by index or UUID; of all where none is named. "1" also
    means all parts of the device 1 ("1:0", "1:1"). Raises DataError for one that is not there."""
    if not wanted:
        return list(found)
    kept = [one for one in found if any(_is(one, str(name)) for name in wanted)]
    for name in wanted:
        if not any(_is(one, str(name)) for one in found):
            there = ", ".join(one.device for one in found) or "none"
            raise DataError(f"there is no device {name}", hint=f"there are: {there}")
    return kept


def _is(reading: DeviceReading, name: str) -> bool:
    return (
        name == reading.device
        or reading.device.startswith(f"{name}:")
        or bool(reading.uuid and name == reading.uuid)
    )
