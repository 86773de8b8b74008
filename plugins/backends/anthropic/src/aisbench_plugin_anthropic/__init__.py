"""Anthropic's Messages API, for aisbench."""

__version__ = "0.1.0"
