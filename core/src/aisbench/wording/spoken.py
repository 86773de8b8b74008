"""A parser of arguments that speaks the reader's language."""

from __future__ import annotations

import argparse
import re
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any, NoReturn

from aisbench.base.visible import visible
from aisbench.wording.lines import translated


class SpokenFormatter(argparse.HelpFormatter):
    """Breaks lines by the columns that they take: Chinese has two for a sign, and no blanks."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return list(_broken(" ".join(text.split()), width))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines = _broken(" ".join(text.split()), width - len(indent))
        return "\n".join(indent + line for line in lines)


_UNBROKEN = re.compile(r"[^\u2e80-\uffff\s]+|\s+|.")
_NEVER_FIRST = frozenset("，。；：、？！）】》」』”’…")


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _broken(text: str, width: int) -> Iterator[str]:
    """Lines of at most ``width`` columns, broken at blanks and between wide signs; a word that is
    longer stays whole, and a mark of punctuation is never the first of a line."""
    line = ""
    for piece in _UNBROKEN.findall(text):
        over = _columns(line) + _columns(piece) > width
        if over and line.strip() and not piece.isspace() and piece not in _NEVER_FIRST:
            yield line.rstrip()
            line = ""
        line += piece if line or not piece.isspace() else ""
    if line.strip():
        yield line.rstrip()


class SpokenParser(argparse.ArgumentParser):
    """Its help and its errors are translated when they are shown; names and values are not."""

    package: str | None = None
    """Whose ``lines.zh.json`` has its texts; those of core where there is none."""

    def __init__(self, *args: Any, **values: Any) -> None:
        values.setdefault("formatter_class", SpokenFormatter)
        super().__init__(*args, **values)  # those of sub-commands are made by argparse

    def print_usage(self, file: Any = None) -> None:
        """The usage. Raises LanguageError."""
        # Not in format_usage: argparse itself cuts the first word off that, by its length.
        self._print_message(self._begun(self.format_usage()), file or sys.stdout)

    def format_help(self) -> str:
        """The help. Parsers are made anew for each call, so theirs are the texts to translate.

        Raises LanguageError.
        """
        self.description = self.description and self._spoken(self.description)
        self.epilog = self.epilog and self._spoken(self.epilog)
        for group in self._action_groups:
            group.title = group.title and self._spoken(group.title)
            group.description = group.description and self._spoken(group.description)
        for action in self._actions:
            # The texts of sub-commands are no actions of the parser.
            for one in (action, *getattr(action, "_get_subactions", tuple)()):
                if one.help and one.help != argparse.SUPPRESS:
                    one.help = self._spoken(one.help)
        return self._begun(super().format_help())

    def error(self, message: str) -> NoReturn:
        """Tell how the command is used and what is wrong, and exit with 2."""
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {self._spoken(f'error: {message}')}\n")

    def _spoken(self, text: str) -> str:
        return translated(text, package=self.package)

    def _begun(self, text: str) -> str:
        """With argparse's own first word translated; the lines below it stand where it put
        them."""
        word = "usage:"
        if not text.startswith(word):
            return text
        # Two wide signs, a wide colon and a blank: seven columns, as before.
        return self._spoken(word) + text[len(word) :]


def command_parser(
    command: str, description: str, *, package: str | None = None, epilog: str | None = None
) -> argparse.ArgumentParser:
    """A parser for ``aisbench COMMAND``, whose help and errors speak the reader's language.

    Texts are given in English. They are looked up in ``lines.zh.json`` of a ``package``
    (``__package__``), an object from English to Chinese, and among core's, which has what argparse
    itself says. Options may not be abbreviated: a later one would change what is meant.
    """
    made = SpokenParser(
        prog=f"aisbench {command}", description=description, epilog=epilog, allow_abbrev=False
    )
    made.package = package
    return made


def say(
    text: str = "", *, end: str = "\n", flush: bool = False, package: str | None = None
) -> None:
    """Print a text for a person, with what a ``package`` knows of it; what programs read is
    printed as it is."""
    print(translated(text, package=package), end=end, flush=flush)


def tell(text: str, *, error: bool = False) -> None:
    """Print a line for a person, unable to control the terminal."""
    print(visible(translated(text)), file=sys.stderr if error else sys.stdout)
