"""Figures of scores: accuracy, pass@k, cons@k, avg@n, G-Pass@k, worst@k for aisbench."""

__version__ = "0.1.0"
