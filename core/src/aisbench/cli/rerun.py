"""`aisbench rerun`."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from aisbench.base.errors import AisbenchError, ExitCode
from aisbench.cli import options


def main(words: Sequence[str]) -> int:
    """Ask some rows of a run again, in a run of its own."""
    args = _parsed(words)

    from aisbench.cli.dry_run import show
    from aisbench.cli.terminal import terminal_host, warn
    from aisbench.config.source import override, parse_set, with_plugin_files
    from aisbench.runs.again import open_stored
    from aisbench.runs.execute import execute
    from aisbench.runs.logs import RunLog
    from aisbench.runs.offline import offline
    from aisbench.runs.opening import open_suite
    from aisbench.runs.rerun import OUTCOMES, RerunWish, chosen_rows, rerun_source
    from aisbench.wording.spoken import tell

    wish = RerunWish(
        outcomes=tuple(_split(args.outcome)),
        odd=tuple(_split(args.odd)),
        models=tuple(_split(args.model)),
        datasets=tuple(_split(args.dataset)),
        parts=tuple(_split(args.part)),
        ids=tuple(args.ids),
    )
    if wish == RerunWish():
        raise AisbenchError(
            "which answers are to be asked again?",
            hint=f"--outcome with some of {', '.join(OUTCOMES)}; or --odd, --model, --dataset, "
            "--part, --ids",
        )
    with RunLog(warn, args.verbose) as log:
        stored = open_stored(args.run, (), args.disable_plugin, args.plugin)
        chosen = chosen_rows(stored, wish)
        changes = [*options.output_of(args), *map(parse_set, args.set)]
        source = override(rerun_source(stored, chosen, wish), changes)
        source = with_plugin_files(source, args.plugin, "--plugin")
        catalog = options.catalog_of(args, source)
        for (model, dataset), ids in chosen.items():
            tell(f"{model} / {dataset}: {len(ids)} rows are asked again")
        with offline() if args.dry_run else contextlib.nullcontext():
            opened = open_suite(source, catalog)
            if args.dry_run:
                show(opened.plan, opened.rows)
                return ExitCode.OK
        result = execute(opened, None, terminal_host(log))
    return ExitCode.OK if result.ok else ExitCode.FAILED_SAMPLES


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = options.parser(
        "rerun",
        "Ask some rows of a run again, in a run of its own, and show the new outcomes beside the "
        "old ones.",
    )
    parser.add_argument("run", type=Path, help="run directory")
    for flag, example, what in (
        ("outcome", "wrong,unparsed", "answers with these outcomes"),
        ("odd", "KIND", "odd answers of these kinds, such as repetition; '*': all that are odd"),
        ("model", "NAME", "answers of these models"),
        ("dataset", "NAME", "rows of these data sets"),
        ("part", "NAME", "rows of these parts"),
    ):
        parser.add_argument(
            f"--{flag}", action="append", default=[], metavar=example, help=f"only {what}"
        )
    parser.add_argument(
        "--ids",
        action="append",
        default=[],
        metavar="ID",
        help="only the row with this id, * and ? match (repeatable)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a key, such as models.qwen.generation.max_tokens=8192 (repeatable)",
    )
    parser.add_argument("--output", type=Path, help="folder in which the run is made")
    parser.add_argument(
        "--dry-run", action="store_true", help="send nothing; show what would be sent"
    )
    options.add_plugins(parser)
    parser.add_argument(
        "-v", "--verbose", action="count", default=0, help="log to the terminal (-vv: more)"
    )
    return parser.parse_args(words)


def _split(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from (word.strip() for word in text.split(",") if word.strip())
