"""Libraries that core does not depend on, because only some runs need them."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

LOADS = ("numpy", "pyarrow")
"""What loads are recorded and measured with."""
INSTALL_LOADS = 'pip install "aisbench[performance]"'


def missing(modules: Sequence[str]) -> list[str]:
    """Those that are not installed. Imports none of them."""
    return [name for name in modules if importlib.util.find_spec(name) is None]


def not_installed(modules: Sequence[str]) -> str:
    """The end of a sentence: "numpy and pyarrow, which are not installed"."""
    verb = "is" if len(modules) == 1 else "are"
    return f"{' and '.join(modules)}, which {verb} not installed"
