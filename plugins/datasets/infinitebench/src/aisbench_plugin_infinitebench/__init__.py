"""InfiniteBench, 12 tasks beyond 100,000 tokens with its authors' metrics, for aisbench."""

__version__ = "0.1.0"
