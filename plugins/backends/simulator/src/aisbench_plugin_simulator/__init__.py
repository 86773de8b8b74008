"""An embedded model server for AISBench: known answers, exact timing, failures on demand."""

__version__ = "0.1.0"
