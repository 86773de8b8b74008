"""MATH, AIME, DAPO and OlympiadBench, for aisbench: declarations, and readers of their layouts."""

__version__ = "0.1.0"
