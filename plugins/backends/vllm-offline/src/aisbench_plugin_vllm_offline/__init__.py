"""Models loaded by vLLM in this process, for aisbench."""

__version__ = "0.1.0"
