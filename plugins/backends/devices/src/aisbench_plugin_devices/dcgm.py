"""NVIDIA GPUs through DCGM: the Prometheus text of its exporter, or ``dcgmi dmon``.

Fields and units: NVIDIA's DCGM field identifiers; energy is in mJ, memory in MiB. A GPU that is
divided (MIG) has a line for each instance, all with the power of the whole.
"""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence

from attrs import frozen

from aisbench.api import DataError, DeviceReading, setting
from aisbench_plugin_devices.programs import ProgramSettings, output_of
from aisbench_plugin_devices.readings import MIB, chosen, not_negative, number

MOST_BYTES = 16 << 20
_POWER, _ENERGY = "DCGM_FI_DEV_POWER_USAGE", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"
_USED, _FREE, _RESERVED = (
    "DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_FB_FREE", "DCGM_FI_DEV_FB_RESERVED",
)  # fmt: skip
DMON = (
    ("155", _POWER), ("156", _ENERGY), ("252", _USED), ("250", "total"),
    ("203", "DCGM_FI_DEV_GPU_UTIL"), ("150", "DCGM_FI_DEV_GPU_TEMP"),
    ("100", "DCGM_FI_DEV_SM_CLOCK"), ("101", "DCGM_FI_DEV_MEM_CLOCK"),
)  # fmt: skip
"""Field identifiers for ``dcgmi dmon -e``, in the order of its columns."""
_DMON_ROW = re.compile(r"\s*GPU\s+(\d+)\s+(\S.*)")


def _address(value: str) -> str | None:
    """What is wrong with the exporter's url. Its errors are told, so it holds no password."""
    if not value:
        return None
    if not value.startswith(("http://", "https://")):
        return 'must start with "http://" or "https://"'
    if "@" in urllib.parse.urlsplit(value).netloc:
        return "must hold no user name or password: it is kept with the run"
    return None


@frozen(kw_only=True)
class DcgmSettings(ProgramSettings):
    """Where DCGM is asked."""

    url: str = setting(
        default="",
        check=_address,
        help="metrics of DCGM's exporter; empty: dcgmi dmon is run",
        example="http://gpu-host:9400/metrics",
    )


class DcgmSampler:
    """Reads the exporter where a url is given, else runs dcgmi.

    The exporter shows what it collected last, most often up to 30 s ago: the counter of energy is
    then as old, and the interval of the exporter bounds what can be known of short loads.
    """

    def __init__(self, settings: DcgmSettings) -> None:
        self._settings = settings

    def open(self) -> None:
        """Raises DataError where it cannot be asked."""
        self.read()

    def read(self) -> Sequence[DeviceReading]:
        """All chosen GPUs. Raises DataError."""
        one = self._settings
        if one.url:
            return chosen(parse_exposition(fetch(one.url, one.timeout)), one.devices)
        fields = ",".join(number for number, _ in DMON)
        words = (*one.prefix, one.tool or "dcgmi", "dmon", "-e", fields, "-c", "1")
        return chosen(parse_dmon(output_of(words, one.timeout)), one.devices)

    def close(self) -> None:
        """Nothing is open."""


def fetch(url: str, timeout: float) -> str:
    """The text at a url. Raises DataError."""
    if not url.startswith(("http://", "https://")):
        raise DataError(f"{url} is no http:// address")
    try:
        with urllib.request.urlopen(url, timeout=timeout) as reply:
            data: bytes = reply.read(MOST_BYTES + 1)
    except (urllib.error.URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise DataError(f"{url} cannot be read: {reason}") from None
    if len(data) > MOST_BYTES:
        raise DataError(f"{url}: more than {MOST_BYTES >> 20} MiB")
    return data.decode("utf-8", errors="replace")


def parse_exposition(text: str) -> list[DeviceReading]:
    """Every GPU of the exporter's text. Raises DataError for a text that is none."""
    from prometheus_client.parser import text_string_to_metric_families

    values: dict[str, dict[str, float]] = {}
    labels: dict[str, Mapping[str, str]] = {}
    memory: dict[tuple[str, str, str], float] = {}
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if not sample.name.startswith("DCGM_FI_") or "gpu" not in sample.labels:
                    continue
                gpu = sample.labels["gpu"]
                name = sample.name.removesuffix("_total")  # which the parser puts on counters
                labels.setdefault(gpu, sample.labels)
                part = sample.labels.get("GPU_I_ID", "")
                value = number(float(sample.value))
                if value is None:
                    continue
                if name in (_USED, _FREE, _RESERVED):
                    memory[gpu, name, part] = value  # of an instance: its own
                else:
                    values.setdefault(gpu, {}).setdefault(name, value)
    except (ValueError, KeyError, IndexError) as error:
        raise DataError(f"the exporter's text cannot be read: {error}") from None
    if not labels:
        raise DataError("the text holds no metric of DCGM (DCGM_FI_...) with a gpu")
    for (gpu, name, _), value in memory.items():
        found = values.setdefault(gpu, {})
        found[name] = found.get(name, 0.0) + value
    return [
        _reading(gpu, labels[gpu], values.get(gpu, {}))
        for gpu in sorted(labels, key=lambda one: (not one.isdigit(), one.zfill(8)))
    ]


def _reading(gpu: str, labels: Mapping[str, str], values: Mapping[str, float]) -> DeviceReading:
    used, free = values.get(_USED), values.get(_FREE)
    total = values.get("total")
    if total is None and used is not None and free is not None:
        total = used + free + values.get(_RESERVED, 0.0)
    energy = not_negative(values.get(_ENERGY))
    return DeviceReading(
        device=gpu,
        name=labels.get("modelName", ""),
        uuid=labels.get("UUID", ""),
        power_w=not_negative(values.get(_POWER)),
        energy_j=None if energy is None else energy / 1000,
        memory_bytes=None if used is None else used * MIB,
        memory_total_bytes=None if total is None else total * MIB,
        utilisation_percent=not_negative(values.get("DCGM_FI_DEV_GPU_UTIL")),
        temperature_c=number(values.get("DCGM_FI_DEV_GPU_TEMP")),
        clock_mhz=not_negative(values.get("DCGM_FI_DEV_SM_CLOCK")),
        memory_clock_mhz=not_negative(values.get("DCGM_FI_DEV_MEM_CLOCK")),
    )


def parse_dmon(text: str) -> list[DeviceReading]:
    """Every GPU of the table of ``dcgmi dmon``, by its last line. Raises DataError."""
    rows: dict[str, dict[str, float]] = {}
    for line in text.splitlines():
        found = _DMON_ROW.match(line)
        if found is None:
            continue
        cells = found[2].split()
        if len(cells) != len(DMON):
            continue
        made = zip((name for _, name in DMON), map(number, cells), strict=True)
        rows[found[1]] = {name: value for name, value in made if value is not None}
    if not rows:
        raise DataError(f"dcgmi prints no GPU: {' '.join(text.split())[:120]!r}")
    return [_reading(gpu, {}, values) for gpu, values in rows.items()]
