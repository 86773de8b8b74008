"""Pictures edited by instruction, judged by another model, for aisbench."""

__version__ = "0.1.0"
