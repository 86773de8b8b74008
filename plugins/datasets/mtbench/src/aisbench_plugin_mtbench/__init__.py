"""MT-Bench, conversations of two turns that a model judges, for aisbench."""

__version__ = "0.1.0"
