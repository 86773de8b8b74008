"""BIG-Bench Hard, 27 tasks with its authors' prompts, for aisbench."""

__version__ = "0.1.0"
