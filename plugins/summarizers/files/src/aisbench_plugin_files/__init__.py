"""The results as CSV, Markdown and JSON files, for aisbench."""

__version__ = "0.1.0"
