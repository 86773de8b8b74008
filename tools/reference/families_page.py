"""The page of benchmarks: what each is, how it is asked, and what others got."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aisbench.cli.catalogue import describe
from aisbench.plugins.catalog import Catalog
from tools.families import FAMILIES
from tools.reference.tables import code, table


def families_page(catalog: Catalog) -> str:
    """Both tables, from the declarations."""
    sets = [describe(listed) for listed in catalog.of_kind("dataset")]
    measured = [one for one in sets if one["evaluator"]]
    return "\n".join(
        [
            table(
                ("benchmark", "what", "rows", "ways to ask", "metric", "published figures"),
                (_cells(one) for one in measured),
            ),
            "",
            "## AISBench's families",
            "",
            f"AISBench's {len(FAMILIES)} families of data sets, by the names "
            "of its configurations, and what they are called here. "
            "`python -m tools.families` counts them.",
            "",
            table(
                ("AISBench", "here"),
                ((code(name), _names(ours) or "not yet") for name, ours in FAMILIES.items()),
            ),
        ]
    )


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    rows = ", ".join(f"{split} {count:,}" for split, count in one["rows"].items())
    published = "; ".join(f"{at['model']} {at['value']:g}{_told(at)}" for at in one["published"])
    return (
        f"[{code(one['name'])}](datasets.md#{one['name'].replace('.', '')})",
        one["task"],
        rows,
        ", ".join(code(name) for name in one["variants"]),
        ", ".join(code(name) for name in one["metrics"]),
        published,
    )


def _told(at: Mapping[str, Any]) -> str:
    """Which figure it is, where that needs words."""
    words = [word for word in (at["metric"], at["how"]) if word not in ("accuracy", "")]
    return f" ({', '.join(words)})" if words else ""


def _names(ours: tuple[str, ...]) -> str:
    return ", ".join(code(name) for name in ours)
