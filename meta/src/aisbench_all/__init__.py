"""Installs aisbench with all of its own plugins; holds no code."""

__version__ = "0.1.0"
