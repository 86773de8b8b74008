"""How far each task is: plain counters, which displays read at any time."""

from __future__ import annotations

from attrs import define

from aisbench.types.score import Score, Verdict


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


@define
class Progress:
    """Counters of the whole run."""

    tasks: list[TaskProgress]
    stopping: bool = False
