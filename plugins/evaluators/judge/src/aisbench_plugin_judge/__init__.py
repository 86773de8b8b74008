"""Scores answers by the opinion of another model, for aisbench."""

__version__ = "0.1.0"
