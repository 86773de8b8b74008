"""`aisbench evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aisbench.base.errors import ExitCode
from aisbench.cli import options


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

    from aisbench.cli.terminal import TerminalDisplay, resume_command
    from aisbench.config.source import parse_set
    from aisbench.runs.again import open_stored, score_again

    changes = [parse_set(text) for text in args.set]
    stored = open_stored(args.run, changes, args.disable_plugin, args.plugin)
    notes = [f"evaluated with {text}" for text in args.set]
    result = score_again(stored, notes, TerminalDisplay(), resume_command)
    return ExitCode.OK if result.ok else ExitCode.FAILED_SAMPLES
