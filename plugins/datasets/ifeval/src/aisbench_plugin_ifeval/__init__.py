"""IFEval, instructions whose following can be checked, for aisbench."""

__version__ = "0.1.0"
