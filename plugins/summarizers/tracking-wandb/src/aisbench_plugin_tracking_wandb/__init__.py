"""Runs tracked by Weights & Biases, for aisbench."""

__version__ = "0.1.0"
