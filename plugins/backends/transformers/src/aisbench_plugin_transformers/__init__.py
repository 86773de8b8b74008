"""Models loaded with Transformers in this process, for aisbench."""

__version__ = "0.1.0"
