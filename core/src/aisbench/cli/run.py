"""`aisbench run`."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Sequence
from pathlib import Path

from aisbench.base.errors import ExitCode
from aisbench.cli import options
from aisbench.store.run import RunFolder, open_run


def main(words: Sequence[str]) -> int:
    """Parse the arguments and run the suite, or show what would be run."""
    args = _parsed(words)

    import attrs

    from aisbench.cli.terminal import resume_command, terminal_host, warn
    from aisbench.runs.execute import execute
    from aisbench.runs.logs import RunLog
    from aisbench.runs.offline import offline
    from aisbench.runs.opening import open_suite

    source = options.source_of(args, _stored_suite(args))
    catalog = options.catalog_of(args, source)
    with RunLog(warn, args.verbose) as log:
        with offline() if args.dry_run else contextlib.nullcontext():
            opened = open_suite(source, catalog)
            if args.dry_run:
                from aisbench.cli.dry_run import show

                options.tell_problems(catalog)
                show(opened.plan, opened.rows)
                return ExitCode.OK
        host = terminal_host(log)
        if args.stop_after is not None:
            again = f" --stop-after {args.stop_after}"
            host = attrs.evolve(host, resume_words=lambda run: resume_command(run) + again)
        result = execute(opened, _resumed(args), host, args.stop_after)
    return ExitCode.OK if result.ok else ExitCode.FAILED_SAMPLES


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = options.parser("run", "Ask the models of a suite, score the answers, show figures.")
    options.add_suite(parser)
    parser.add_argument(
        "--resume",
        nargs="?",
        const="",
        metavar="RUN",
        help="continue RUN, or the suite's latest run; failed requests are sent again",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="send nothing; show what would be sent"
    )
    parser.add_argument(
        "--stop-after",
        choices=("answers", "judgements"),
        help="leave what follows to `aisbench judge` and `aisbench evaluate`, here or elsewhere",
    )
    parser.add_argument(
        "-v", "--verbose", action="count", default=0, help="log to the terminal (-vv: more)"
    )
    args = parser.parse_args(words)
    if args.dry_run and args.stop_after is not None:
        parser.error("--stop-after has no effect with --dry-run")
    # `--resume suite.toml` would take the suite for a run.
    if args.resume and args.suite is None and Path(args.resume).is_file():
        args.suite, args.resume = Path(args.resume), ""
    return args


def _resumed(args: argparse.Namespace) -> str | Path | None:
    """Which run is continued: None is a new one."""
    from aisbench.runs.opening import LATEST

    if args.resume is None:
        return None
    return Path(args.resume) if args.resume else LATEST


def _stored_suite(args: argparse.Namespace) -> RunFolder | None:
    """The run that is continued, where the arguments name no other suite than its own."""
    if args.resume and args.suite is None and not args.backend:
        return open_run(Path(args.resume))
    return None
