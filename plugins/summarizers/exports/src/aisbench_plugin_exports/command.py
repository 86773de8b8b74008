"""``aisbench export``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

from aisbench import AisbenchError, RunResult
from aisbench.api import ExitCode, command_parser, wording
from aisbench_plugin_exports.forms.csv_form import Runs
from aisbench_plugin_exports.opening import opened, run_folders
from aisbench_plugin_exports.speaking import PACKAGE, spoken_errors
from aisbench_plugin_exports.tables import TABLES, TableName
from aisbench_plugin_exports.writing import folder_at

FORMS = ("json", "csv", "markdown", "parquet", "latex", "lm-eval", "aisbench")
FOLDERS = ("parquet", "lm-eval", "aisbench")
"""Forms of several files."""
OF_TABLES = ("csv", "parquet")
words = wording(__package__)


@frozen(kw_only=True)
class AskedExport:
    """What is to be written, and where; None: to the standard output."""

    form: str
    folders: Sequence[Path]
    tables: Sequence[TableName]
    out: Path | None

    def runs(self) -> Iterator[RunResult]:
        """The runs, read when they are asked for."""
        return opened(self.folders)


def main(arguments: Sequence[str]) -> int:
    """Write what the arguments name; the exit code. Raises AisbenchError."""
    with spoken_errors():
        return _main(arguments)


def _main(arguments: Sequence[str]) -> int:
    parser = _parser()
    args = parser.parse_args(arguments)
    if args.schema:
        _print_schema(args)
        return ExitCode.OK
    if not args.runs:
        parser.error("name at least one run, or --schema")
    if args.form is None:
        parser.error(f"--as is missing: it is one of {', '.join(FORMS)}")
    if args.table and args.form not in OF_TABLES:
        raise AisbenchError(
            f"--table has no effect with --as {args.form}",
            hint=f"tables are chosen for {' and '.join(OF_TABLES)}",
        )
    asked = AskedExport(
        form=args.form,
        folders=run_folders(args.runs),
        tables=tuple(dict.fromkeys(args.table or ())),
        out=args.output,
    )
    try:
        made = _write(asked)
    except BrokenPipeError:
        return ExitCode.OK  # who read the standard output has enough
    for path in made:
        print(words.text("written: {path}", path=path))
    return ExitCode.OK


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "export",
        "Write runs in another form. Runs are only read. A folder of runs stands for "
        "all runs in it.",
        package=PACKAGE,
    )
    parser.add_argument("runs", nargs="*", type=Path, metavar="RUN", help="run directories")
    parser.add_argument("--as", dest="form", choices=FORMS, help="the form")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="PLACE",
        help="a file, or a folder for several of them; without it: the standard output",
    )
    parser.add_argument(
        "--table",
        action="append",
        choices=TABLES,
        help="of csv and parquet: only this table; may be given again (default: all)",
    )
    parser.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of --as json, and end"
    )
    return parser


def _print_schema(args: argparse.Namespace) -> None:
    from aisbench_plugin_exports.schema import summary_schema

    if args.runs or args.form or args.table or args.output:
        raise AisbenchError(
            "--schema stands alone", hint="aisbench export --schema > summary.schema.json"
        )
    print(json.dumps(summary_schema(), indent=2, ensure_ascii=False))


def _write(asked: AskedExport) -> Sequence[Path]:
    """The files that were made; none of what went to the standard output."""
    if asked.form == "csv":
        return _csv(asked)
    if asked.form in FOLDERS:
        if asked.out is None:
            raise AisbenchError(
                f"--as {asked.form} writes several files, and -o is missing",
                hint=f"-o FOLDER, such as: -o {asked.form}",
            )
        if asked.out.is_file():
            raise AisbenchError(f"{asked.out}: is a file, where a folder is needed")
        return _several(asked, folder_at(asked.out))
    if asked.out is not None and asked.out.is_dir():
        raise AisbenchError(
            f"{asked.out}: is a folder, where a file is needed",
            hint=f"-o {asked.out / 'runs'}.{SUFFIXES[asked.form]}",
        )
    _one(asked)
    return () if asked.out is None else (asked.out,)


SUFFIXES = {"json": "json", "markdown": "md", "latex": "tex"}


def _one(asked: AskedExport) -> None:
    from aisbench_plugin_exports.forms.latex_form import write_latex
    from aisbench_plugin_exports.forms.summary_form import write_json, write_markdown

    if asked.form == "json":
        write_json(asked.runs, len(asked.folders), asked.out)
    elif asked.form == "markdown":
        write_markdown(asked.runs, asked.out)
    else:
        write_latex(asked.runs, asked.out)


def _several(asked: AskedExport, folder: Path) -> Sequence[Path]:
    from aisbench_plugin_exports.forms.aisbench_form import write_aisbench
    from aisbench_plugin_exports.forms.lm_eval_form import write_lm_eval

    if asked.form == "parquet":
        return _parquet(asked.runs, asked.tables, folder)
    write = write_lm_eval if asked.form == "lm-eval" else write_aisbench
    made = [path for run in asked.runs() for path in write(run, folder)]
    if not made:
        raise AisbenchError(
            f"these runs have nothing that {asked.form} would write",
            hint="answers that are not scored yet: aisbench evaluate RUN; lm-eval has no loads: "
            "aisbench export --as aisbench or csv",
        )
    return made


def _csv(asked: AskedExport) -> Sequence[Path]:
    from aisbench_plugin_exports.forms.csv_form import nothing, write_table, write_tables

    out = asked.out
    if out is not None and (out.is_dir() or not out.suffix):
        tables = asked.tables or TABLES
        made = write_tables(asked.runs, tables, folder_at(out))
        if not made:
            raise nothing(tables)
        return made
    if len(asked.tables) > 1:
        raise AisbenchError(
            "several tables go into several files", hint="-o FOLDER, or a single --table"
        )
    wanted: Sequence[TableName] = asked.tables or ("scores", "loads")
    for table in wanted:
        if write_table(asked.runs, table, out):
            return () if out is None else (out,)
    raise nothing(wanted)


def _parquet(runs: Runs, tables: Sequence[TableName], folder: Path) -> Sequence[Path]:
    from aisbench_plugin_exports.forms.csv_form import nothing
    from aisbench_plugin_exports.forms.parquet_form import write_tables

    made = write_tables(runs, tables or TABLES, folder)
    if not made:
        raise nothing(tables or TABLES)
    return made
