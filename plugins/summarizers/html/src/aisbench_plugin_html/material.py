"""What the sections of a page are made of."""

from __future__ import annotations

from pathlib import Path

from attrs import field, frozen

from aisbench import AisbenchError, RunResult, load_run
from aisbench.api import SuiteResult, Wording


@frozen(kw_only=True)
class Material:
    """The results, the run that they are of, and the words in which they are told."""

    results: SuiteResult
    words: Wording
    run: RunResult | None
    """The run on disk: answers, requests, environment. None where there is none."""
    trouble: str = ""
    """Why there is none, where there should be one."""
    samples: int = field(default=200)
    """How many answers of each task may stand in the page."""


def open_run(path: Path) -> tuple[RunResult | None, str]:
    """The run at ``path``; or None, and what is wrong with it. Nothing is wrong where there is no
    run at all, as when results were made up."""
    if not (path / "suite.toml").is_file():
        return None, ""
    try:
        return load_run(path, verify=False), ""
    except AisbenchError as error:
        return None, error.message
