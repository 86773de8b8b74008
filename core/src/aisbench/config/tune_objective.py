"""The figure of a load that tuning makes best, by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.config.load_keys import LoadSettings
from aisbench.metrics.dictionary import DICTIONARY as METRICS
from aisbench.metrics.metric import Metric
from aisbench.settings.problems import nearest

_OF_REQUESTS = re.compile(r"(.+)_(mean|p\d{1,2}(?:\.\d+)?)\Z")
ENERGY = ("joule", "power", "energy")


@frozen(kw_only=True)
class Objective:
    """A figure of a whole load: of the run, or the mean or a percentile of a metric."""

    name: str
    unit: str
    better: Literal["up", "down"]


def objective_of(name: str, loads: Sequence[LoadSettings], *, energy: bool) -> Objective:
    """The figure that ``name`` means. Raises DataError where there is none, or where these loads,
    without devices that tell their ``energy``, will not have it."""
    whole = METRICS.get(name)
    if whole is not None and whole.scope == "run":
        made = _made(name, whole)
        _check_run(name, loads, energy=energy)
        return made
    found = _OF_REQUESTS.match(name)
    metric = METRICS.get(found[1]) if found is not None else None
    if found is None or metric is None or metric.scope == "run":
        raise _unknown(name)
    if found[2] != "mean":
        _check_percentile(name, float(found[2][1:]), loads)
    return _made(name, metric)


def _made(name: str, metric: Metric) -> Objective:
    if metric.better is None:
        raise _unknown(name)
    return Objective(name=name, unit=metric.unit, better=metric.better)


def _unknown(name: str) -> DataError:
    names = [key for key, one in METRICS.items() if one.better and one.scope == "run"]
    spread = [key for key, one in METRICS.items() if one.better and one.scope == "request"]
    hint = nearest(name, [*names, *(f"{one}_p99" for one in spread)])
    return DataError(
        f"{name!r} is no figure of a load that can be best",
        hint=hint or f"such as: {', '.join(names[:6])}, ttft_p99, tpot_mean",
    )


def _check_run(name: str, loads: Sequence[LoadSettings], *, energy: bool) -> None:
    if name == "goodput" and not all(one.slo for one in loads):
        raise DataError(
            "goodput needs limits: which requests are good is not said",
            hint="set load.slo, such as { ttft_ms = 500 }; or choose another objective",
        )
    if not energy and any(word in name for word in ENERGY):
        raise DataError(
            f"{name} needs the power of the devices, which nothing samples",
            hint='add a [devices.NAME], such as sampler = "nvml"',
        )


def _check_percentile(name: str, wanted: float, loads: Sequence[LoadSettings]) -> None:
    for one in loads:
        if wanted not in one.percentiles:
            have = ", ".join(f"{value:g}" for value in one.percentiles)
            raise DataError(f"{name}: load.percentiles has no {wanted:g}", hint=f"it has {have}")
