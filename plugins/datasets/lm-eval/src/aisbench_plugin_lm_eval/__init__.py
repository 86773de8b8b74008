"""All tasks of lm-evaluation-harness, asked by aisbench's engine."""

__version__ = "0.1.0"
