"""`aisbench evaluate`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from aisbench.cli import options
from aisbench.config.source import Source, parse_set, read_source


def main(words: Sequence[str]) -> int:
    """Score the stored predictions of a run, with settings changed by --set."""
    parser = options.parser(
        "evaluate", "Score the stored answers of a run again; earlier results are kept."
    )
    parser.add_argument("run", type=Path, help="run directory")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a key, such as datasets.gsm8k.evaluation.rule=aisbench (repeatable)",
    )
    options.add_plugins(parser)
    args = parser.parse_args(words)

    from rich.console import Console

    from aisbench.cli.session import Session
    from aisbench.config.planner import make_plan
    from aisbench.config.secrets import redactor_of
    from aisbench.runs.guard import guarded
    from aisbench.store.locking import locked
    from aisbench.store.run import open_run

    run = open_run(args.run)
    source = stored_source(run.suite, args)
    catalog = options.catalog_of(args, source)
    plan = make_plan(source, catalog)
    redactor = redactor_of(plan)
    with guarded(redactor), locked(run):
        session = Session(
            plan=plan,
            catalog=catalog,
            rows={},
            run=run,
            console=Console(),
            verbosity=0,
            redactor=redactor,
        )
        return session.finish([f"evaluated with {text}" for text in args.set])


def stored_source(path: Path, args: argparse.Namespace) -> Source:
    """The suite that a run keeps, with the changes of --set."""
    return read_source(path, [parse_set(text) for text in getattr(args, "set", [])])
