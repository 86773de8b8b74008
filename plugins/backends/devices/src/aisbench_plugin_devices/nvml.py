"""NVIDIA GPUs through the driver's own library (NVML)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from aisbench.api import DataError, DeviceReading, setting
from aisbench_plugin_devices.readings import chosen, not_negative, number


@frozen(kw_only=True)
class NvmlSettings:
    """Which GPUs."""

    devices: tuple[int | str, ...] = setting(
        default=(),
        help="indexes (as nvidia-smi counts them) or UUIDs of the GPUs to read; empty: all",
        example=[0, 1],
    )


@frozen
class _Gpu:
    handle: Any
    device: str
    name: str
    uuid: str


class NvmlSampler:
    """Reads power, the counter of energy (since Volta), memory, work, heat and clocks."""

    def __init__(self, settings: NvmlSettings) -> None:
        self._settings = settings
        self._library: Any = None
        self._gpus: list[_Gpu] = []

    def open(self) -> None:
        """Raises DataError where there is no driver, or no such GPU."""
        try:
            import pynvml
        except ImportError:
            raise DataError(
                "the package nvidia-ml-py is not installed", hint="pip install nvidia-ml-py"
            ) from None
        self._library = pynvml
        try:
            pynvml.nvmlInit()
            count = pynvml.nvmlDeviceGetCount()
            gpus = [self._gpu(index) for index in range(count)]
        except pynvml.NVMLError as error:
            raise DataError(
                f"NVML cannot be used: {error}",
                hint="see that the driver is there, and visible here (nvidia-smi)",
            ) from None
        known = [DeviceReading(device=one.device, uuid=one.uuid) for one in gpus]
        wanted = {one.device for one in chosen(known, self._settings.devices)}
        self._gpus = [one for one in gpus if one.device in wanted]
        if not self._gpus:
            raise DataError("NVML knows no GPU here")

    def _gpu(self, index: int) -> _Gpu:
        handle = self._library.nvmlDeviceGetHandleByIndex(index)
        return _Gpu(
            handle=handle,
            device=str(index),
            name=_text(self._library.nvmlDeviceGetName(handle)),
            uuid=_text(self._library.nvmlDeviceGetUUID(handle)),
        )

    def read(self) -> Sequence[DeviceReading]:
        """All chosen GPUs. Raises DataError for one that is lost."""
        return [self._read(one) for one in self._gpus]

    def _read(self, gpu: _Gpu) -> DeviceReading:
        nvml, handle = self._library, gpu.handle
        power = self._asked(gpu, lambda: nvml.nvmlDeviceGetPowerUsage(handle))
        energy = self._asked(gpu, lambda: nvml.nvmlDeviceGetTotalEnergyConsumption(handle))
        memory = self._asked(gpu, lambda: nvml.nvmlDeviceGetMemoryInfo(handle))
        work = self._asked(gpu, lambda: nvml.nvmlDeviceGetUtilizationRates(handle))
        heat = nvml.NVML_TEMPERATURE_GPU
        fast, wide = nvml.NVML_CLOCK_SM, nvml.NVML_CLOCK_MEM
        clock = self._asked(gpu, lambda: nvml.nvmlDeviceGetClockInfo(handle, fast))
        memory_clock = self._asked(gpu, lambda: nvml.nvmlDeviceGetClockInfo(handle, wide))
        return DeviceReading(
            device=gpu.device,
            name=gpu.name,
            uuid=gpu.uuid,
            power_w=_scaled(power, 1000),
            energy_j=_scaled(energy, 1000),
            memory_bytes=not_negative(getattr(memory, "used", None)),
            memory_total_bytes=not_negative(getattr(memory, "total", None)),
            utilisation_percent=not_negative(getattr(work, "gpu", None)),
            temperature_c=number(
                self._asked(gpu, lambda: nvml.nvmlDeviceGetTemperature(handle, heat))
            ),
            clock_mhz=not_negative(clock),
            memory_clock_mhz=not_negative(memory_clock),
        )

    def _asked(self, gpu: _Gpu, ask: Callable[[], Any]) -> Any:
        """What the driver says; None for what this GPU, or this user, is not told."""
        nvml = self._library
        try:
            return ask()
        except nvml.NVMLError as error:
            untold = (nvml.NVML_ERROR_NOT_SUPPORTED, nvml.NVML_ERROR_NO_PERMISSION)
            if getattr(error, "value", None) in untold:
                return None
            raise DataError(f"GPU {gpu.device}: {error}") from None

    def close(self) -> None:
        """Let the library go."""
        if self._library is not None:
            self._library.nvmlShutdown()


def _text(value: Any) -> str:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)


def _scaled(value: Any, by: float) -> float | None:
    made = not_negative(value)
    return None if made is None else made / by
