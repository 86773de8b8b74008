"""Runs tracked by SwanLab, for aisbench."""

__version__ = "0.1.0"
