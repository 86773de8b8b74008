"""Prompts of exact lengths that ask nothing, for measuring speed with aisbench."""

__version__ = "0.1.0"
