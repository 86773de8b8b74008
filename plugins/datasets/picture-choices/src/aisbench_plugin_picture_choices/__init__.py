"""MMStar, MMBench and RealWorldQA, multiple choice about pictures, for aisbench."""

__version__ = "0.1.0"
