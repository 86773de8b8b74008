"""CRUXEval, what a function gives and what makes it give it, for aisbench."""

__version__ = "0.1.0"
