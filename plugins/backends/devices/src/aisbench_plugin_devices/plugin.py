"""What this package offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import DeviceSamplerOffer, hookimpl

AISBENCH_API = "1.3"


@hookimpl
def aisbench_device_samplers() -> Iterable[DeviceSamplerOffer]:
    return [
        DeviceSamplerOffer(
            name="nvml",
            summary="NVIDIA GPUs of this host, through the driver's library.",
            target="aisbench_plugin_devices.nvml:NvmlSampler",
            settings="aisbench_plugin_devices.nvml:NvmlSettings",
        ),
        DeviceSamplerOffer(
            name="nvidia-smi",
            summary="NVIDIA GPUs of this or another host, through nvidia-smi.",
            target="aisbench_plugin_devices.nvidia_smi:NvidiaSmiSampler",
            settings="aisbench_plugin_devices.programs:ProgramSettings",
        ),
        DeviceSamplerOffer(
            name="dcgm",
            summary="NVIDIA GPUs through DCGM: the metrics of its exporter, or dcgmi dmon.",
            target="aisbench_plugin_devices.dcgm:DcgmSampler",
            settings="aisbench_plugin_devices.dcgm:DcgmSettings",
        ),
        DeviceSamplerOffer(
            name="rocm",
            summary="AMD GPUs of this or another host, through amd-smi or rocm-smi.",
            target="aisbench_plugin_devices.rocm:RocmSampler",
            settings="aisbench_plugin_devices.rocm:RocmSettings",
        ),
        DeviceSamplerOffer(
            name="ascend",
            summary="Ascend NPUs of this or another host, through npu-smi.",
            target="aisbench_plugin_devices.ascend:AscendSampler",
            settings="aisbench_plugin_devices.programs:ProgramSettings",
        ),
    ]
