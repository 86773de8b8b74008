"""`aisbench run`."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence
from pathlib import Path

from aisbench.base.errors import AbortError, ExitCode
from aisbench.cli import options

log = logging.getLogger(__name__)


def main(words: Sequence[str]) -> int:
    """Parse the arguments and run the suite, or show what would be run."""
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
        "-v", "--verbose", action="count", default=0, help="log to the terminal (-vv: more)"
    )
    args = parser.parse_args(words)

    from aisbench.config.planner import make_plan

    # `--resume suite.toml` would take the suite for a run.
    if args.resume and args.suite is None and Path(args.resume).is_file():
        args.suite, args.resume = Path(args.resume), ""
    stored = None
    if args.resume and args.suite is None and not args.backend:
        from aisbench.store.run import open_run

        stored = open_run(Path(args.resume)).suite
    source = options.source_of(args, stored)
    catalog = options.catalog_of(args, source)

    from aisbench.cli.offline import offline
    from aisbench.config.secrets import doubts
    from aisbench.conversation.prepare import check_rows, prepare
    from aisbench.engine.client import reveal_headers
    from aisbench.runs.logs import start_early_logging
    from aisbench.stages.preflight import check_models, check_prompts
    from aisbench.stages.token_totals import check_tokenizers

    start_early_logging()
    with offline() if args.dry_run else contextlib.nullcontext():
        plan = make_plan(source, catalog)
        rows = prepare(plan)
        check_rows(plan, rows)
        check_prompts(plan, rows)
        check_tokenizers(plan)
        if args.dry_run:
            from aisbench.cli.dry_run import show

            options.tell_problems(catalog)
            show(plan, rows)
            return ExitCode.OK

    for doubt in doubts(plan):
        log.warning("%s", doubt)
    for model in plan.models:
        if not model.local:
            reveal_headers(model.service)  # what is not set is an error now
    check_models(plan, rows)
    if plan.loads:
        from aisbench.stages.run_loads import preflight

        for _ in preflight(plan, rows):
            pass  # what cannot be is an error now, and not when the servers are up

    from rich.console import Console

    from aisbench.cli.session import Session
    from aisbench.config.secrets import redactor_of
    from aisbench.runs.guard import guarded
    from aisbench.store.locking import locked
    from aisbench.store.run import create_run, latest_run, open_run

    output = Path(plan.suite.suite.output)
    if args.resume is None:
        run = create_run(output, plan.suite.suite.name)
    elif args.resume:
        run = open_run(Path(args.resume))
    else:
        run = latest_run(output, plan.suite.suite.name)
    redactor = redactor_of(plan)
    with guarded(redactor), locked(run):
        session = Session(
            plan=plan,
            catalog=catalog,
            rows=rows,
            run=run,
            console=Console(),
            verbosity=args.verbose,
            redactor=redactor,
        )
        try:
            return session.execute()
        except KeyboardInterrupt:
            raise AbortError(
                "stopped before the end; what is stored is whole",
                hint=f"continue with: aisbench run --resume {run.path}",
            ) from None
