"""MATH-500, competition mathematics, for aisbench."""

__version__ = "0.1.0"
