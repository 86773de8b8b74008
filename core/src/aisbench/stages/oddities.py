"""Anomalies of a task's answers, counted."""

from __future__ import annotations

from collections import Counter

from attrs import define, field

from aisbench.reading.anomalies import anomalies
from aisbench.types.anomaly import Anomaly, OddAnswer
from aisbench.types.answer import Answer
from aisbench.types.sample import Sample


@define
class Oddities:
    """Counted over the answers of one model to one data set. ``wanted`` is False where the suite
    does not look for any."""

    wanted: bool
    answers: int = 0
    odd: int = 0
    kinds: Counter[str] = field(factory=Counter)
    _first: dict[Anomaly, str] = field(factory=dict)

    def add(self, sample: Sample, repeat: int, answer: Answer) -> tuple[OddAnswer, ...]:
        """What is odd about an answer, or about one of its turns."""
        if not self.wanted:
            return ()
        self.answers += 1
        found: dict[Anomaly, OddAnswer] = {}
        turns = zip(answer.prompts, answer.responses, strict=True)
        for turn, (prompt, response) in enumerate(turns):
            for one in anomalies(sample, prompt, response, turn):
                found.setdefault(one.kind, one)
        if found:
            self.odd += 1
            place = f"{sample.id}, repeat {repeat}" if repeat else sample.id
            for kind, one in found.items():
                self.kinds[kind.value] += 1
                self._first.setdefault(kind, f"sample {place}: {one.evidence}")
        return tuple(found.values())

    @property
    def count(self) -> int | None:
        """Answers with an anomaly; None where nobody looked."""
        return self.odd if self.wanted else None

    def sentences(self) -> tuple[str, ...]:
        """Sentences for the report."""
        if not self.odd:
            return ()
        kinds = "; ".join(
            f"{count:,} {kind} ({self._first[Anomaly(kind)]})"
            for kind, count in self.kinds.most_common()
        )
        share = 100 * self.odd / self.answers
        return (f"{self.odd:,} of {self.answers:,} answers are odd ({share:.1f} %): {kinds}",)
