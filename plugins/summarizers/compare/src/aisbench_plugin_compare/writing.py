"""Files that a comparison is written to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from aisbench.api import AisbenchError
from aisbench_plugin_compare.comparing.comparison import SideComparison
from aisbench_plugin_compare.comparing.flips import shown
from aisbench_plugin_compare.showing.document import flip_json


def write(path: Path, content: str | bytes) -> None:
    """A whole file. Raises AisbenchError where it cannot be written."""
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        raise AisbenchError(f"{path}: cannot be written: {error.strerror}") from None


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """A document, indented."""
    write(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_flips(path: Path, comparisons: Iterable[SideComparison]) -> None:
    """Every answer whose score differs, a line each."""
    lines = []
    for one in comparisons:
        for task in one.tasks:
            for way, chosen in (("gained", task.flips.gained), ("lost", task.flips.lost)):
                for flip in shown(task.left, task.right, chosen):
                    row = flip_json(task.name, one.right.label, way, flip)
                    lines.append(json.dumps(row, ensure_ascii=False))
    write(path, "".join(f"{line}\n" for line in lines))
