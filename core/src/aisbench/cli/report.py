"""`aisbench report`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from aisbench.base.errors import AisbenchError, ExitCode
from aisbench.cli import options

Dialect = Literal["vllm", "aisbench", "evalscope", "aiperf"]
DIALECTS = get_args(Dialect)

if TYPE_CHECKING:
    from aisbench.config.plan import Plan
    from aisbench.store.run import RunFolder


def main(words: Sequence[str]) -> int:
    """Show the figures of a run again, and write the summary files anew."""
    parser = options.parser(
        "report",
        "Show the figures of a run again; loads are measured anew from what was recorded, with "
        "other percentiles, windows or limits if asked.",
    )
    parser.add_argument("run", type=Path, help="run directory")
    parser.add_argument("--percentiles", help="such as 50,95,99.9")
    parser.add_argument("--window", type=float, help="seconds: report each part of such a length")
    parser.add_argument(
        "--slo", action="append", metavar="KEY=VALUE", help="a limit, such as ttft_ms=200"
    )
    parser.add_argument("--itl", choices=("event", "read", "token"), help="what ITL is between")
    parser.add_argument(
        "--as",
        dest="dialect",
        choices=DIALECTS,
        help="print each load as that tool would, by its formulas, from the same recording",
    )
    options.add_plugins(parser)
    args = parser.parse_args(words)
    changes = _changes(args)
    if args.dialect and changes:
        raise AisbenchError(
            f"--as {args.dialect}: is printed by that tool's own formulas, which "
            f"{', '.join(f'--{key}' for key in changes)} does not change",
            hint="leave out one of the two",
        )

    from rich.console import Console

    from aisbench.base.visible import visible
    from aisbench.cli.evaluate import stored_source
    from aisbench.config.planner import make_plan
    from aisbench.config.secrets import redactor_of
    from aisbench.runs.guard import guarded
    from aisbench.stages.results import recall
    from aisbench.stages.summarize import summarize
    from aisbench.store.locking import locked
    from aisbench.store.run import open_run

    run = open_run(args.run)
    source = stored_source(run.suite, args)
    plan = make_plan(source, options.catalog_of(args, source))
    if (changes or args.dialect) and not plan.loads:
        raise AisbenchError(
            f"{run.path}: holds no load to measure",
            hint="--percentiles, --window, --slo, --itl and --as are for performance runs",
        )
    console = Console()
    width = console.width if console.is_terminal else 160
    with guarded(redactor_of(plan)), locked(run):
        results = recall(plan, run, changes)
        if args.dialect:
            _speak(plan, run, args.dialect)
            return ExitCode.OK
        for text in summarize(results, run, plan.summarizers, width):
            console.print(visible(text), markup=False, highlight=False, soft_wrap=True)
    print(f"results: {run.path}")
    return ExitCode.OK


def _changes(args: argparse.Namespace) -> dict[str, Any]:
    """What the arguments change of the report. Raises AisbenchError."""
    changes: dict[str, Any] = {}
    if args.percentiles is not None:
        try:
            wanted = [float(word) for word in args.percentiles.split(",")]
        except ValueError:
            wanted = []
        if not wanted or not all(0 < one < 100 for one in wanted):
            raise AisbenchError(
                f"--percentiles {args.percentiles}: is no list of numbers between 0 and 100",
                hint="--percentiles 50,95,99.9",
            )
        changes["percentiles"] = wanted
    if args.window is not None:
        if args.window <= 0:
            raise AisbenchError("--window: must be above 0 (seconds)")
        changes["window"] = args.window
    if args.itl is not None:
        changes["itl"] = args.itl
    if args.slo is not None:
        changes["slo"] = _limits(args.slo)
    return changes


def _limits(texts: Sequence[str]) -> dict[str, float]:
    from aisbench.settings.slo import slo_problems

    limits = {}
    for text in texts:
        key, _, value = text.partition("=")
        try:
            limits[key] = float(value)
        except ValueError:
            raise AisbenchError(
                f"--slo {text}: the value is no number", hint="--slo ttft_ms=200"
            ) from None
    for key, message in slo_problems(limits):
        raise AisbenchError(f"--slo {key}: {message}")
    return limits


def _speak(plan: Plan, run: RunFolder, dialect: Dialect) -> None:
    from aisbench.metrics.dialects import print_as
    from aisbench.stages.measure import asked_concurrency, load_folders
    from aisbench.store.recording.parquet import read_recording

    for task, folder in load_folders(plan, run):
        print(f"{task.label}: {folder.path.name}, as {dialect} would print it\n")
        print(print_as(read_recording(folder), dialect, asked_concurrency(folder)))
        print()
