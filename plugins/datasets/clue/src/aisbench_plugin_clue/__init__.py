"""Tasks of CLUE and FewCLUE, for aisbench."""

__version__ = "0.1.0"
