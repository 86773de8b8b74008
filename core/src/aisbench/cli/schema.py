"""`aisbench schema`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from aisbench.base.errors import ExitCode
from aisbench.cli import options


def main(words: Sequence[str]) -> int:
    """Print the schema of what is installed."""
    parser = options.parser(
        "schema",
        "Print the JSON Schema of suites with what is installed. An editor with a TOML schema "
        "plugin completes a suite whose first line is `#:schema ./suite.schema.json`.",
    )
    options.add_plugins(parser)
    args = parser.parse_args(words)

    from aisbench.config.schema import suite_schema

    print(json.dumps(suite_schema(options.catalog_of(args)), indent=2, ensure_ascii=False))
    return ExitCode.OK
