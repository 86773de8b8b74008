"""Scores mathematical answers by what they mean, for aisbench."""

__version__ = "0.1.0"
