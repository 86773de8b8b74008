"""Models that are asked over a WebSocket, for aisbench."""

__version__ = "0.1"
