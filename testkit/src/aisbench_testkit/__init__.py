"""The conformance kit for plugins of aisbench: checks, pytest classes and fixtures."""

__version__ = "0.1.0"
