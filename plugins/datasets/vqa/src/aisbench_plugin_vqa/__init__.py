"""Questions about pictures, documents and charts, for aisbench."""

__version__ = "0.1.0"
