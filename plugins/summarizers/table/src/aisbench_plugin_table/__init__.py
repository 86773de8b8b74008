"""The results table of the terminal, and summary.txt, for aisbench."""

__version__ = "0.1.0"
