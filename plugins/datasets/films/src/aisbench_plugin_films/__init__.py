"""Video-MME and Video-Bench, multiple choice about films, for aisbench."""

__version__ = "0.1.0"
