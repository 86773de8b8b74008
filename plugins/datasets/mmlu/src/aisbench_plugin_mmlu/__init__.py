"""MMLU, multiple choice in 57 subjects, for aisbench."""

__version__ = "0.1.0"
