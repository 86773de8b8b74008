"""Arguments that several commands share, and what they mean for a suite."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli

from aisbench.base.errors import ConfigError, PluginError
from aisbench.base.visible import visible
from aisbench.config.source import (
    Override,
    Source,
    parse_set,
    read_source,
    read_text,
    with_plugin_files,
)
from aisbench.plugins.catalog import Catalog
from aisbench.plugins.discovery import discover
from aisbench.plugins.names import names_file
from aisbench.wording.lines import translated
from aisbench.wording.spoken import command_parser, say

if TYPE_CHECKING:
    # What it brings along takes longer than many commands.
    from aisbench.store.run import RunFolder


def parser(command: str, description: str) -> argparse.ArgumentParser:
    """A parser whose errors exit with 2, as argparse's do; it speaks the reader's language."""
    return command_parser(command, description)


def add_suite(target: argparse.ArgumentParser) -> None:
    """The suite file and everything that can be said without one."""
    target.add_argument("suite", nargs="?", type=Path, help="suite.toml")
    target.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a key of the suite, such as models.qwen.concurrency=8 (repeatable)",
    )
    target.add_argument("--backend", help="backend of the model, when there is no suite file")
    target.add_argument("--url", help="server of every model")
    target.add_argument("--model", help="name of the model on the server")
    target.add_argument(
        "--dataset",
        action="append",
        default=[],
        help="data set, or the TOML file of one, without a suite file (repeatable)",
    )
    target.add_argument("--mode", help="what is measured: accuracy, performance or both")
    target.add_argument("--path", help="folder of the data set's files")
    target.add_argument("--variant", help="prompt variant of every data set")
    add_choice(target)
    target.add_argument("--repeats", type=int, help="independent answers to each question")
    target.add_argument("--concurrency", type=int, help="requests in flight per model")
    target.add_argument("--seed", type=int, help="from which all randomness comes")
    add_plugins(target)


def add_choice(target: argparse.ArgumentParser) -> None:
    """Which rows of each data set are asked."""
    target.add_argument(
        "--limit",
        type=int,
        help="ask at most so many rows of each data set, as many of each of its parts as can be",
    )
    target.add_argument(
        "--sample",
        type=rows_or_share,
        metavar="N",
        help="draw so many rows (200), or such a share of them (0.1), with the seed and of each "
        "part in proportion",
    )
    target.add_argument("--range", metavar="A:B", help="the rows from A (0: the first) up to B")
    target.add_argument(
        "--ids",
        action="append",
        metavar="ID",
        help="only the row with this id, * and ? match, or @FILE of ids (repeatable)",
    )


def rows_or_share(text: str) -> int | float:
    """Raises ArgumentTypeError for what is no number."""
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be a number of rows, such as 200, or a share of them, such as 0.1; got {text!r}"
        ) from None


def _ids(texts: Sequence[str]) -> str | list[str]:
    """The rows of --ids, or the path of the file that it names. Raises ConfigError."""
    files = [one for one in texts if one.startswith("@")]
    if not files:
        return list(texts)
    if len(texts) > 1:
        raise ConfigError(["--ids: a file of ids stands alone\n  help: put all ids into the file"])
    return str(Path(files[0][1:]).absolute())


def add_plugins(target: argparse.ArgumentParser, *, below: bool = False) -> None:
    """--plugin and --disable-plugin. ``below`` is for the parsers of actions, whose defaults would
    replace what stands before the action."""
    target.add_argument(
        "--plugin",
        action="append",
        default=argparse.SUPPRESS if below else [],
        type=Path,
        metavar="FILE.py",
        help="use what this file offers, which is a plugin without a package (repeatable)",
    )
    target.add_argument(
        "--disable-plugin",
        action="append",
        default=argparse.SUPPRESS if below else [],
        metavar="NAME",
        help="do not load this plugin (repeatable)",
    )


_DATASET_FLAGS = ("path", "variant", "ids", "range", "sample", "limit", "repeats")
_MODEL_FLAGS = ("url", "model", "concurrency")


def source_of(args: argparse.Namespace, stored: RunFolder | None = None) -> Source:
    """The suite that the arguments describe. ``stored`` is a run whose own is used without a
    file."""
    path: Path | None = args.suite
    if path is None and stored is not None:
        path = stored.suite
    if path is None and not (args.backend and args.dataset):
        raise ConfigError(
            [
                "give a suite.toml, or --backend, --url and --dataset\n"
                "  help: aisbench run --backend vllm-chat --url http://127.0.0.1:8000 "
                "--dataset gsm8k"
            ]
        )
    if path is not None and (args.backend or args.dataset):
        flag = "--backend" if args.backend else "--dataset"
        raise ConfigError(
            [f"{flag} is for runs without a suite file\n  help: use --set, or leave the file out"]
        )
    overrides = _without_file(args) if path is None else []
    overrides += _flags(args, _names(path, overrides))
    overrides += [parse_set(text) for text in args.set]
    copies = stored.files if stored is not None and args.suite is None else None
    return with_plugin_files(read_source(path, overrides, copies), args.plugin, "--plugin")


def _without_file(args: argparse.Namespace) -> list[Override]:
    made = [
        Override(path=("suite", "name"), value="command-line", origin="no suite file"),
        Override(path=("models", "model", "backend"), value=args.backend, origin="--backend"),
    ]
    seen: dict[str, str] = {}
    for name in args.dataset:
        key = Path(name).stem if names_file(name) else name.rpartition("/")[2]
        if key in seen:
            raise ConfigError(
                [f"--dataset {name}: is called {key!r}, as {seen[key]} is\n  help: write a suite, "
                 "in which each has a [datasets.NAME] of its own"]
            )  # fmt: skip
        seen[key] = name
        made.append(Override(path=("datasets", key, "dataset"), value=name, origin="--dataset"))
    return made


def _names(path: Path | None, overrides: list[Override]) -> dict[str, list[str]]:
    """The models and data sets that flags for all of them concern."""
    tables: dict[str, Any] = {}
    if path is not None and path.is_file():
        try:
            tables = tomli.loads(read_text(path))
        except (OSError, ValueError, RecursionError, ConfigError):
            tables = {}  # read_source says what is wrong
    names: dict[str, list[str]] = {}
    for kind in ("models", "datasets"):
        found = tables.get(kind)
        names[kind] = list(found) if isinstance(found, dict) else []
        names[kind] += [str(one.path[1]) for one in overrides if one.path[0] == kind]
    return names


def output_of(args: argparse.Namespace) -> list[Override]:
    """The key that --output sets; the folder is meant from here."""
    if args.output is None:
        return []
    place = str(args.output.absolute())
    return [Override(path=("suite", "output"), value=place, origin="--output")]


def dataset_keys(args: argparse.Namespace) -> dict[str, Any]:
    """The keys of a data set that its flags set. Raises ConfigError."""
    given = {flag: getattr(args, flag) for flag in _DATASET_FLAGS}
    return {flag: _meant(flag, one) for flag, one in given.items() if one is not None}


def _meant(flag: str, value: Any) -> Any:
    """A flag's value as a suite has it. Paths are meant from here, and not from the file."""
    if flag == "path":
        from aisbench.data.hub import on_hub

        return value if on_hub(value) else str(Path(value).absolute())
    return _ids(value) if flag == "ids" else value


