"""`aisbench report`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aisbench.cli import options
from aisbench.errors import ExitCode


def main(words: Sequence[str]) -> int:
    """Show the figures of the last evaluation again, and write the summary files anew."""
    parser = options.parser("report", "Show the stored figures of a run again.")
    parser.add_argument("run", type=Path, help="run directory")
    options.add_plugins(parser)
    args = parser.parse_args(words)

    from rich.console import Console

    from aisbench.cli.evaluate import stored_source
    from aisbench.config.planner import make_plan
    from aisbench.stages.evaluate import read_results
    from aisbench.stages.summarize import summarize
    from aisbench.store.run import open_run

    run = open_run(args.run)
    source = stored_source(run.suite, args)
    plan = make_plan(source, options.catalog_of(args, source))
    console = Console()
    width = console.width if console.is_terminal else 160
    for text in summarize(read_results(plan, run), run, plan.summarizers, width):
        console.print(text, markup=False, highlight=False, soft_wrap=True)
    print(f"results: {run.path}")
    return ExitCode.OK
