"""Models behind a gateway that wants each request signed, for aisbench."""

__version__ = "0.1"
