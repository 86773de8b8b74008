"""C-Eval, multiple choice in 52 subjects in Chinese, for aisbench."""

__version__ = "0.1.0"
