"""One side of a comparison, whatever tool made it: tasks of answers, loads of requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Better: TypeAlias = Literal["up", "down"] | None

Topic: TypeAlias = Literal[
    "model", "data", "prompt", "settings", "scoring", "client", "load", "versions"
]
"""What a fact is about. ``settings`` are those of generation; ``client`` is how it was asked
(concurrency, streaming, host); ``load`` is the plan of a load; ``scoring`` is what reads and
grades answers."""

Facts: TypeAlias = Mapping[Topic, Mapping[str, str]]
"""What was compared, for the question whether it may be: of each topic values by name, as text.
A name that one side alone has is unknown on the other, and is told as such. Secrets have no place
in it."""

KeyKind: TypeAlias = Literal["content", "prompt", "question", "id"]
KEY_KINDS: tuple[KeyKind, ...] = ("content", "prompt", "question", "id")
"""What rows may be paired by, the strongest first.

- ``content``: all fields of the data set's row and its reference;
- ``prompt``: the text that was sent;
- ``question``: the question alone, normalised (:func:`aisbench_plugin_compare.sides.keys.words`);
- ``id``: the row's name in its data set. Between tools it says little, and is told as a doubt.
"""

Outcome: TypeAlias = Literal[
    "right", "wrong", "unparsed", "truncated", "unfinished", "filtered", "refused", "graded",
    "unjudged", "failed",
]  # fmt: skip
"""The words of core's verdicts; readers of other tools use those that the tool tells apart."""


@frozen(kw_only=True)
class SideRow:
    """One answer to one question.

    ``keys`` are hashes (or short texts) by kind, as many as are known. ``question`` is the name
    of the cluster: the same for all repeats of a sample, and for all samples that ask one
    question; with several answers each is a repeat. ``value`` is the score in 0..1, None where
    there is none (failed, or never judged). ``place`` finds the answer again in
    :meth:`SideTask.answers`.
    """

    keys: Mapping[KeyKind, str]
    id: str
    question: str
    outcome: Outcome
    value: float | None
    place: int
    repeat: int = 0
    part: str = ""
    vote: str | None = None
    """The answer in a canonical form, by which repeats are counted as equal."""


@frozen(kw_only=True)
class SideMeasure:
    """A figure of a task as it is made of rows.

    ``values[i]`` belongs to ``rows[i]``; NaN: that row has none. The figure is
    ``sum(values * weights) / sum(weights)``; ``weights`` None: all 1, and repeats of a question
    are averaged first. ``binary``: every value is 0 or 1.
    """

    name: str
    values: Floats
    unit: str = ""
    better: Better = "up"
    weights: Floats | None = None
    is_share: bool = False
    """Of values in 0..1, which are shown in percentage points."""


@frozen(kw_only=True)
class ToldFigure:
    """A figure as the tool itself reported it. ``measure`` is the name of the measure whose mean
    it is, "" for what is no mean over rows (a corpus score, a figure of an own formula)."""

    name: str
    value: float
    n: int | None = None
    part: str = ""
    unit: str = ""
    better: Better = None
    low: float | None = None
    high: float | None = None
    measure: str = ""
    reduction: str = ""
    """How the values of a question's repeats become one where that is not their mean:
    ``pass@2``, ``cons@4`` and the like; "" for the mean."""


@frozen(kw_only=True)
class SideAnswer:
    """What there is to read of a row: shown with flips, and what causes are found by.

    ``text`` is the answer as it was judged, ``raw`` as the server sent it where that is more.
    """

    prompt: str = ""
    question: str = ""
    """The question alone, where it is known."""
    text: str = ""
    raw: str = ""
    extracted: str | None = None
    target: str | None = None
    reason: str = ""
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    settings: Mapping[str, str] = field(factory=dict)
    """Of generation, as they were sent with this row where they are known row by row."""


class Answers:
    """Reads answers of a task by their place."""

    def read(self, places: Sequence[int]) -> Iterator[tuple[int, SideAnswer]]:
        """Each place with its answer, in any order. Raises AisbenchError."""
        raise NotImplementedError


