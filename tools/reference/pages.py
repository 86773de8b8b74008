"""Which pages are made of the code, wholly or between two marks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from aisbench.cli.backends import backend_table
from aisbench.cli.catalogue import page as dataset_tables
from aisbench.plugins.catalog import Catalog
from aisbench.plugins.discovery import discover
from tools.reference.api_page import api_page
from tools.reference.authors_pages import EXAMPLES, example, package
from tools.reference.commands_page import commands_page
from tools.reference.families_page import families_page
from tools.reference.from_aisbench_page import from_aisbench_tables
from tools.reference.metrics_page import formulas
from tools.reference.speaking import chinese
from tools.reference.suite_page import suite_page

ROOT = Path(__file__).resolve().parents[2]
BEGIN = "<!-- made by `python -m tools.reference` -->\n"
END = "\n<!-- end of what is made -->"


def _between(make: Callable[[Catalog], str]) -> Callable[[Catalog, str], str]:
    def renew(catalog: Catalog, text: str) -> str:
        before, begin, rest = text.partition(BEGIN)
        _, end, after = rest.partition(END)
        if not end:
            raise ValueError(f"the page lacks {BEGIN!r} or {END!r}")
        return f"{before}{begin}{make(catalog)}{end}{after}"

    return renew


def _with_example(page: str) -> Callable[[Catalog, str], str]:
    return _between(lambda _: example(page))


PAGES: Mapping[str, Callable[[Catalog, str], str]] = {
    "docs/reference/suite.md": lambda catalog, _: suite_page(catalog),
    "docs/reference/commands.md": lambda catalog, _: commands_page(catalog),
    "docs/zh/reference/suite.md": lambda catalog, _: suite_page(catalog, chinese),
    "docs/zh/reference/commands.md": lambda catalog, _: commands_page(catalog, chinese),
    "docs/reference/backends.md": _between(backend_table),
    "docs/reference/datasets.md": _between(dataset_tables),
    "docs/reference/benchmarks.md": _between(families_page),
    "docs/reference/metrics.md": _between(lambda _: formulas()),
    "docs/reference/from-aisbench.md": _between(lambda _: from_aisbench_tables()),
    "docs/zh/reference/from-aisbench.md": _between(lambda _: from_aisbench_tables()),
    "docs/reference/api.md": lambda _, __: api_page(),
    "docs/zh/reference/backends.md": _between(backend_table),
    "docs/authors/index.md": _between(lambda _: package()),
    "docs/zh/authors/index.md": _between(lambda _: package()),
    **{
        f"docs/{folder}/{page}.md": _with_example(page)
        for folder in ("authors", "zh/authors")
        for page in EXAMPLES
    },
}
"""A page's path -> what it is to be, from the installed plugins and from what it is."""


def renewed(page: str) -> str:
    """The text that a page is to have."""
    file = ROOT / page
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return PAGES[page](discover(), text)
