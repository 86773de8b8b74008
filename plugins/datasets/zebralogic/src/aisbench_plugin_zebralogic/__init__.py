"""ZebraLogic, grid puzzles of houses, for aisbench."""

__version__ = "0.1.0"
