"""docs/reference/commands.md: every command, from the parsers that read its arguments."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any, NoReturn
from unittest import mock

from aisbench.cli import COMMANDS, main
from aisbench.plugins.catalog import Catalog
from tools.reference.speaking import Speaker, english
from tools.reference.tables import code, plain, table

_HEAD = """# Every command

<!-- made by `python -m tools.reference`; from the parsers of the arguments -->

`aisbench COMMAND --help` shows the same. What a command's exit code means: [exit
codes](exit-codes.md). A command that answers with a table or a document writes it to standard
output; warnings, errors and logs go to standard error. `aisbench --version` prints the
version."""


class _Seen(BaseException):
    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.parser = parser


def parser_of(command: str) -> argparse.ArgumentParser:
    """The parser that a command makes for itself; nothing of the command is done."""

    def seen(parser: argparse.ArgumentParser, *_: Any, **__: Any) -> NoReturn:
        raise _Seen(parser)

    kind = argparse.ArgumentParser
    with (
        mock.patch.object(kind, "parse_args", seen),
        mock.patch.object(kind, "parse_intermixed_args", seen),
    ):
        try:
            main([command])
        except _Seen as found:
            return found.parser
    raise ValueError(f"aisbench {command} parses no arguments")


def commands_page(catalog: Catalog, say: Speaker = english) -> str:
    """The page: core's commands in their order, then those of plugins."""
    parts = [say(_HEAD)]
    for name in COMMANDS:
        parts += _command(parser_of(name), say)
    for listed in catalog.of_kind("command"):
        parts += _command(parser_of(listed.offer.name), _of_package(say, listed.package))
    return "\n\n".join(parts) + "\n"


def _of_package(say: Speaker, package: str | None) -> Speaker:
    def theirs(text: str, package: str | None = package) -> str:
        return say(text, package)

    return theirs


def _command(parser: argparse.ArgumentParser, say: Speaker, heading: str = "##") -> Iterator[str]:
    yield f"{heading} {parser.prog}"
    if parser.description:
        yield plain(say(parser.description))
    actions = [one for one in parser._actions if one.dest != "help"]
    nested = [one for one in actions if isinstance(one, argparse._SubParsersAction)]
    rows = [_row(one, say) for one in actions if one not in nested]
    if rows:
        yield table([say(one) for one in ("argument", "meaning", "default")], rows)
    if parser.epilog:
        yield plain(say(parser.epilog))
    for group in nested:
        helps = {one.dest: one.help or "" for one in group._choices_actions}
        for name, inner in group.choices.items():
            inner.description = inner.description or helps.get(name, "")
            yield from _command(inner, say, f"{heading}#")


def _row(action: argparse.Action, say: Speaker) -> tuple[str, str, str]:
    flags = ", ".join(action.option_strings) or action.dest
    value = _value(action)
    optional = not action.option_strings and action.nargs == "?"
    name = f"[{flags}]" if optional else f"{flags} {value}".strip()
    default = action.default
    hidden = default in (None, False, [], argparse.SUPPRESS) or not action.option_strings
    shown = "" if hidden else code(str(default))
    return code(name), plain(say(action.help or "")), shown


def _value(action: argparse.Action) -> str:
    if action.nargs == 0 or not action.option_strings:
        return ""
    if action.choices is not None:
        return "{" + ",".join(map(str, action.choices)) + "}"
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    return f"[{metavar}]" if action.nargs == "?" else metavar
