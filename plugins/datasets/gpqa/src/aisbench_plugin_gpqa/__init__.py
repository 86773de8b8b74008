"""GPQA, questions of biology, physics and chemistry for experts, for aisbench."""

__version__ = "0.1.0"
