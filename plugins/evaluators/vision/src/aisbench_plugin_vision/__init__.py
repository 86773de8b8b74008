"""Scores answers about pictures for aisbench: words, documents, charts, boxes."""

__version__ = "0.1.0"
