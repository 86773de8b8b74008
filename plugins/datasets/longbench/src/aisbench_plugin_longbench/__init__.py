"""LongBench, LongBench-E and LongBench v2, with the authors' prompts and metrics, for aisbench."""

__version__ = "0.1.0"
