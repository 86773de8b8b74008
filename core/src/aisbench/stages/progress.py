"""How far each task is: plain counters, which displays read at any time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from attrs import define, field

from aisbench.base.clock import now_ns
from aisbench.types.run_state import TaskWord
from aisbench.types.score import Score, Verdict

LATELY_NS = 60_000_000_000
"""What a task's rate is of."""
MARKS = 600
"""Looks that are remembered: a second apart, they are ten minutes."""
MARK_NS = 500_000_000


@define
class DoneMark:
    """What a task had done at one time, without what it took over."""

    time_ns: int
    done: int
    failed: int


@define
class TaskProgress:
    """Counters of one task, in samples x repeats."""

    model: str
    dataset: str
    variant: str
    total: int
    reused: int = 0
    done: int = 0
    failed: int = 0
    right: float = 0.0
    scored: int = 0
    """Answers in the running accuracy; -1: the evaluator failed, so there is none."""
    in_flight: int = 0
    retried: int = 0
    finished: bool = False
    marks: deque[DoneMark] = field(factory=lambda: deque(maxlen=MARKS), repr=False)
    """What it had done at each :meth:`look`."""
    begun: DoneMark | None = None
    """The first of them."""

    def count(self, score: Score) -> None:
        """Take the score of one answer; an unjudged one does not count."""
        if score.verdict is Verdict.UNJUDGED:
            return
        self.scored += 1
        self.right += score.value

    @property
    def accuracy(self) -> float | None:
        """The mean of the scores so far, 0..1; None without any."""
        return self.right / self.scored if self.scored > 0 else None

    @property
    def label(self) -> str:
        """How messages call it."""
        return f"{self.model} / {self.dataset}"

    @property
    def state(self) -> TaskWord:
        """Whether it has begun, and whether it is over."""
        if self.done >= self.total:
            return "done"
        return "running" if self.in_flight or self.done > self.reused else "waiting"

    def look(self) -> None:
        """Remember how far it is, for its rate; called about once a second."""
        fresh, now = self.done - self.reused, now_ns()
        if fresh <= 0 and not self.in_flight:
            return
        if self.marks:
            last = self.marks[-1]
            if now - last.time_ns < MARK_NS or (self.done >= self.total and last.done == fresh):
                return
        mark = DoneMark(now, fresh, self.failed)
        self.begun = self.begun or mark
        self.marks.append(mark)

    @property
    def rate(self) -> float | None:
        """Answers/s of the last minute; None until two looks are known, or nothing was done."""
        if len(self.marks) < 2:
            return None
        last = self.marks[-1]
        first = next(one for one in self.marks if last.time_ns - one.time_ns <= LATELY_NS)
        if first is last:
            first = self.marks[-2]
        done = last.done - first.done
        return done / ((last.time_ns - first.time_ns) / 1e9) if done > 0 else None

    @property
    def mean_rate(self) -> float | None:
        """Answers/s of all of this session."""
        if self.begun is None or len(self.marks) < 2:
            return None
        last = self.marks[-1]
        done = last.done - self.begun.done
        return done / ((last.time_ns - self.begun.time_ns) / 1e9) if done > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """Until it is done, at that rate."""
        rate = self.rate
        return (self.total - self.done) / rate if rate else None


@define
class Progress:
    """Counters of the whole run."""

    tasks: list[TaskProgress]
    stopping: bool = False
    judging: bool = False
    """Whether the judges are asked now."""
    planned: tuple[TaskProgress, ...] = ()
    """All tasks of the run in their order; those of ``tasks`` take the places of theirs."""
    title: str = ""
    """What a reader calls the run."""

    def all(self) -> Iterator[TaskProgress]:
        """Those that have begun, and those that are to come."""
        begun = {(one.model, one.dataset): one for one in self.tasks}
        for one in self.planned:
            yield begun.pop((one.model, one.dataset), one)
        yield from begun.values()

    def look(self) -> None:
        """Remember how far all are."""
        for one in self.tasks:
            one.look()
