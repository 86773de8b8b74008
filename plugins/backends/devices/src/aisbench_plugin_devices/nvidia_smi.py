"""NVIDIA GPUs through nvidia-smi: of another host, or where the library cannot be used.

Format: ``nvidia-smi --help-query-gpu``; a line a GPU, ``[N/A]`` and the like for what is unknown.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from aisbench.api import DataError, DeviceReading
from aisbench_plugin_devices.programs import ProgramSettings, output_of
from aisbench_plugin_devices.readings import MIB, chosen, not_negative, number

FIELDS = (
    "index", "name", "uuid", "power.draw", "memory.used", "memory.total", "utilization.gpu",
    "temperature.gpu", "clocks.sm", "clocks.mem",
)  # fmt: skip


class NvidiaSmiSampler:
    """Runs nvidia-smi for every reading; it tells power, and no counter of energy."""

    def __init__(self, settings: ProgramSettings) -> None:
        self._settings = settings

    def open(self) -> None:
        """Raises DataError where it cannot be run."""
        self.read()

    def read(self) -> Sequence[DeviceReading]:
        """All chosen GPUs. Raises DataError."""
        one = self._settings
        words = (
            *one.prefix,
            one.tool or "nvidia-smi",
            f"--query-gpu={','.join(FIELDS)}",
            "--format=csv,noheader,nounits",
        )
        return chosen(parse_csv(output_of(words, one.timeout)), one.devices)

    def close(self) -> None:
        """Nothing is open."""


def parse_csv(text: str) -> list[DeviceReading]:
    """Every GPU of the output. Raises DataError for a text that is none."""
    found = list(_rows(text))
    if not found:
        raise DataError(f"nvidia-smi prints no GPU: {' '.join(text.split())[:120]!r}")
    return found


def _rows(text: str) -> Iterator[DeviceReading]:
    for row in csv.reader(text.splitlines(), skipinitialspace=True):
        if len(row) != len(FIELDS) or not row[0].strip().isdigit():
            continue
        cells = dict(zip(FIELDS, map(str.strip, row), strict=True))
        yield DeviceReading(
            device=cells["index"],
            name=cells["name"],
            uuid=cells["uuid"],
            power_w=not_negative(cells["power.draw"]),
            memory_bytes=_bytes(cells["memory.used"]),
            memory_total_bytes=_bytes(cells["memory.total"]),
            utilisation_percent=not_negative(cells["utilization.gpu"]),
            temperature_c=number(cells["temperature.gpu"]),
            clock_mhz=not_negative(cells["clocks.sm"]),
            memory_clock_mhz=not_negative(cells["clocks.mem"]),
        )


def _bytes(text: str) -> float | None:
    made = not_negative(text)
    return None if made is None else made * MIB
