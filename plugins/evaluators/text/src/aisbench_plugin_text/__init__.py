"""Scores texts against references, and prepares answers for scoring, for aisbench."""

__version__ = "0.1.0"
