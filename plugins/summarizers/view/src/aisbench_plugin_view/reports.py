"""The report of a run: the one that it holds, or one that is made when it is asked for."""

from __future__ import annotations

import threading
from pathlib import Path

from attrs import frozen

from aisbench import summarize
from aisbench.api import Language
from aisbench_plugin_view.documents import stamp_of
from aisbench_plugin_view.viewer import Viewer

_MAKING = threading.Lock()
"""A report of a large run takes seconds and gigabytes: one at a time."""


@frozen
class Reports:
    """Makes reports beside the indexes; a run is never written to."""

    viewer: Viewer

    def page(self, identifier: str, language: Language) -> bytes:
        """The page. Raises AisbenchError."""
        run = self.viewer.path_of(identifier)
        kept = run / "summary" / "report.html"
        if kept.is_file() and not kept.is_symlink():
            return kept.read_bytes()
        folder = self.viewer.folder.own / "reports" / f"{identifier}-{language}"
        with _MAKING:
            return self._made(run, folder, language)

    def _made(self, run: Path, folder: Path, language: Language) -> bytes:
        stamp, noted = stamp_of(run), folder / "stamp"
        page = folder / "report.html"
        if not (page.is_file() and noted.is_file() and noted.read_text() == stamp):
            folder.mkdir(parents=True, exist_ok=True)
            summarize(run, "html", folder, {"language": language})
            noted.write_text(stamp)
        return page.read_bytes()
