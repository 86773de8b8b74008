"""BFCL, the Berkeley Function Calling Leaderboard, for aisbench."""

__version__ = "0.1.0"
