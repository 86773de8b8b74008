"""LiveCodeBench, problems of contests by the date of each, for aisbench."""

__version__ = "0.1.0"
