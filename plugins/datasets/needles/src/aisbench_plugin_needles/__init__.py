"""Long contexts for aisbench: needles in haystacks of any length, and documents to reason over."""

__version__ = "0.1.0"
