"""Device samplers: they read, or say why not; and what they read is possible."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import attrs

from aisbench.api import DataError, DeviceReading, DeviceSampler
from aisbench_testkit.checks.trial import NotChecked, trial


def check_sampler(make: Callable[[], DeviceSampler]) -> list[str]:
    """Two readings of whatever is here. What cannot be had must be a DataError, and is then not
    checked further; the plugin's own tests put something in the place of its tool."""
    problems: list[str] = []
    with trial(problems, "open() and read()"):
        sampler = make()
        try:
            sampler.open()
            first, second = sampler.read(), sampler.read()
        except DataError as error:
            if not error.message.strip() or "\n" in error.message:
                return [f"its error is not one line for a report: {error.message!r}"]
            raise NotChecked(f"nothing to read here: {error.message}") from None
        sampler.close()
        problems += _wrong(first)
        if [one.device for one in first] != [one.device for one in second]:
            problems.append("two readings are of other devices, or in another order")
        for one, other in zip(first, second, strict=False):
            if (other.energy_j or 0.0) < (one.energy_j or 0.0) and other.energy_j is not None:
                problems.append(f"the counter of energy of {one.device} falls")
    return problems


def _wrong(found: Sequence[DeviceReading]) -> list[str]:
    problems = [] if found else ["it reads no device, and does not say why (DataError)"]
    names = [one.device for one in found]
    if len(set(names)) < len(names):
        problems.append(f"two devices have one name: {names}")
    for one in found:
        for name, value in attrs.asdict(one).items():
            if isinstance(value, float) and not math.isfinite(value):
                problems.append(f"{one.device}: {name} is {value}: unknown is None")
            elif isinstance(value, (int, float)) and value < 0 and name != "temperature_c":
                problems.append(f"{one.device}: {name} is {value}")
    return problems
