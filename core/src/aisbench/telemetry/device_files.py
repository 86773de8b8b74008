"""What device samplers wrote beside a load.

``devices/asked.json`` says which samplers there were and when the devices were idle. Each line of
``devices/LABEL.jsonl`` is one reading of all devices, an error, or, at the end, what the sampler
took itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attrs import field, frozen

from aisbench.store.journal import read_rows
from aisbench.store.rows import converter
from aisbench.store.run import read_json, understanding
from aisbench.store.seals import DEVICES
from aisbench.types.devices import DeviceReading

SCHEMA = 1


@frozen(kw_only=True)
class DevicesAsked:
    """``devices/asked.json``: labels of [devices.LABEL] with the offer's name and whether their
    energy counts, and the time before anything was sent."""

    schema: int = SCHEMA
    samplers: dict[str, str]
    counted: dict[str, bool]
    idle_from_ns: int
    idle_until_ns: int


@frozen(kw_only=True)
class DeviceRow:
    """A line of ``devices/LABEL.jsonl``. Instants are those of the clock of the load."""

    at_ns: int
    until_ns: int
    readings: tuple[DeviceReading, ...] = ()
    error: str = ""
    cpu_ns: int | None = None
    """In the last line: processor time of the sampler and of the programs that it started."""
    reads: int | None = None
    longest_ns: int | None = None

    @property
    def middle_ns(self) -> int:
        """The instant for which the readings stand."""
        return (self.at_ns + self.until_ns) // 2


@frozen
class DeviceFiles:
    """The files in the folder of a load."""

    folder: Path

    @property
    def asked(self) -> Path:
        """Which samplers there were, and when the devices were idle."""
        return self.folder / DEVICES / "asked.json"

    def rows(self, label: str) -> Path:
        """What one sampler wrote."""
        return self.folder / DEVICES / f"{label}.jsonl"


@frozen
class SamplerRows:
    """One sampler with everything that it wrote."""

    label: str
    sampler: str
    counted: bool
    rows: tuple[DeviceRow, ...]

    def of_device(self, device: str) -> list[tuple[int, DeviceReading]]:
        """The readings of one device with their instants."""
        return [
            (row.middle_ns, one)
            for row in self.rows
            for one in row.readings
            if one.device == device
        ]

    @property
    def devices(self) -> list[str]:
        """Those that were ever read, in their order."""
        return list(dict.fromkeys(one.device for row in self.rows for one in row.readings))


@frozen
class DeviceRecord:
    """Everything that was read of the devices beside one load."""

    asked: DevicesAsked
    samplers: tuple[SamplerRows, ...] = field(default=())


def read_devices(folder: Path) -> DeviceRecord | None:
    """What was read beside a load; None where nothing was. Raises DamageError."""
    files = DeviceFiles(folder)
    if not files.asked.exists():
        return None
    with understanding(files.asked):
        asked = converter().structure(read_json(files.asked), DevicesAsked)
    return DeviceRecord(asked, tuple(_samplers(files, asked)))


def _samplers(files: DeviceFiles, asked: DevicesAsked) -> Iterator[SamplerRows]:
    for label, sampler in asked.samplers.items():
        rows: tuple[DeviceRow, ...] = ()
        path = files.rows(label)
        if path.exists():
            with understanding(path):
                rows = tuple(converter().structure(row, DeviceRow) for row in read_rows(path))
        yield SamplerRows(label, sampler, asked.counted.get(label, True), rows)
