"""Runs as JSON, CSV, Markdown, Parquet, LaTeX, and in the forms of other tools, for aisbench."""

__version__ = "0.1.0"
