"""`aisbench plugins manifest [DIST|FOLDER]`: what a plugin offers, written beside its code."""

from __future__ import annotations

import argparse
import sys

from aisbench.base.errors import ExitCode
from aisbench.wording.spoken import tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="?",
        default=".",
        metavar="DIST|FOLDER",
        help="an installed distribution, or the folder of a pyproject.toml (default: this one)",
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; say whether the manifest is true"
    )


def write_manifest(args: argparse.Namespace) -> int:
    """Write the manifests of a distribution, or check that they are what would be written."""
    from aisbench.plugins.manifest_writing import manifests_of

    code = ExitCode.OK
    for file, text in manifests_of(args.what).items():
        there = file.read_text(encoding="utf-8") if file.is_file() else None
        if there == text:
            tell(f"ok: {file}")
        elif not args.check:
            file.write_text(text, encoding="utf-8")
            tell(f"written: {file}")
        else:
            code = ExitCode.USAGE
            wrong = "is missing" if there is None else "is out of date"
            print(
                f"not ok: {file} {wrong}\n  help: aisbench plugins manifest {args.what}",
                file=sys.stderr,
            )
    return code
