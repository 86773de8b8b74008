"""Scores multiple choice, in words and by log-probabilities, for aisbench."""

__version__ = "0.1.0"
