"""`aisbench score`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomli

from aisbench.base.errors import ConfigError, ExitCode
from aisbench.cli import options


def main(words: Sequence[str]) -> int:
    """Score answers that are in a file, in a run of its own."""
    args = _parsed(words)

    from aisbench.cli.terminal import terminal_host, warn
    from aisbench.config.source import parse_set, with_plugin_files
    from aisbench.runs.execute import execute
    from aisbench.runs.logs import RunLog
    from aisbench.runs.opening import open_suite
    from aisbench.runs.score import GivenSuite, check_answers, source_of

    given = GivenSuite(
        dataset=args.dataset,
        answers=args.answers,
        fields=_fields(args.field),
        model=args.model or "",
    )
    changes = [*options.output_of(args), *map(parse_set, args.set)]
    source = source_of(given, _settings(args), changes)
    source = with_plugin_files(source, args.plugin, "--plugin")
    catalog = options.catalog_of(args, source)
    with RunLog(warn, args.verbose) as log:
        opened = open_suite(source, catalog)
        host = terminal_host(log)
        for sentence in check_answers(opened, allow_unknown=args.allow_unknown):
            host.display.say(sentence)
        result = execute(opened, None, host)
    return ExitCode.OK if result.ok else ExitCode.FAILED_SAMPLES


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = options.parser(
        "score",
        "Score answers that somebody already has, without a model. The run that is made can be "
        "evaluated, reported and compared like any other.",
    )
    parser.add_argument("dataset", help="data set, or the TOML file of one")
    parser.add_argument(
        "--answers",
        type=Path,
        required=True,
        metavar="FILE",
        help="rows (.jsonl, .csv, .tsv, .json, .parquet) with id, row or prompt, and text, calls, "
        "turns or logprobs; also repeat and model",
    )
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="KEY=COLUMN",
        help="how the file calls a key, such as id=task_id or text=outputs[0] (repeatable)",
    )
    parser.add_argument(
        "--model", help="name of the model, if rows name none; else whose answers are scored"
    )
    parser.add_argument(
        "--allow-unknown", action="store_true", help="leave out answers to ids of no row"
    )
    parser.add_argument("--path", help="folder of the data set's files")
    parser.add_argument("--variant", help="prompt variant that the answers were given to")
    parser.add_argument(
        "--repeats", type=int, help="answers to each question (default: the file's)"
    )
    options.add_choice(parser)
    parser.add_argument("--evaluator", help="who scores, instead of the data set's own")
    parser.add_argument("--metrics", help="figures, such as accuracy,pass@5")
    parser.add_argument(
        "--settings", type=Path, metavar="TOML", help="further keys of [datasets.NAME]"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a key of the suite, such as datasets.gsm8k.evaluation.rule=aisbench",
    )
    parser.add_argument("--output", type=Path, help="folder in which runs are made (outputs)")
    options.add_plugins(parser)
    parser.add_argument(
        "-v", "--verbose", action="count", default=0, help="log to the terminal (-vv: more)"
    )
    return parser.parse_args(words)


def _fields(texts: Sequence[str]) -> dict[str, str]:
    fields = {}
    for text in texts:
        key, equals, column = text.partition("=")
        if not equals or not column:
            raise ConfigError([f"--field {text}: must be KEY=COLUMN\n  help: --field id=task_id"])
        fields[key] = column
    return fields


def _settings(args: argparse.Namespace) -> dict[str, Any]:
    """The keys of the data set: those of the file, and over them those of flags."""
    found: dict[str, Any] = {}
    if args.settings is not None:
        try:
            found = tomli.loads(args.settings.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigError([f"{args.settings}: cannot be read: {error.strerror}"]) from None
        except ValueError as error:
            raise ConfigError([f"{args.settings}: is not valid TOML: {error}"]) from None
    found |= options.dataset_keys(args)
    if args.evaluator is not None:
        found["evaluator"] = args.evaluator
    if args.metrics is not None:
        found["metrics"] = [one.strip() for one in args.metrics.split(",")]
    return found
