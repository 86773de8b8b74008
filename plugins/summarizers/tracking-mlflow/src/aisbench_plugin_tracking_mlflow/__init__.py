"""Runs tracked by MLflow, for aisbench."""

__version__ = "0.1.0"
