"""Scores programs by running their tests in a sandbox, for aisbench."""

__version__ = "0.1.0"
