"""`aisbench plugins check DIST|PATH ...`: the conformance kit, run on distributions."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from aisbench.base.errors import ExitCode, PluginError
from aisbench.base.visible import visible
from aisbench.wording.spoken import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is checked, with which data, and how strictly."""
    parser.add_argument(
        "dist", nargs="+", help="an installed distribution, or the folder of its pyproject.toml"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="[NAME.]KEY=VALUE",
        help="a setting of the offer NAME, or of all that have it, such as gsm8k.path=data "
        "(repeatable)",
    )
    parser.add_argument(
        "--config",
        type=Path,
        help="file with the tables of [tool.aisbench.check], instead of the plugin's own",
    )
    parser.add_argument(
        "--strict", action="store_true", help="what could not be checked counts as failed"
    )
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="what one check may take; default 120"
    )
    parser.add_argument("--json", action="store_true", help="every result, as JSON")


def check_plugin(args: argparse.Namespace) -> int:
    """Exit code 2 if anything failed (with --strict: or could not be checked)."""
    try:
        from aisbench_testkit.checking import printing, supervisor
        from aisbench_testkit.checking.tables import parse_given
        from aisbench_testkit.checking.targets import target_of
    except ModuleNotFoundError as error:
        if error.name and not error.name.startswith("aisbench_testkit"):
            raise
        raise PluginError(
            "the conformance kit is not installed", hint="pip install aisbench-testkit"
        ) from None
    if args.timeout is not None and args.timeout <= 0:
        raise PluginError(f"--timeout {args.timeout:g}: must be above 0")
    report = supervisor.check_plugins(
        [target_of(one, args.config) for one in args.dist],
        given=[parse_given(one) for one in args.set],
        disabled=args.disable_plugin,
        seconds=supervisor.SECONDS if args.timeout is None else args.timeout,
    )
    if args.json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        say("\n".join(visible(line) for line in printing.report_lines(report)))
    return ExitCode.OK if report.well(args.strict) else ExitCode.USAGE
