"""Evaluate large language models: accuracy and serving performance from one TOML file."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aisbench.base.errors import (
        AbortError,
        AisbenchError,
        ConfigError,
        DamageError,
        DataError,
        PluginError,
        Problem,
        ServerError,
        StoreError,
    )
    from aisbench.runs.answer_files import AnswerFiles, answer_files, find_runs
    from aisbench.runs.checking import check_suite
    from aisbench.runs.judged import Judgement
    from aisbench.runs.library import evaluate, judge, load_run, report, run
    from aisbench.runs.library_rows import rerun, score
    from aisbench.runs.outcomes import AnswerOutcome
    from aisbench.runs.progress import RunProgress
    from aisbench.runs.progress_file import read_progress
    from aisbench.runs.result import RunResult
    from aisbench.runs.samples import AnsweredSample
    from aisbench.runs.summaries import summarize
    from aisbench.types.run_state import RunState

__version__ = "0.1.0"

__all__ = [
    "AbortError",
    "AisbenchError",
    "AnswerFiles",
    "AnswerOutcome",
    "AnsweredSample",
    "ConfigError",
    "DamageError",
    "DataError",
    "Judgement",
    "PluginError",
    "Problem",
    "RunProgress",
    "RunResult",
    "RunState",
    "ServerError",
    "StoreError",
    "answer_files",
    "check_suite",
    "evaluate",
    "find_runs",
    "judge",
    "load_run",
    "read_progress",
    "report",
    "rerun",
    "run",
    "score",
    "summarize",
]

_MODULES = {
    **dict.fromkeys(("AnswerFiles", "answer_files", "find_runs"), "aisbench.runs.answer_files"),
    "AnswerOutcome": "aisbench.runs.outcomes",
    "check_suite": "aisbench.runs.checking",
    "AnsweredSample": "aisbench.runs.samples",
    "Judgement": "aisbench.runs.judged",
    "RunProgress": "aisbench.runs.progress",
    "read_progress": "aisbench.runs.progress_file",
    "RunState": "aisbench.types.run_state",
    "RunResult": "aisbench.runs.result",
    **dict.fromkeys(("evaluate", "judge", "load_run", "report", "run"), "aisbench.runs.library"),
    **dict.fromkeys(("rerun", "score"), "aisbench.runs.library_rows"),
    "summarize": "aisbench.runs.summaries",
}
"""Where the names are that are not errors: each is imported when it is first asked for, so that
the command line and plugins start fast."""


if not TYPE_CHECKING:  # a type checker would take it for a name of anything

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = importlib.import_module(_MODULES.get(name, "aisbench.base.errors"))
        found = globals()[name] = getattr(module, name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
