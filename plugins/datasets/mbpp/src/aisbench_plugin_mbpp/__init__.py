"""MBPP, its sanitised rows and MBPP+, small functions to write in Python, for aisbench."""

__version__ = "0.1.0"
