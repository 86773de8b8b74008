"""``aisbench migrate``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from aisbench.api import command_parser
from aisbench_plugin_migrate.words import words


def main(given: Sequence[str]) -> int:
    """Write the suites of what was given; returns the exit code."""
    before, behind = _parted(given)
    parser = _parser()
    args = parser.parse_args(before)
    from aisbench import AisbenchError
    from aisbench_plugin_migrate.writing import migrate

    if not args.inputs and not behind:
        parser.error(
            words().text("name a file or a command line, or give the words of one after --")
        )
    try:
        return migrate(
            args.inputs,
            behind,
            output=args.output,
            roots=tuple(args.root),
            data=args.data,
            force=args.force,
        )
    except AisbenchError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code


def _parted(given: Sequence[str]) -> tuple[list[str], list[str]]:
    """The command's own words, and those behind ``--``."""
    every = list(given)
    if "--" not in every:
        return every, []
    place = every.index("--")
    return every[:place], every[place + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "migrate",
        words().text(
            "Make a suite of what another tool was told. Files are parsed, never executed. What "
            "has no counterpart becomes a comment at its place; API keys are not copied."
        ),
        epilog=words().text(
            "Example: aisbench migrate -o suite.toml -- ais_bench --models vllm_api_general_chat "
            "--datasets gsm8k_gen_0_shot_cot_chat_prompt"
        ),
    )
    parser.add_argument(
        "inputs",
        nargs="*",
        metavar="INPUT",
        help=words().text(
            "a config file, a shell file, a command line in quotes, or the name of "
            "one of AISBench's configs"
        ),
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help=words().text(
            "where the suite is written; absent: it is printed. Further suites of "
            "the same input are FILE-2, FILE-3, ..."
        ),
    )
    parser.add_argument(
        "--root",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help=words().text(
            "a checkout of AISBench or OpenCompass, or a folder of configs, in which "
            "imports and names are looked up (repeatable)"
        ),
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help=words().text("the folder of the data sets, AISBench's ais_bench/datasets"),
    )
    parser.add_argument(
        "--force", action="store_true", help=words().text("replace files that are there")
    )
    return parser
