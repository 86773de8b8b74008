"""HellaSwag and BoolQ, for aisbench: declarations without code."""

__version__ = "0.1.0"
