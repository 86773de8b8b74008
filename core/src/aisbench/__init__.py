"""Evaluate large language models: accuracy and serving performance from one TOML file."""

__version__ = "0.1.0"
