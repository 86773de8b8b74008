"""What the answers of a run tell in sum: read once, kept short."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from zlib import crc32

from attrs import define, field, frozen

from aisbench import AnswerOutcome
from aisbench_plugin_html.material import Material

NS = 1e9
FAULTY = ("wrong", "unparsed", "truncated", "unfinished", "filtered", "refused", "failed")
"""Verdicts of answers that one wants to read, the commonest first."""
LOW = 0.5
"""Graded answers with a lower score are among them."""
MANY = 30
"""Tasks of several models that a chart shows one by one."""
MOST = 120
"""Tasks that any chart shows one by one."""


@define
class TaskFacts:
    """One model on one data set, under one load or ""."""

    model: str
    dataset: str
    load: str
    verdicts: Counter[str] = field(factory=Counter)
    finish: Counter[tuple[str, str]] = field(factory=Counter)
    """Answers by verdict and finish reason ("none": the server gave none)."""
    tokens: dict[str, list[int]] = field(factory=lambda: defaultdict(list))
    """Completion tokens of the answers by verdict, where the server counted them."""
    seconds: dict[str, list[float]] = field(factory=lambda: defaultdict(list))
    """From the sending of the first request to the end of the last, by verdict."""
    uncounted: int = 0
    """Answers without a token count."""
    chosen: dict[str, ShownAnswers] = field(factory=dict)
    """Answers to show, by verdict; "odd" for odd ones that are right."""

    @property
    def label(self) -> str:
        """As it is called in charts."""
        return label(self.model, self.dataset, self.load)


@define
class ShownAnswers:
    """Some of the answers of one kind: those whose ids have the smallest checksums, which is
    a draw that comes out alike each time."""

    most: int
    of: int = 0
    _heap: list[tuple[int, int, AnswerOutcome]] = field(factory=list)

    def add(self, one: AnswerOutcome) -> None:
        """See whether it is among them."""
        self.of += 1
        key = -crc32(f"{one.sample}/{one.repeat}".encode())
        if len(self._heap) < self.most:
            heapq.heappush(self._heap, (key, self.of, one))
        elif key > self._heap[0][0]:
            heapq.heapreplace(self._heap, (key, self.of, one))

    def __iter__(self) -> Iterator[AnswerOutcome]:
        """In the order of the run."""
        return iter([one for _, _, one in sorted(self._heap, key=lambda item: item[1])])

    def __len__(self) -> int:
        return len(self._heap)


@frozen
class ValueSpread:
    """How values are spread: percentiles, and how many there are."""

    n: int
    p5: float
    p25: float
    p50: float
    p75: float
    p95: float


def label(model: str, dataset: str, load: str = "") -> str:
    """The name of a task; that of the model where it stands for all its data sets."""
    return (f"{model} / {dataset}" if dataset else model) + (f" [{load}]" if load else "")


def many(tasks: int, models: int) -> bool:
    """Whether charts show models rather than tasks: so many tasks are no picture any more."""
    return (tasks > MANY and models > 1) or tasks > MOST


def by_model(facts: Sequence[TaskFacts]) -> Sequence[TaskFacts]:
    """The facts of each task; or, of many tasks, those of each model."""
    if not many(len(facts), len({one.model for one in facts})):
        return facts
    found: dict[str, TaskFacts] = {}
    for one in facts:
        whole = found.setdefault(one.model, TaskFacts(one.model, "", ""))
        whole.verdicts.update(one.verdicts)
        whole.finish.update(one.finish)
        whole.uncounted += one.uncounted
        for verdict, tokens in one.tokens.items():
            whole.tokens[verdict] += tokens
        for verdict, seconds in one.seconds.items():
            whole.seconds[verdict] += seconds
    return list(found.values())


def gather(material: Material) -> tuple[TaskFacts, ...]:
    """The facts of each task whose answers are there, in the order of the suite; nothing where
    there is no run on disk."""
    if material.run is None:
        return ()
    found = {
        (one.model, one.dataset, one.load): TaskFacts(one.model, one.dataset, one.load)
        for one in material.results.tasks
    }
    # All in one pass: to look for the files of each task takes its square of many tasks.
    for one in material.run.outcomes():
        facts = found.get((one.model, one.dataset, one.load))
        if facts is not None and one.verdict is not None:
            _count(one, one.verdict, facts, material.samples)
    return tuple(found.values())


def _count(one: AnswerOutcome, verdict: str, facts: TaskFacts, most: int) -> None:
    facts.verdicts[verdict] += 1
    facts.finish[verdict, one.finish_reason or "none"] += 1
    if one.completion_tokens is None:
        facts.uncounted += 1
    else:
        facts.tokens[verdict].append(one.completion_tokens)
    if one.total_ns is not None:
        facts.seconds[verdict].append(one.total_ns / NS)
    if kind := _kind(one):
        if kind not in facts.chosen:
            facts.chosen[kind] = ShownAnswers(most)
        facts.chosen[kind].add(one)


def _kind(one: AnswerOutcome) -> str | None:
    if one.verdict in FAULTY:
        return one.verdict
    if one.verdict == "graded" and (one.value or 0) < LOW:
        return "graded"
    return "odd" if one.anomalies else None


def spread(values: Iterable[float]) -> ValueSpread | None:
    """Percentiles with linear interpolation (R's type 7); None without values."""
    ordered = sorted(values)
    if not ordered:
        return None

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    return ValueSpread(len(ordered), at(0.05), at(0.25), at(0.5), at(0.75), at(0.95))
