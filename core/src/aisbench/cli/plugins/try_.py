"""`aisbench plugins try NAME|FILE`: what becomes of a few rows, without a model."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

from aisbench.base.errors import ConfigError
from aisbench.plugins.names import names_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is tried, with which rows and settings, and how it is shown."""
    parser.add_argument(
        "what", metavar="NAME|FILE", help="a data set, template, retriever, evaluator, "
        "postprocessor or backend by name; or the TOML file of a data set, or the Python file of "
        "a plugin",
    )  # fmt: skip
    parser.add_argument("--kind", help="its kind, where several things have the name")
    parser.add_argument(
        "--dataset",
        help="data set whose rows are used, by name or TOML file, where NAME is none; "
        "default: a few sums",
    )
    parser.add_argument("--rows", type=int, default=3, help="rows that are shown (3)")
    parser.add_argument("--variant", default="", help="prompt variant; default: the first")
    parser.add_argument("--path", type=Path, help="folder of the data set's files")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a key of the data set in a suite, such as shots=2 or evaluation.rule=x (repeatable)",
    )
    parser.add_argument(
        "--backend", default="", help="whose request is shown; default: one that chats"
    )
    parser.add_argument(
        "--answer",
        action="append",
        default=[],
        metavar="TEXT",
        help="score this answer instead of simulated ones (repeatable)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON")
    form.add_argument(
        "--watch", action="store_true", help="again whenever a file changes, until Ctrl-C"
    )


def try_named(args: argparse.Namespace) -> int:
    """Show the rows, once or again and again."""
    if args.rows < 1:
        raise ConfigError([f"--rows {args.rows}: must be 1 or more"])
    # Here, as the other actions of `plugins` need nothing of it.
    from aisbench.cli.plugins.tried import show_tried

    if args.watch:
        from aisbench.cli.plugins.watching import watch

        named = [Path(one) for one in (args.what, args.dataset or "") if names_file(one)]
        return watch(lambda note: show_tried(args, note), _beside([*named, *args.plugin]))
    return show_tried(args, lambda files: None)


def _beside(named: Iterable[Path]) -> Iterator[Path]:
    """Files that were named, and what lies beside them: a file that cannot be read tells nobody
    which others it needs."""
    for path in named:
        own = path.expanduser().absolute()
        yield own
        yield own.parent
        for suffix in ("*.py", "*.toml"):
            yield from own.parent.glob(suffix)
