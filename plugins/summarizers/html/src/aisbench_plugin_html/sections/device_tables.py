"""What the devices told beside a load: a row a device, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from aisbench.api import PerformanceResult, SampledDevice, Wording, translated
from aisbench_plugin_html.sections import performance_tables as tables
from aisbench_plugin_html.tables import Cell, TableColumn, TableNumber, table

GIB = 2**30


def devices_table(load: PerformanceResult, words: Wording) -> Markup | None:
    """A row a device."""
    if load.devices is None or not load.devices.devices:
        return None
    titles = (
        words.text("mean power (W)"), words.text("most power (W)"), words.text("idle power (W)"),
        words.text("energy (J)"), words.text("± (J)"), words.text("most memory (GiB)"),
        words.text("mean work (%)"), words.text("most heat (°C)"), words.text("mean clock (MHz)"),
    )  # fmt: skip
    columns = [
        TableColumn(title=words.text("device")),
        *(TableColumn(title=one, number=True) for one in titles),
        TableColumn(title=words.text("energy by")),
    ]
    rows = [_row(one, words) for one in load.devices.devices]
    return table(columns, rows, caption=words.text("Devices"))


def _row(one: SampledDevice, words: Wording) -> list[Cell]:
    name = f"{one.sampler} {one.device}" + (f" ({one.name})" if one.name else "")
    return [
        name,
        _level(one, "power_w", "mean"),
        _level(one, "power_w", "max"),
        _number(one.idle_w),
        _number(one.energy_j),
        _number(one.energy_error_j),
        _level(one, "memory_bytes", "max", GIB),
        _level(one, "utilisation_percent", "mean"),
        _level(one, "temperature_c", "max"),
        _level(one, "clock_mhz", "mean"),
        {"counter": words.text("counter"), "power": words.text("power")}.get(one.energy_by),
    ]


def _number(value: float | None) -> Cell:
    return None if value is None else TableNumber(value, tables.number(value))


def _level(one: SampledDevice, quantity: str, what: str, unit: float = 1.0) -> Cell:
    spread = one.levels.get(quantity)
    return None if spread is None else _number(getattr(spread, what) / unit)


def device_notes(load: PerformanceResult, words: Wording) -> Iterator[str]:
    """What could not be read, and what the reading took."""
    for one in load.devices.samplers if load.devices is not None else ():
        for error in one.errors:
            yield f"devices.{one.label}: {translated(error, words.language)}"
        if one.cpu_share is not None:
            yield words.text(
                "devices.{name} was read {n} times, which took {share} of a core",
                name=one.label, n=one.reads, share=f"{one.cpu_share:.1%}",
            )  # fmt: skip
    if load.devices is not None and load.devices.unknown:
        yield words.text(
            "No sum of energy: that of {names} is not known.",
            names=", ".join(load.devices.unknown),
        )
