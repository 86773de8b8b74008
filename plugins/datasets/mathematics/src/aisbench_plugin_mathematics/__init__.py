"""MATH, AIME, DAPO and OlympiadBench, for aisbench: declarations, and one reader of all their layouts."""

__version__ = "0.1.0"
