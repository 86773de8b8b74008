"""Errors of this package's commands in the reader's language."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from aisbench import AisbenchError
from aisbench.api import translated

PACKAGE = "aisbench_plugin_exports"


@contextlib.contextmanager
def spoken_errors() -> Iterator[None]:
    """Within it the words of errors are translated."""
    try:
        yield
    except AisbenchError as error:
        error.message = translated(error.message, package=PACKAGE)
        error.hint = translated(error.hint, package=PACKAGE)
        raise
