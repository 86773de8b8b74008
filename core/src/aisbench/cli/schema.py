"""`aisbench schema`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from aisbench.base.errors import ExitCode
from aisbench.base.visible import tell
from aisbench.cli import options


def main(words: Sequence[str]) -> int:
    """Print the schema of what is installed."""
    parser = options.parser(
        "schema",
        "Print the JSON Schema of suites with what is installed. An editor with a TOML schema "
        "plugin completes a suite whose first line is `#:schema ./suite.schema.json`.",
    )
    parser.add_argument(
        "--declaration",
        action="store_true",
        help="the schema of a data set that is declared in a TOML file, instead of that of suites",
    )
    options.add_plugins(parser)
    args = parser.parse_args(words)

    from aisbench.config.declaration_schema import declaration_schema
    from aisbench.config.schema import suite_schema

    make = declaration_schema if args.declaration else suite_schema
    catalog = options.catalog_of(args)
    problems: list[str] = []
    print(json.dumps(make(catalog, problems), indent=2, ensure_ascii=False))
    options.tell_problems(catalog)
    for problem in problems:
        tell(f"warning: {problem}", error=True)
    return ExitCode.OK
