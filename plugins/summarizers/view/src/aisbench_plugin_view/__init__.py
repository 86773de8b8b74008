"""A local web page over a folder of runs, for aisbench."""

__version__ = "0.1.0"
