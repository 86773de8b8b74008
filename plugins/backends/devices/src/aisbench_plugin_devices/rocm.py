"""AMD GPUs through ``amd-smi metric --json``, or ``rocm-smi --json`` where that is all there is.

Formats: the command line tools of ROCm 6 and 7. Numbers of amd-smi are objects with a unit, or
bare, or "N/A"; memory in "MB" is in units of 2^20 bytes. rocm-smi writes all as texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from attrs import frozen

from aisbench.api import DataError, DeviceReading, setting
from aisbench_plugin_devices.programs import ProgramSettings, output_of
from aisbench_plugin_devices.readings import MIB, chosen, not_negative, number

AMD_SMI = (
    "metric", "--usage", "--power", "--clock", "--temperature", "--mem-usage", "--energy",
    "--json",
)  # fmt: skip
ROCM_SMI = (
    "--showpower", "--showuse", "--showtemp", "--showmeminfo", "vram", "--showclocks",
    "--showenergycounter", "--showuniqueid", "--showproductname", "--json",
)  # fmt: skip


@frozen(kw_only=True)
class RocmSettings(ProgramSettings):
    """Which of the two tools."""

    program: Literal["", "amd-smi", "rocm-smi"] = setting(
        default="", help="the tool that is run; empty: amd-smi, and rocm-smi where that fails"
    )


class RocmSampler:
    """Runs the tool for every reading. Both tell a counter of energy where the GPU has one."""

    def __init__(self, settings: RocmSettings) -> None:
        self._settings = settings
        self._program: str = settings.program

    def open(self) -> None:
        """Find the tool that works. Raises DataError where none does."""
        if self._program:
            self.read()
            return
        reasons = []
        for program in ("amd-smi", "rocm-smi"):
            self._program = program
            try:
                self.read()
            except DataError as error:
                reasons.append(error.message)
            else:
                return
        raise DataError("; ".join(reasons), hint="install amd-smi, or say where it is (tool)")

    def read(self) -> Sequence[DeviceReading]:
        """All chosen GPUs. Raises DataError."""
        one = self._settings
        modern = self._program == "amd-smi"
        words = (*one.prefix, one.tool or self._program, *(AMD_SMI if modern else ROCM_SMI))
        text = output_of(words, one.timeout)
        return chosen(parse_amd_smi(text) if modern else parse_rocm_smi(text), one.devices)

    def close(self) -> None:
        """Nothing is open."""


def _document(text: str, tool: str) -> Any:
    """The JSON of an output, before which a tool may print warnings. Raises DataError."""
    found = re.search(r"^\s*[\[{]", text, re.MULTILINE)
    try:
        return json.loads(text[found.end() - 1 :] if found else text)
    except (ValueError, RecursionError) as error:
        shown = " ".join(text.split())[:120]
        raise DataError(f"{tool} prints no JSON ({error}): {shown!r}") from None


def parse_amd_smi(text: str) -> list[DeviceReading]:
    """Every GPU of ``amd-smi metric --json``. Raises DataError."""
    document = _document(text, "amd-smi")
    gpus = document.get("gpu_data") if isinstance(document, Mapping) else document
    if not isinstance(gpus, list):
        raise DataError("amd-smi prints no list of GPUs")
    found = [
        _amd(one)
        for one in gpus
        if isinstance(one, Mapping) and _plain(one.get("gpu")) is not None
    ]
    if not found:
        raise DataError("amd-smi prints no GPU")
    return found


def _plain(value: Any) -> float | None:
    return number(value.get("value") if isinstance(value, Mapping) else value)


def _first(table: Any, names: Iterable[str]) -> float | None:
    """The first of these keys that has a number."""
    for name in names:
        value = _plain(table.get(name)) if isinstance(table, Mapping) else None
        if value is not None:
            return value
    return None


def _clock(table: Any, kind: str) -> float | None:
    """The fastest of the clocks of a kind: ``gfx_0``, ``gfx_1``, ..."""
    if not isinstance(table, Mapping):
        return None
    speeds = [
        _first(value, ("clk", "cur_clk"))
        for name, value in table.items()
        if re.fullmatch(rf"{kind}(_\d+)?", str(name))
    ]
    return max((one for one in speeds if one is not None), default=None)


def _amd(one: Mapping[str, Any]) -> DeviceReading:
    memory = one.get("mem_usage")
    heat = one.get("temperature")
    power = _first(
        one.get("power"), ("socket_power", "current_socket_power", "average_socket_power")
    )
    return DeviceReading(
        device=f"{_plain(one['gpu']):.0f}",
        power_w=not_negative(power),
        energy_j=not_negative(_first(one.get("energy"), ("total_energy_consumption",))),
        memory_bytes=_mib(_first(memory, ("used_vram",))),
        memory_total_bytes=_mib(_first(memory, ("total_vram",))),
        utilisation_percent=not_negative(_first(one.get("usage"), ("gfx_activity",))),
        temperature_c=_first(heat, ("hotspot", "edge")),
        clock_mhz=_clock(one.get("clock"), "gfx"),
        memory_clock_mhz=_clock(one.get("clock"), "mem"),
    )


def _mib(value: float | None) -> float | None:
    return None if value is None or value < 0 else value * MIB


def parse_rocm_smi(text: str) -> list[DeviceReading]:
    """Every GPU of ``rocm-smi --json``: objects ``card0``, ``card1``, ... Raises DataError."""
    document = _document(text, "rocm-smi")
    cards = {
        int(str(name)[4:]): one
        for name, one in (document.items() if isinstance(document, Mapping) else ())
        if re.fullmatch(r"card\d+", str(name)) and isinstance(one, Mapping)
    }
    if not cards:
        raise DataError("rocm-smi prints no card")
    return [_card(str(index), cards[index]) for index in sorted(cards)]


def _card(device: str, card: Mapping[str, Any]) -> DeviceReading:
    energy = not_negative(card.get("Accumulated Energy (uJ)"))
    heat = ("Temperature (Sensor junction) (C)", "Temperature (Sensor edge) (C)")
    power = ("Current Socket Graphics Package Power (W)", "Average Graphics Package Power (W)")
    unique = str(card.get("Unique ID", ""))
    return DeviceReading(
        device=device,
        name=_name(card),
        uuid=unique if unique.startswith("0x") else "",
        power_w=not_negative(_first(card, power)),
        # 0 is what it says where there is no such counter.
        energy_j=energy / 1e6 if energy else None,
        memory_bytes=not_negative(card.get("VRAM Total Used Memory (B)")),
        memory_total_bytes=not_negative(card.get("VRAM Total Memory (B)")),
        utilisation_percent=not_negative(_first(card, ("GPU use (%)", "GPU Usage (%)"))),
        temperature_c=_first(card, heat),
        clock_mhz=_first(card, ("sclk clock speed:",)),
        memory_clock_mhz=_first(card, ("mclk clock speed:",)),
    )


def _name(card: Mapping[str, Any]) -> str:
    for key in ("Card Series", "Card series", "Card Model", "Card model"):
        if isinstance(card.get(key), str) and card[key] != "N/A":
            return str(card[key])
    return ""
