"""A run as one page that needs nothing else, for aisbench."""

__version__ = "0.1.0"
