"""What stands behind ``aisbench compare``."""

from __future__ import annotations

import argparse
from pathlib import Path

from aisbench.api import command_parser

_DESCRIPTION = """Compare runs sample by sample, or load by load: what differs and whether that is
fair, a verdict for each figure with the interval of the difference, and the smallest difference
that so many samples could have shown. The first run is the baseline of all others."""

_EPILOG = """A side is RUN, RUN:MODEL for one model of a run, or RUN,RUN,... for repeats of one
another; or results of lm-eval, evalscope, OpenCompass, AISBench, vllm bench, guidellm, aiperf. One
run with several models compares each with the first. Exit codes: 1 when a gate fails, 2 when
something cannot be compared."""


def parsed(argv: list[str]) -> argparse.Namespace:
    """The arguments. Exits with 2 for wrong ones."""
    parser = command_parser(
        "compare",
        " ".join(_DESCRIPTION.split()),
        package=__package__,
        epilog=" ".join(_EPILOG.split()),
    )
    parser.add_argument("sides", nargs="*", metavar="SIDE", help="a run, or other results")
    _add_what(parser)
    _add_baselines(parser)
    _add_outputs(parser)
    # Options may stand between sides.
    return parser.parse_intermixed_args(argv)


def _add_what(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fail-if",
        action="append",
        default=[],
        metavar="GATE",
        help='exit with 1 if it holds: "gsm8k.accuracy drops > 1pp", "ttft.p99 rises > 10 %%", '
        '"accuracy drops significantly" (repeatable)',
    )
    parser.add_argument(
        "--flips",
        type=_count,
        default=0,
        metavar="N",
        help="show N answers each way whose score differs, from both sides (default: count them)",
    )
    parser.add_argument(
        "--causes",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="sort differing samples by what made them differ (default: between tools)",
    )
    parser.add_argument(
        "--seed",
        type=_count,
        default=None,
        metavar="N",
        help="of the random draws (default: fixed)",
    )


def _add_baselines(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--baseline",
        metavar="NAME",
        help="compare with the run of that name, instead of the first",
    )
    parser.add_argument(
        "--save-baseline",
        metavar="NAME",
        help="give the run that name; beside a comparison, only if no gate fails",
    )
    parser.add_argument(
        "--baselines", action="store_true", help="list the names, and nothing else"
    )
    parser.add_argument(
        "--outputs",
        type=Path,
        metavar="FOLDER",
        help="where baselines are kept, in .aisbench/ (default: the folder that the run's suite "
        "has its folder in)",
    )
    parser.add_argument(
        "--history",
        action="store_true",
        help="the figures of all runs of the run's suite, with the points where they changed",
    )
    parser.add_argument(
        "--figure",
        action="append",
        default=[],
        metavar="NAME",
        help="figure of the history, such as accuracy or ttft.p99 (repeatable; default: the main "
        "ones)",
    )


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    for flag, what in (
        ("--json", "everything that was found, as JSON"),
        ("--markdown", "the report as Markdown, for a pull request"),
        ("--junit", "the gates as JUnit XML"),
        ("--flips-to", "all answers whose score differs, with both texts, as JSON lines"),
    ):
        parser.add_argument(flag, type=Path, metavar="FILE", help=f"write {what}")


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("must be 0 or more")
    return int(text)
