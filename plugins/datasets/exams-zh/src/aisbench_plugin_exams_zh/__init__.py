"""LawBench and GAOKAO-Bench, scored by their authors' rules, for aisbench."""

__version__ = "0.1.0"
