"""The command ``aisbench migrate``: what others' tools were told, as a suite."""

__version__ = "0.1.0"
