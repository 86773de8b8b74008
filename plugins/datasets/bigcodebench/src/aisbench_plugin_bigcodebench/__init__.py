"""BigCodeBench, functions that call many libraries, for aisbench."""

__version__ = "0.1.0"
