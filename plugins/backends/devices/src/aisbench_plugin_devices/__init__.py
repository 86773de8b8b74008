"""Samplers of accelerators beside a load, for aisbench: NVML, nvidia-smi, DCGM, ROCm, Ascend."""

__version__ = "0.1.0"
