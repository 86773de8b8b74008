"""Triton Inference Server, for aisbench."""

__version__ = "0.1.0"
