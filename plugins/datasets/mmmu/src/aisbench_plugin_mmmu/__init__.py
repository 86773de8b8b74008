"""MMMU and MMMU-Pro, college questions with pictures, for aisbench."""

__version__ = "0.1.0"
