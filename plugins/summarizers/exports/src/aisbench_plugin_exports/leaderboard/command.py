"""``aisbench leaderboard``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from aisbench import AisbenchError, RunResult
from aisbench.api import ExitCode, command_parser, wording
from aisbench_plugin_exports.leaderboard.entries import WantedEntries, entries_of, one_each
from aisbench_plugin_exports.leaderboard.shown import FORMS
from aisbench_plugin_exports.leaderboard.table import leaderboard
from aisbench_plugin_exports.opening import opened, run_folders
from aisbench_plugin_exports.speaking import PACKAGE, spoken_errors
from aisbench_plugin_exports.writing import text_to

words = wording("aisbench_plugin_exports")


def main(arguments: Sequence[str]) -> int:
    """Show what the arguments name; the exit code. Raises AisbenchError."""
    with spoken_errors():
        return _main(arguments)


def _main(arguments: Sequence[str]) -> int:
    args = _parser().parse_args(arguments)
    folders = run_folders(args.runs)
    wanted = WantedEntries(
        models=tuple(args.model),
        datasets=tuple(args.dataset),
        figure=args.figure,
        parts=args.parts,
    )
    unread: list[str] = []
    entries = one_each(
        entries_of((run for folder in folders for run in _read(folder, unread)), wanted),
        "best" if args.best else "newest",
    )
    for one in unread:
        print(words.text("left out: {why}", why=one), file=sys.stderr)
    if not entries:
        raise AisbenchError(
            "there is no figure to show in these runs",
            hint="runs that were scored have figures; --model, --dataset and --figure may leave "
            "all of them out",
        )
    columns = {column for _, column in entries}
    if args.sort and args.sort not in columns:
        raise AisbenchError(
            f"--sort {args.sort}: no column is called so",
            hint=f"columns are: {', '.join(sorted(columns))}",
        )
    board = leaderboard(
        entries, "best" if args.best else "newest", len(folders) - len(unread), args.sort
    )
    try:
        with text_to(args.output) as out:
            FORMS[args.form](board, out)
    except BrokenPipeError:
        return ExitCode.OK  # who read the standard output has enough
    if args.output is not None:
        print(words.text("written: {path}", path=args.output))
    return ExitCode.OK


def _read(folder: Path, unread: list[str]) -> Sequence[RunResult]:
    """The run, or nothing and why: one damaged run must not hide the others."""
    try:
        return list(opened([folder], verify=False))
    except AisbenchError as error:
        unread.append(error.message)
        return ()


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "leaderboard",
        "Show many runs as one table: a row a model, a column a data set, a group or a figure "
        "of a load, each with its 95 % interval where it has one.",
        package=PACKAGE,
    )
    parser.add_argument(
        "runs", nargs="+", type=Path, metavar="RUN", help="run directories, or folders of them"
    )
    parser.add_argument(
        "--as", dest="form", choices=tuple(FORMS), default="text", help="the form (default: text)"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="instead of the terminal"
    )
    parser.add_argument(
        "--best",
        action="store_true",
        help="of several runs the best figure, instead of the newest",
    )
    parser.add_argument(
        "--model", action="append", default=[], metavar="NAME", help="only these; * and ? match"
    )
    parser.add_argument(
        "--dataset", action="append", default=[], metavar="NAME", help="only these sets and groups"
    )
    parser.add_argument(
        "--figure",
        default="",
        help="by name, of loads also as 'tpot p90' (default: the first of each data set; of "
        "loads throughput, goodput and TTFT p99)",
    )
    parser.add_argument("--parts", action="store_true", help="parts of data sets as columns, too")
    parser.add_argument("--sort", default="", metavar="COLUMN", help="the best of it first")
    return parser
