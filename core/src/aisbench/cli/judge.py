"""`aisbench judge`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aisbench.base.errors import ExitCode
from aisbench.cli import options


def main(words: Sequence[str]) -> int:
    """Ask the judges of a run about its stored answers, and score them."""
    parser = options.parser(
        "judge",
        "Ask the judges of a run about its stored answers, and score them; the models are not "
        "asked. What is judged already is used again.",
    )
    parser.add_argument("run", type=Path, help="run directory")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a key of the run, such as models.critic.url=http://... or "
        "datasets.mine.evaluation.judge=other (repeatable); judgements that do not fit it any "
        "more are set aside",
    )
    parser.add_argument(
        "--stop-after",
        choices=("judgements",),
        help="leave the scores to `aisbench evaluate`, here or elsewhere",
    )
    options.add_plugins(parser)
    parser.add_argument(
        "-v", "--verbose", action="count", default=0, help="log to the terminal (-vv: more)"
    )
    args = parser.parse_args(words)

    import attrs

    from aisbench.cli.terminal import terminal_host, warn
    from aisbench.config.source import parse_set
    from aisbench.runs.again import open_stored
    from aisbench.runs.judging import judge_again
    from aisbench.runs.logs import RunLog

    again = f" --stop-after {args.stop_after}" if args.stop_after else ""
    changes = [parse_set(text) for text in args.set]
    with RunLog(warn, args.verbose) as log:
        stored = open_stored(args.run, changes, args.disable_plugin, args.plugin)
        host = attrs.evolve(
            terminal_host(log), resume_words=lambda run: f"aisbench judge {run}{again}"
        )
        result = judge_again(stored, args.stop_after, host)
    return ExitCode.OK if result.ok else ExitCode.FAILED_SAMPLES
