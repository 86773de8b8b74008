"""What the summarizers get: every figure of a run, with its counts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from aisbench.types.figure import Figure
from aisbench.types.groups import GroupResult
from aisbench.types.performance import PerformanceResult, SearchResult
from aisbench.types.tuning import TuneResult


@frozen(kw_only=True)
class Counts:
    """Outcomes of all answers of a task (samples x repeats)."""

    asked: int = 0
    right: int = 0
    wrong: int = 0
    unparsed: int = 0
    truncated: int = 0
    unfinished: int = 0
    filtered: int = 0
    refused: int = 0
    unjudged: int = 0
    graded: int = 0
    failed: int = 0


@frozen(kw_only=True)
class TaskResult:
    """One model on one data set."""

    model: str
    dataset: str
    variant: str
    samples: int
    repeats: int
    counts: Counts
    figures: tuple[Figure, ...]
    faults: Mapping[str, int] = field(factory=dict)
    """Failed requests by cause, in words a user understands."""
    tokens: Mapping[str, int | None] = field(factory=dict)
    """Sums of the server's counts: prompt_tokens, completion_tokens."""
    of: int | None = None
    """How many the data set has in all, where the suite chose some of them."""
    chosen: str = ""
    """How those were chosen."""
    parts: Mapping[str, int] = field(factory=dict)
    """Samples of each part of the data set, where it has parts."""
    submission: tuple[str, ...] = ()
    """Files to hand in, from the run's folder: answers to rows whose reference is not here."""
    load: str = ""
    """The load under which the answers were given; empty in an accuracy run."""
    warnings: tuple[str, ...] = ()
    """What a reader of the figures must know of the answers, in sentences."""
    odd: int | None = None
    """Answers with an anomaly, whatever their outcome; None: nobody looked for any."""
    anomalies: Mapping[str, int] = field(factory=dict)
    """Those by kind (:class:`~aisbench.api.Anomaly`); an answer may have several."""
    adapter: str = ""
    """The LoRA adapter that answered; empty: the model itself, or several, which have figures of
    their own. (1.3)"""
    dataset_version: int | str | None = None
    """That of the data set's prompts, rows and scoring, where its authors count them."""
    unscored: str = ""
    """Why the evaluator could score no answer, though there are references: there is no figure
    then. (1.3)"""


@frozen(kw_only=True)
class SuiteResult:
    """All tasks of a run. ``complete`` is False when requests are still missing."""

    name: str
    run: Path
    complete: bool
    tasks: tuple[TaskResult, ...] = ()
    performance: tuple[PerformanceResult, ...] = ()
    searches: tuple[SearchResult, ...] = ()
    warnings: tuple[str, ...] = ()
    groups: tuple[GroupResult, ...] = ()
    """Groups of data sets, each of each model, in the suite's order."""
    tunings: tuple[TuneResult, ...] = ()
    """Settings of servers that were tried, one for each server."""
