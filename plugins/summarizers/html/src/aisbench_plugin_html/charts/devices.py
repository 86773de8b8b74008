"""The devices over a load: one chart for each quantity, a line a device."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aisbench.api import DeviceLine, LoadSeries, Wording
from aisbench_plugin_html.blocks import Chart
from aisbench_plugin_html.charts.colours import SERIES
from aisbench_plugin_html.charts.parts import NS, named, numbers, phases, short, time_axis
from aisbench_plugin_html.charts.performance_time import HALF

GIB = 2**30
MOST_READINGS = 400
MOST_LINES = 16
"""Lines that can be told apart; a host has most often eight devices."""


def devices(series: LoadSeries, prefix: str, words: Wording) -> Iterator[Chart]:
    """Power, work, memory, heat and clock: those that any device told."""
    titles = {
        "power_w": (words.text("Devices: power"), "W", 1.0),
        "utilisation_percent": (words.text("Devices: work"), "%", 1.0),
        "memory_bytes": (words.text("Devices: memory in use"), "GiB", 1 / GIB),
        "temperature_c": (words.text("Devices: temperature"), "°C", 1.0),
        "clock_mhz": (words.text("Devices: clock"), "MHz", 1.0),
    }
    for quantity, (title, unit, scale) in titles.items():
        lines = [one for one in series.devices if one.quantity == quantity][:MOST_LINES]
        if lines:
            id_ = f"{prefix}-devices-{quantity.partition('_')[0]}"
            yield _chart(series, id_, title, (unit, scale), lines, words)


def _chart(
    series: LoadSeries,
    id_: str,
    title: str,
    unit: tuple[str, float],
    lines: Sequence[DeviceLine],
    words: Wording,
) -> Chart:
    rows = [
        {
            "t": short(time / NS),
            "s": f"{line.sampler} {line.device}",
            "v": None if value is None else short(value * unit[1]),
        }
        for line in lines
        for time, value in _thinned(line)
    ]
    labels = list(dict.fromkeys(f"{one.sampler} {one.device}" for one in lines))
    entries = {label: SERIES[at % len(SERIES)] for at, label in enumerate(labels)}
    layer = {
        "data": {"values": rows},
        # Devices are read before the load as well, while they are idle.
        "mark": {"type": "line", "tooltip": True, "clip": True,
                 "point": {"size": 8, "clip": True}},
        "encoding": {
            "x": time_axis(series, words),
            "y": numbers("v", unit[0]),
            **named(entries),
        },
    }  # fmt: skip
    return Chart(
        id=id_,
        title=title,
        spec={"layer": [*phases(series, words), layer]},
        caption=words.text("{n} readings of each device", n=len(lines[0].times_ns)),
        height=HALF,
    )


def _thinned(line: DeviceLine) -> Iterator[tuple[int, float | None]]:
    step = -(-len(line.times_ns) // MOST_READINGS)
    return iter(list(zip(line.times_ns, line.values, strict=True))[::step])
