"""Runs as metrics and traces of OpenTelemetry, for aisbench."""

__version__ = "0.1.0"
