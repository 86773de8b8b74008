"""Ascend NPUs through the table of ``npu-smi info``.

Two rows a chip: the NPU with its name, health, power and temperature; the chip with its bus,
AICore use and memory. Cards with several chips may tell the power of the whole in the row of the
first one alone ("-" or "NA" in the others): such a card is one device here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from statistics import fmean

from attrs import frozen

from aisbench.api import DataError, DeviceReading
from aisbench_plugin_devices.programs import ProgramSettings, output_of
from aisbench_plugin_devices.readings import MIB, chosen, not_negative, number

_BUS = re.compile(r"[0-9A-Fa-f]{4}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-9A-Fa-f]|NA\Z")
_USAGE = re.compile(r"(\d+)\s*/\s*(\d+)")


class AscendSampler:
    """Runs npu-smi for every reading; it tells power, and no counter of energy."""

    def __init__(self, settings: ProgramSettings) -> None:
        self._settings = settings

    def open(self) -> None:
        """Raises DataError where it cannot be run."""
        self.read()

    def read(self) -> Sequence[DeviceReading]:
        """All chosen NPUs. Raises DataError."""
        one = self._settings
        words = (*one.prefix, one.tool or "npu-smi", "info")
        return chosen(parse_info(output_of(words, one.timeout)), one.devices)

    def close(self) -> None:
        """Nothing is open."""


@frozen(kw_only=True)
class _Chip:
    npu: str
    chip: str
    name: str
    power: float | None
    temperature: float | None
    work: float | None
    used: float | None
    total: float | None


def parse_info(text: str) -> list[DeviceReading]:
    """Every NPU of the table. Raises DataError for a text that holds none."""
    chips = list(_chips(text))
    if not chips:
        raise DataError(f"npu-smi prints no NPU: {' '.join(text.split())[:120]!r}")
    found: list[DeviceReading] = []
    for npu in dict.fromkeys(one.npu for one in chips):
        own = [one for one in chips if one.npu == npu]
        told = [one for one in own if one.power is not None]
        if len(own) == 1 or 0 < len(told) < len(own):
            found.append(_card(npu, own))
        else:
            found += [_card(f"{npu}:{one.chip}", [one]) for one in own]
    return found


def _card(device: str, chips: Sequence[_Chip]) -> DeviceReading:
    """Chips as one device: powers and memory added, work averaged, the hottest temperature."""
    power = [one.power for one in chips if one.power is not None]
    work = [one.work for one in chips if one.work is not None]
    heat = [one.temperature for one in chips if one.temperature is not None]
    used = [one.used for one in chips if one.used is not None]
    total = [one.total for one in chips if one.total is not None]
    return DeviceReading(
        device=device,
        name=chips[0].name,
        power_w=sum(power) if power else None,
        memory_bytes=sum(used) * MIB if used else None,
        memory_total_bytes=sum(total) * MIB if total else None,
        utilisation_percent=fmean(work) if work else None,
        temperature_c=max(heat, default=None),
    )


def _chips(text: str) -> Iterator[_Chip]:
    head: tuple[str, str, float | None, float | None] | None = None
    for line in text.splitlines():
        cells = [one.strip() for one in line.strip().strip("|").split("|")]
        if "Process id" in line:
            return
        if not line.lstrip().startswith("|") or len(cells) != 3:
            continue
        words = cells[0].split()
        if not words or not words[0].isdigit():
            continue
        if _BUS.match(cells[1]) and head is not None and len(words) <= 2:
            if (made := _chip(head, words[0], cells[2])) is not None:
                yield made
        elif len(words) >= 2:
            values = cells[2].split()
            power = not_negative(values[0]) if values else None
            heat = number(values[1]) if len(values) > 1 else None
            head = (words[0], " ".join(words[1:]), power, heat)


def _chip(head: tuple[str, str, float | None, float | None], chip: str, cell: str) -> _Chip | None:
    usages = [(float(used), float(most)) for used, most in _USAGE.findall(cell)]
    # Where there is HBM it comes last, and the other memory may be there with nothing in it.
    real = [one for one in usages if one[1] > 0]
    used, total = real[-1] if real else (None, None)
    work = cell.split()
    return _Chip(
        npu=head[0],
        chip=chip,
        name=head[1],
        power=head[2],
        temperature=head[3],
        work=not_negative(work[0]) if work else None,
        used=used,
        total=total,
    )
