"""Tasks of SuperGLUE, for aisbench."""

__version__ = "0.1.0"
