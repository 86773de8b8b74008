"""Pages and pictures with text, read and taken apart, for aisbench."""

__version__ = "0.1.0"
