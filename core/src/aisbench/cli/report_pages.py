"""`aisbench report --html` and `--images`: the page and the charts of a run, where they are asked
for."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aisbench.base.errors import AisbenchError, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aisbench.runs.result import RunResult

SUMMARIZER = "html"
"""The name under which a plugin offers pages."""
IMAGES = (".svg", ".png")


def write_pages(
    result: RunResult, page: Path | None, images: Path | None, disabled: Sequence[str]
) -> list[Path]:
    """Write the page to the file ``page`` and every chart into the folder ``images``; the paths
    to show. Raises AisbenchError."""
    from aisbench.plugins.discovery import discover
    from aisbench.runs.summaries import page_of, shown

    catalog = discover(disabled)
    if not any(one.offer.name == SUMMARIZER for one in catalog.of_kind("summarizer")):
        raise AisbenchError(
            f"{'--html' if page else '--images'}: no installed plugin offers the summarizer "
            f"{SUMMARIZER!r}",
            hint=f"pip install aisbench-plugin-{SUMMARIZER}",
        )
    settings: dict[str, Any] = {"images": True} if images is not None else {}
    paths = []
    with tempfile.TemporaryDirectory(prefix="aisbench-report-") as name:
        made = shown(result, SUMMARIZER, Path(name), settings, catalog, 80)
        if page is not None:
            paths.append(_moved(page_of(made), page))
        if images is not None:
            charts = [one for one in made.files if one.suffix in IMAGES]
            for one in charts:
                _moved(one, images / one.name)
            paths += [images] if charts else []
    return paths


def check_places(page: Path | None, images: Path | None) -> None:
    """Raises AisbenchError for what cannot be written, before anything is made."""
    if page is not None and page.is_dir():
        raise AisbenchError(
            f"--html {page}: is a folder, where a file is needed",
            hint=f"--html {page}/report.html",
        )
    if images is not None and images.exists() and not images.is_dir():
        raise AisbenchError(f"--images {images}: is a file, where a folder is needed")


def _moved(made: Path, to: Path) -> Path:
    part = to.with_name(f".{to.name}.part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        # Copied beside it and renamed: whoever looks at the page sees it whole.
        shutil.copyfile(made, part)
        part.replace(to)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise StoreError(f"{to}: cannot be written: {error.strerror or error}") from error
    return to
