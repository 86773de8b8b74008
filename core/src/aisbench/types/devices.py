"""What accelerators tell of themselves beside a load: power, energy, memory, work, heat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import field, frozen


@frozen(kw_only=True)
class DeviceReading:
    """One device at one instant; None stands for what it does not tell.

    ``energy_j`` is a counter that only rises, from any instant on.
    """

    device: str
    """What the tool calls it: its index, or its place ("0:1")."""
    name: str = ""
    """Its product's name."""
    uuid: str = ""
    """Its name in the world, by which one device that two samplers see is counted once."""
    power_w: float | None = None
    energy_j: float | None = None
    memory_bytes: float | None = None
    """In use."""
    memory_total_bytes: float | None = None
    utilisation_percent: float | None = None
    """Of the time in which it computed."""
    temperature_c: float | None = None
    clock_mhz: float | None = None
    """Of what computes."""
    memory_clock_mhz: float | None = None


QUANTITIES: Mapping[str, str] = {
    "power_w": "W",
    "utilisation_percent": "%",
    "memory_bytes": "bytes",
    "temperature_c": "°C",
    "clock_mhz": "MHz",
    "memory_clock_mhz": "MHz",
}
"""The attributes of a reading that are levels, with their units."""


@frozen(kw_only=True)
class LevelSpread:
    """A level over the load: its mean over time, the least and the greatest reading."""

    mean: float
    min: float
    max: float
    n: int


@frozen(kw_only=True)
class SampledDevice:
    """One device over a load.

    ``energy_j`` is what it took between the start of the load and its end, by its own ``counter``
    or by the ``power`` that it told, as the area under the lines between the readings.
    ``energy_error_j`` bounds how far that may be off. ``idle_w`` is its power before the load.
    """

    sampler: str
    """The label of the suite's [devices.LABEL]."""
    device: str
    name: str = ""
    uuid: str = ""
    counted: bool = True
    """False for a device that another sampler tells of as well, or that the suite leaves out:
    its energy is in no sum."""
    readings: int = 0
    """Within the load."""
    energy_j: float | None = None
    energy_error_j: float | None = None
    energy_by: Literal["counter", "power", ""] = ""
    idle_w: float | None = None
    memory_total_bytes: float | None = None
    levels: Mapping[str, LevelSpread] = field(factory=dict)
    """By the attribute of :class:`~aisbench.api.DeviceReading`: "power_w", ..."""


@frozen(kw_only=True)
class SamplerReport:
    """How a sampler fared: what it could not read, in sentences, and what it took itself.

    ``cpu_share`` is the processor time of its process and of the programs that it started, as a
    share of one core.
    """

    label: str
    sampler: str
    """The name of the offer."""
    counted: bool = True
    """Whether the suite has its energy in the sums."""
    errors: tuple[str, ...] = ()
    reads: int = 0
    cpu_share: float | None = None
    longest_read_ms: float | None = None


@frozen(kw_only=True)
class DevicesResult:
    """The devices beside one load."""

    samplers: tuple[SamplerReport, ...]
    devices: tuple[SampledDevice, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Whose energy is to be counted and is not known: a device ("gpu 0"), or a sampler that
        read nothing. With one of them there is no sum, which would be wrong."""
        silent = [one.label for one in self.samplers if one.counted and not one.reads]
        lacking = [one for one in self.devices if one.counted and one.energy_j is None]
        return (*silent, *(f"{one.sampler} {one.device}" for one in lacking))
