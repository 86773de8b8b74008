"""Summaries and translations, for aisbench: declarations without code."""

__version__ = "0.1.0"
