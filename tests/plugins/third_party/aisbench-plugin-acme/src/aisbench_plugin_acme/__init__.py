"""What somebody else may write for aisbench: a protocol, a data set and an evaluator."""

__version__ = "0.3.0"
