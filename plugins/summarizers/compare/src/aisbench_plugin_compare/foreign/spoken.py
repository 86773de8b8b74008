"""The texts of this package in the reader's language."""

from __future__ import annotations

from aisbench.api import Wording, wording


def texts() -> Wording:
    """Asked for where it is needed: the language is the environment's."""
    return wording("aisbench_plugin_compare")
