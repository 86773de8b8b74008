"""Scores the final number of an answer, for aisbench."""

__version__ = "0.1.0"
