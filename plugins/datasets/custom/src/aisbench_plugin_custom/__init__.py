"""A data set of the user's own, JSONL or CSV, for aisbench."""

__version__ = "0.1.0"
