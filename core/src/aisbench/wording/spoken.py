"""A parser of arguments that speaks the reader's language."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

from aisbench.wording.lines import translated


class SpokenParser(argparse.ArgumentParser):
    """Its help and its errors are translated when they are shown; names and values are not."""

    def format_help(self) -> str:
        """The help. Parsers are made anew for each call, so theirs are the texts to translate.

        Raises LanguageError.
        """
        self.description = self.description and translated(self.description)
        self.epilog = self.epilog and translated(self.epilog)
        for group in self._action_groups:
            group.title = group.title and translated(group.title)
            group.description = group.description and translated(group.description)
        for action in self._actions:
            if action.help and action.help != argparse.SUPPRESS:
                action.help = translated(action.help)
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Tell how the command is used and what is wrong, and exit with 2."""
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {translated(f'error: {message}')}\n")


def say(
    text: str = "", *, end: str = "\n", flush: bool = False, package: str | None = None
) -> None:
    """Print a text for a person, with what a ``package`` knows of it; what programs read is
    printed as it is."""
    print(translated(text, package=package), end=end, flush=flush)