def _flags(args: argparse.Namespace, names: dict[str, list[str]]) -> list[Override]:
    made = []
    for kind, flags in (("models", _MODEL_FLAGS), ("datasets", _DATASET_FLAGS)):
        for flag in flags:
            value = getattr(args, flag)
            if value is None:
                continue
            value = _meant(flag, value)
            made += [
                Override(path=(kind, name, flag), value=value, origin=f"--{flag}")
                for name in names[kind]
            ]
    for flag in ("seed", "mode"):
        if (value := getattr(args, flag)) is not None:
            made.append(Override(path=("suite", flag), value=value, origin=f"--{flag}"))
    return made


def catalog_of(
    args: argparse.Namespace, source: Source | None = None, *, keep_broken: bool = False
) -> Catalog:
    """The installed plugins, less those that the arguments or the suite leave out. Without a
    suite it holds what the files of --plugin offer; else the suite does.

    Raises PluginError for a file that offers nothing; with ``keep_broken`` it is a record."""
    suite = source.disabled_plugins if source is not None else []
    catalog = discover([*args.disable_plugin, *suite])
    if source is None and args.plugin:
        from aisbench.plugins.files import with_broken_file, with_plugin_file

        for path in args.plugin:
            try:
                catalog = with_plugin_file(catalog, path)
            except PluginError as error:
                if not keep_broken:
                    raise
                catalog = with_broken_file(catalog, path, error)
    return catalog


def tell_problems(catalog: Catalog) -> None:
    """Warn on stderr of plugins that are broken, and of unknown names that were to be disabled."""
    for warning in catalog.warnings:
        print(f"warning: {visible(warning)}", file=sys.stderr)
    for broken in catalog.broken:
        print(
            f"warning: plugin {broken.plugin} ({broken.dist} {broken.version}) is broken: "
            f"{visible(broken.reason)}; see: aisbench plugins doctor",
            file=sys.stderr,
        )


def print_columns(rows: Sequence[Sequence[str]]) -> None:
    """Rows of one length, the first with the headings; the last column may be long."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        say("  ".join([*cells, translated(row[-1])]).rstrip())
