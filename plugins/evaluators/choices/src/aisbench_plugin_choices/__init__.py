"""The likeliest of given answers, for aisbench."""

__version__ = "0.1.0"
