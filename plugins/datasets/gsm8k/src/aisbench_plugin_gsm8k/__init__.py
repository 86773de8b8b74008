"""GSM8K, grade school math word problems, for aisbench."""

__version__ = "0.1.0"
