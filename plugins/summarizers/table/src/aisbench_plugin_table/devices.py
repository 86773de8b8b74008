"""What the devices told beside a load: a row a device, and how the samplers fared."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from aisbench.api import PerformanceResult, SampledDevice
from aisbench_plugin_table.cells import MISSING
from aisbench_plugin_table.numbers import number
from aisbench_plugin_table.speaking import Say

GIB = 2**30
_HEADS = (
    "device", "power W mean", "max", "idle W", "energy J", "±", "by", "memory GiB max",
    "work % mean", "°C max", "MHz mean",
)  # fmt: skip


def devices_table(result: PerformanceResult, say: Say) -> Table | None:
    """A row a device; columns that no device tells are left out."""
    if result.devices is None or not result.devices.devices:
        return None
    rows = [_row(one, say) for one in result.devices.devices]
    keep = [at for at in range(len(_HEADS)) if not at or any(row[at] != MISSING for row in rows)]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for at in keep:
        table.add_column(say(_HEADS[at]), justify="right" if at else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(row[at]) for at in keep))
    return table


def _row(one: SampledDevice, say: Say) -> list[str]:
    name = f"{one.sampler} {one.device}" + (f" ({one.name})" if one.name else "")
    return [
        name,
        _level(one, "power_w", "mean"),
        _level(one, "power_w", "max"),
        _number(one.idle_w),
        _number(one.energy_j),
        _number(one.energy_error_j),
        say(one.energy_by) if one.energy_by else MISSING,
        _level(one, "memory_bytes", "max", GIB),
        _level(one, "utilisation_percent", "mean"),
        _level(one, "temperature_c", "max"),
        _level(one, "clock_mhz", "mean"),
    ]


def _number(value: float | None) -> str:
    return MISSING if value is None else number(value)


def _level(one: SampledDevice, quantity: str, what: str, unit: float = 1.0) -> str:
    spread = one.levels.get(quantity)
    return MISSING if spread is None else number(getattr(spread, what) / unit)


def device_lines(result: PerformanceResult) -> Iterator[str]:
    """What could not be read, what is not counted, and what the reading took."""
    devices = result.devices
    if devices is None:
        return
    for one in devices.samplers:
        for error in one.errors:
            yield f"devices.{one.label}: {error}"
        if one.cpu_share is not None:
            took = f"devices.{one.label}: read {one.reads} times, {one.cpu_share:.1%} of a core"
            longest = one.longest_read_ms
            yield took + ("" if longest is None else f", the longest reading {longest:.0f} ms")
    apart = [f"{one.sampler} {one.device}" for one in devices.devices if not one.counted]
    if apart:
        yield f"energy in no sum: {', '.join(apart)}"
    if devices.unknown:
        yield f"no sum of energy: that of {', '.join(devices.unknown)} is not known"
