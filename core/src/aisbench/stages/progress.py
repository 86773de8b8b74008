"""How far each task is: plain counters that displays read when they like."""

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
        """Take one judged answer; one without a reference says nothing."""
        if score.verdict is Verdict.UNJUDGED:
            return
        self.scored += 1
        self.right += score.value

    @property
    def accuracy(self) -> float | None:
        """Running mean of the scores so far, 0..1, of answered samples that were scored."""
        return self.right / self.scored if self.scored > 0 else None


@define
class Progress:
    """Counters of the whole run."""

    tasks: list[TaskProgress]
    stopping: bool = False
