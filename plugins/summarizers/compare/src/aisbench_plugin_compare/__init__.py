"""Runs compared: paired samples, loads, verdicts in words, gates; for aisbench."""

__version__ = "0.1.0"
