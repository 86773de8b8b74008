"""Bayesian search over settings of a server with Optuna, for aisbench."""

__version__ = "0.1.0"
