"""Referring expressions and the boxes of what they mean, for aisbench."""

__version__ = "0.1.0"
