"""`aisbench lock`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aisbench.base.errors import ExitCode
from aisbench.cli import options

SUFFIX = ".lock.toml"


def main(words: Sequence[str]) -> int:
    """Write a suite and what it is run with into one file."""
    parser = options.parser(
        "lock",
        "Write a suite, and the versions and checksums of all that it is run with, into one file "
        "beside it. `aisbench run` of that file asks the same, or says what differs.",
    )
    options.add_suite(parser)
    parser.add_argument(
        "--rows",
        action="store_true",
        help="put the data files into it as well, for machines that do not have them",
    )
    args = parser.parse_args(words)

    from aisbench.runs.locking import lock_suite
    from aisbench.store.files import write_atomically
    from aisbench.wording.spoken import tell

    source = options.source_of(args)
    catalog = options.catalog_of(args, source)
    options.tell_problems(catalog)
    content, lock = lock_suite(source, catalog, rows=args.rows)
    suite: Path | None = args.suite
    path = Path(f"command-line{SUFFIX}") if suite is None else suite.with_suffix(SUFFIX)
    write_atomically(path, content)
    files = sum(len(one) for one in lock.data.values())
    asked = sum(one.count for one in lock.rows.values())
    tell(
        f"{path}: {len(lock.rows)} data sets of {files} files, {asked:,} rows; "
        f"{len(lock.tokenizers)} tokenizers; {len(lock.plugins)} distributions"
    )
    if args.rows:
        held = sum(len(one.files) for one in lock.content.values())
        tell(f"it holds {held} data files; those of packages come with their packages")
    if "observers" in source.tables:
        tell("observers of the suite are left out: a run of a lock calls nobody but the models")
    return ExitCode.OK
