"""Helps and errors of this package's commands in the reader's language."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator

from aisbench import AisbenchError
from aisbench.api import translated

PACKAGE = "aisbench_plugin_exports"


class CommandParser(argparse.ArgumentParser):
    """A parser whose help is translated when it is shown; names and values are not."""

    def format_help(self) -> str:
        """The help."""
        self.description = self.description and translated(self.description, package=PACKAGE)
        for group in self._action_groups:
            group.title = group.title and translated(group.title)
        for action in self._actions:
            if action.help and action.help != argparse.SUPPRESS:
                action.help = translated(action.help, package=PACKAGE)
        return super().format_help()


@contextlib.contextmanager
def spoken_errors() -> Iterator[None]:
    """Within it the words of errors are translated."""
    try:
        yield
    except AisbenchError as error:
        error.message = translated(error.message, package=PACKAGE)
        error.hint = translated(error.hint, package=PACKAGE)
        raise
