"""Examples of the pages for authors: what `aisbench plugins new KIND NAME --file` writes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from aisbench.scaffold.write import write_file, write_package

EXAMPLES: Mapping[str, tuple[str, str]] = {
    "evaluator": ("evaluator", "last-number"),
    "judge": ("judge", "yes-no"),
    "postprocessor": ("postprocessor", "last-lines"),
    "reducer": ("reducer", "answered"),
    "template": ("template", "numbered"),
    "retriever": ("retriever", "nearest-length"),
    "load-shape": ("load-shape", "tides"),
    "summarizer": ("summarizer", "lines"),
    "observer": ("observer", "diary"),
    "tuner": ("tuner", "one-by-one"),
    "device-sampler": ("device-sampler", "meter"),
    "command": ("command", "figures"),
    "dataset": ("dataset", "sums"),
    "backend": ("backend", "pieces"),
    "local-backend": ("local-backend", "adder"),
    "transport": ("transport", "pipe"),
}
"""A page of docs/authors -> the kind and the name of its example."""


def example(page: str) -> str:
    """The example of a page, with the name of its file above it; of a backend the server of its
    example too."""
    kind, name = EXAMPLES[page]
    with tempfile.TemporaryDirectory() as folder:
        (file,) = write_file(kind, name, Path(folder))
        found = _block(file.name, file.read_text(encoding="utf-8"))
    if kind in ("backend", "transport"):
        text = resources.files("aisbench.scaffold") / "files" / kind / "example" / "server.py.in"
        found += "\n\n" + _block("server.py", text.read_text(encoding="utf-8"))
    return found


def package() -> str:
    """The pyproject.toml of a package."""
    with tempfile.TemporaryDirectory() as folder:
        made = write_package("evaluator", "last-number", Path(folder))
        text = (made / "pyproject.toml").read_text(encoding="utf-8")
    return _block(f"{made.name}/pyproject.toml", text, "toml")


def _block(name: str, text: str, language: str = "python") -> str:
    return f"`{name}`:\n\n<!-- file: {name} -->\n```{language}\n{text.rstrip()}\n```"
