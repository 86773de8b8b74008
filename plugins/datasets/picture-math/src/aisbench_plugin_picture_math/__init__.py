"""MathVision, MathVista and Geometry3K, mathematics in pictures, for aisbench."""

__version__ = "0.1.0"
