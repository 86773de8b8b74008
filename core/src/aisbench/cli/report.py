"""`aisbench report`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from aisbench.base.errors import AisbenchError, ExitCode
from aisbench.cli import options
from aisbench.cli.report_pages import SUMMARIZER, check_places, write_pages
from aisbench.wording.spoken import say

Dialect = Literal["vllm", "aisbench", "evalscope", "aiperf"]
DIALECTS = get_args(Dialect)
PAGE = Path("summary/report.html")
"""From the run's folder."""

if TYPE_CHECKING:
    from aisbench.runs.again import StoredRun
    from aisbench.runs.display import RunDisplay


def main(words: Sequence[str]) -> int:
    """Show the figures of a run again, and write the summary files anew."""
    args = _parsed(words)
    changes = _changes(args)
    _check_dialect(args, changes)
    page = args.run / PAGE if args.html == PAGE else args.html
    check_places(page, args.images)

    from aisbench.cli.terminal import TerminalDisplay
    from aisbench.runs.again import open_stored, report_again

    stored = open_stored(args.run, disable_plugins=args.disable_plugin, plugins=args.plugin)
    display = TerminalDisplay()
    if args.dialect:
        _speak(stored, args.dialect, display)
        return ExitCode.OK
    result = report_again(stored, changes, display)
    say(f"results: {stored.run.path}")
    # The suite's own summarizers have just written the page at its usual place.
    made = any(one.listed.offer.name == SUMMARIZER for one in stored.plan.summarizers)
    wanted = None if made and args.html == PAGE else page
    if wanted or args.images:
        for path in write_pages(result, wanted, args.images, args.disable_plugin):
            say(f"{'charts' if path == args.images else 'report'}: {path}")
    return ExitCode.OK


def _check_dialect(args: argparse.Namespace, changes: Mapping[str, Any]) -> None:
    flags = [
        *(f"--{key.replace('_', '-')}" for key in changes),
        *(f"--{key}" for key in ("html", "images") if getattr(args, key) is not None),
    ]
    if args.dialect and flags:
        raise AisbenchError(
            f"--as {args.dialect}: is printed by that tool's own formulas, which "
            f"{', '.join(flags)} does not change",
            hint="leave out one of the two",
        )


def _parsed(words: Sequence[str]) -> argparse.Namespace:
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
        "--prefix-cache",
        action="append",
        metavar="KEY=VALUE",
        help="what the server's prefix cache is: block_size=128, blocks=4000",
    )
    parser.add_argument(
        "--as",
        dest="dialect",
        choices=DIALECTS,
        help="print each load as that tool would, by its formulas, from the same recording",
    )
    parser.add_argument(
        "--html",
        type=Path,
        nargs="?",
        const=PAGE,
        metavar="FILE",
        help=f"write the run as one page for a browser (without FILE: {PAGE} in the run)",
    )
    parser.add_argument(
        "--images", type=Path, metavar="FOLDER", help="write every chart as SVG and PNG"
    )
    options.add_plugins(parser)
    return parser.parse_args(words)


def _changes(args: argparse.Namespace) -> dict[str, Any]:
    """What the arguments change of the report. Raises AisbenchError."""
    from aisbench.runs.again import report_changes

    return report_changes(
        percentiles=None if args.percentiles is None else _percentiles(args.percentiles),
        window=args.window,
        slo=None if args.slo is None else _limits(args.slo),
        itl=args.itl,
        prefix_cache=None if args.prefix_cache is None else _whole_numbers(args.prefix_cache),
        prefix="--",
    )


def _percentiles(text: str) -> list[float]:
    try:
        return [float(word) for word in text.split(",")]
    except ValueError:
        raise AisbenchError(
            f"--percentiles {text}: must be numbers between 0 and 100, with commas between them",
            hint="--percentiles 50,95,99.9",
        ) from None


def _limits(texts: Sequence[str]) -> dict[str, float]:
    limits = {}
    for text in texts:
        key, _, value = text.partition("=")
        try:
            limits[key] = float(value)
        except ValueError:
            raise AisbenchError(
                f"--slo {text}: the value must be a number", hint="--slo ttft_ms=200"
            ) from None
    return limits


def _whole_numbers(texts: Sequence[str]) -> dict[str, int]:
    found = {}
    for text in texts:
        key, _, value = text.partition("=")
        try:
            found[key] = int(value)
        except ValueError:
            raise AisbenchError(
                f"--prefix-cache {text}: the value must be a whole number",
                hint="--prefix-cache block_size=128",
            ) from None
    return found


def _speak(stored: StoredRun, dialect: Dialect, display: RunDisplay) -> None:
    from aisbench.metrics.dialects import print_as
    from aisbench.runs.again import check_has_loads
    from aisbench.stages.measure import asked_concurrency, load_folders
    from aisbench.stages.results import recall
    from aisbench.store.recording.parquet import read_recording

    check_has_loads(stored)
    with stored.held(display):
        recall(stored.plan, stored.run, {})
        for task, folder in load_folders(stored.plan, stored.run):
            say(f"{task.label}: {folder.path.name}, as {dialect} would print it\n")
            print(print_as(read_recording(folder), dialect, asked_concurrency(folder)))
            say()
