"""CMMLU, multiple choice in 67 subjects in Chinese, for aisbench."""

__version__ = "0.1.0"