@frozen
class HeldAnswers(Answers):
    """Answers that are in memory: ``place`` is the index."""

    answers: Sequence[SideAnswer]

    def read(self, places: Sequence[int]) -> Iterator[tuple[int, SideAnswer]]:
        for place in places:
            yield place, self.answers[place]


@frozen(kw_only=True)
class SideTask:
    """One model on one data set (under one load, in core's mode "both")."""

    model: str
    dataset: str
    rows: Sequence[SideRow]
    measures: Sequence[SideMeasure]
    """The first one is the value of the rows where there is any."""
    figures: Sequence[ToldFigure] = ()
    facts: Facts = field(factory=dict)
    answers: Answers = field(factory=lambda: HeldAnswers(()))
    load: str = ""
    notes: Sequence[str] = ()
    """Sentences that a reader of the figures must know."""

    @property
    def label(self) -> str:
        return " / ".join(filter(None, (self.model, self.dataset, self.load)))


@frozen(kw_only=True)
class Quantity:
    """A quantity of requests, such as TTFT, with a value for each request that has one.

    ``values`` are in the order in which the requests were sent; ``clusters`` are the
    conversations that they belong to, None where each request is one of its own. Empty
    ``values`` with ``told`` figures alone: the tool kept no requests.
    """

    name: str
    unit: str
    values: Floats
    better: Better = "down"
    clusters: NDArray[np.int64] | None = None
    requests: NDArray[np.int64] | None = None
    """Which request each value is of, where one has several (gaps between tokens)."""

    def by_request(self) -> Quantity:
        """The mean of each request's values, where one has several."""
        if self.requests is None:
            return self
        _, place, counts = np.unique(self.requests, return_inverse=True, return_counts=True)
        means = np.bincount(place.reshape(-1), weights=self.values) / counts
        return evolve(self, values=means.astype(np.float64), requests=None, clusters=None)


@frozen(kw_only=True)
class LoadLabel:
    """The figures of a load's requests by the values of one of their labels, such as "adapter"."""

    name: str
    requests: Mapping[str, int]
    """Of each value, the most frequent ones of those there are."""
    figures: Sequence[ToldFigure]
    """``part`` is the value."""


@frozen(kw_only=True)
class Load:
    """One load of requests. Loads of one side with the same ``definition`` are repeats of it."""

    model: str
    dataset: str
    label: str
    """Names the load among those of its run, such as ``rate=8``."""
    quantities: Sequence[Quantity] = ()
    figures: Sequence[ToldFigure] = ()
    """Of the whole load: throughputs, counts, and statistics by the names of core's metric
    dictionary (``ttft.p99``, ``output_token_throughput``)."""
    counts: Mapping[str, int] = field(factory=dict)
    """Requests by outcome: total, success, failed, cancelled."""
    facts: Facts = field(factory=dict)
    doubts: Sequence[str] = ()
    """Why its figures are not to be trusted, in sentences."""
    labels: Sequence[LoadLabel] = ()
    source: str = ""
    """The file or folder it was read from."""

    @property
    def name(self) -> str:
        return " / ".join(filter(None, (self.model, self.dataset, self.label)))


@frozen(kw_only=True)
class ComparedSide:
    """One run, or the results of another tool that stand for one.

    ``label`` is what it is called in every table; ``tool`` is "aisbench", "lm-eval", "vllm bench"
    and so on, with its version in the facts where it is known.
    """

    label: str
    source: str
    tool: str
    tasks: Sequence[SideTask] = ()
    loads: Sequence[Load] = ()
    groups: Sequence[ToldFigure] = ()
    """Figures of groups of data sets: ``name`` is the group, ``part`` the model."""
    facts: Facts = field(factory=dict)
    """Of the run as a whole: host, versions, seed."""
    when: str = ""
    """ISO 8601, "" where nothing says it."""
    notes: Sequence[str] = ()
