"""MGSM, mathematics of grade schools in eleven languages, for aisbench."""

__version__ = "0.1.0"
