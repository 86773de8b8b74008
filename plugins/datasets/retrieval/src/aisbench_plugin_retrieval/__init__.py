"""Searches by vectors and by rerank models, likeness of texts, and labels, for aisbench."""

__version__ = "0.1.0"
