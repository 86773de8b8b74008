"""`aisbench plugins list`: everything that is offered."""

from __future__ import annotations

import argparse
import json

from aisbench.base.errors import ExitCode
from aisbench.cli import options
from aisbench.plugins.catalog import KINDS, Catalog, Listed
from aisbench.wording.lines import translated


def show_list(args: argparse.Namespace, catalog: Catalog) -> int:
    kind = getattr(args, "kind", None)
    kinds = [kind] if kind else KINDS
    found = [one for each in kinds for one in catalog.of_kind(each)]
    if getattr(args, "json", False):
        print(json.dumps([_as_json(one) for one in found], indent=2))
    else:
        rows = [(one.offer.kind, one.offer.name, one.dist, one.version) for one in found]
        rows = [("kind", "name", "distribution", "version"), *rows]
        summaries = [
            "summary",
            *(translated(one.offer.summary, package=one.package) for one in found),
        ]
        options.print_columns(
            [(*row, summary) for row, summary in zip(rows, summaries, strict=True)]
        )
    options.tell_problems(catalog)
    return ExitCode.OK


def _as_json(one: Listed) -> dict[str, str]:
    return {
        "kind": one.offer.kind,
        "name": one.offer.name,
        "distribution": one.dist,
        "version": one.version,
        "summary": one.offer.summary,
    }
