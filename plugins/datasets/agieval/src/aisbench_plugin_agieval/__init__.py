"""AGIEval, examinations in English and Chinese, for aisbench."""

__version__ = "0.1.0"
