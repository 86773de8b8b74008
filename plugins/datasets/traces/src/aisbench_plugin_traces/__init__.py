"""Recorded traffic for aisbench: Mooncake, BurstGPT, Azure LLM inference, and a format of ours."""

__version__ = "0.1.0"
