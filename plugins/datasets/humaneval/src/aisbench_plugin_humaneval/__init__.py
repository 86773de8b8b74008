"""HumanEval and HumanEval+, functions to write in Python, for aisbench."""

__version__ = "0.1.0"
