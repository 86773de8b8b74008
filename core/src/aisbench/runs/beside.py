"""The outcomes of a run that asked rows of another again, beside the old ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
from attrs import field, frozen

from aisbench.config.plan import Plan
from aisbench.store.journal import read_rows
from aisbench.store.run import RunFolder, read_json, write_json
from aisbench.types.score import Verdict

FILE = "rerun.json"
RIGHT = Verdict.RIGHT.value


@frozen(kw_only=True)
class AskedAgain:
    """An answer that both runs have; scores are 0..1."""

    model: str
    dataset: str
    sample: str
    repeat: int
    old: str
    new: str
    old_score: float
    new_score: float


@frozen(kw_only=True)
class Beside:
    """All answers of a run that were given again. ``of`` is the old run, ``chosen`` says in words
    which of its rows these are."""

    of: Path
    chosen: str
    answers: tuple[AskedAgain, ...] = field(repr=False)

    def sentences(self) -> Iterator[str]:
        """For a reader, by model and data set."""
        yield f"beside {self.of} ({self.chosen}):"
        tasks: dict[tuple[str, str], list[AskedAgain]] = {}
        for one in self.answers:
            tasks.setdefault((one.model, one.dataset), []).append(one)
        for (model, dataset), some in tasks.items():
            count = len(some)
            became = sum(one.new == RIGHT != one.old for one in some)
            lost = sum(one.old == RIGHT != one.new for one in some)
            changed = f"{became} became right, {lost} no longer are"
            if not lost:
                changed = f"{became} became right"
            before = sum(one.old_score for one in some) / count
            now = sum(one.new_score for one in some) / count
            yield (
                f"{model} / {dataset}: {count} answers again: {changed}; mean score "
                f"{before:.3f} -> {now:.3f}"
            )
            for (old, new), number in Counter((one.old, one.new) for one in some).most_common():
                yield f"  {old} -> {new}: {number}"


def compare(plan: Plan, run: RunFolder) -> Iterator[str]:
    """Put the outcomes beside those of the run that :class:`RerunSection` names, keep both in
    ``rerun.json``, and say what became of them. Nothing where the suite has no such section.

    The old ones are taken from that file where an earlier session left them: the old run may be
    evaluated otherwise by now, or be gone. Raises StoreError, DamageError.
    """
    rerun = plan.suite.rerun
    if rerun is None:
        return
    kept = _kept(run)
    old = RunFolder(rerun.of)
    found: list[AskedAgain] = []
    for task in plan.tasks:
        pair = (task.model.name, task.dataset.name)
        before = kept.get(pair) or _outcomes(old, *pair)
        now = _outcomes(run, *pair)
        for (sample, repeat), (was, score) in before.items():
            if (sample, repeat) in now:
                new, new_score = now[sample, repeat]
                found.append(
                    AskedAgain(
                        model=pair[0], dataset=pair[1], sample=sample, repeat=repeat,
                        old=was, new=new, old_score=score, new_score=new_score,
                    )
                )  # fmt: skip
    beside = Beside(of=rerun.of, chosen=rerun.chosen, answers=tuple(found))
    if not found:
        yield f"{rerun.of}: holds no scores of these answers any more: nothing is compared"
        return
    write_json(
        run.path / FILE,
        {
            "of": str(beside.of),
            "chosen": beside.chosen,
            "answers": [attrs.asdict(one) for one in beside.answers],
        },
    )
    yield from beside.sentences()


Outcomes = Mapping[tuple[str, int], tuple[str, float]]
"""By sample and repeat: the outcome and the score."""


def _outcomes(run: RunFolder, model: str, dataset: str) -> Outcomes:
    return {
        (row["sample"], row["repeat"]): (row["score"]["verdict"], float(row["score"]["value"]))
        for row in read_rows(run.scores(model, dataset))
    }


def _kept(run: RunFolder) -> dict[tuple[str, str], dict[tuple[str, int], tuple[str, float]]]:
    """The old outcomes that an earlier session of this run found."""
    path = run.path / FILE
    kept: dict[tuple[str, str], dict[tuple[str, int], tuple[str, float]]] = {}
    answers: list[dict[str, Any]] = read_json(path)["answers"] if path.exists() else []
    for one in answers:
        place = kept.setdefault((one["model"], one["dataset"]), {})
        place[one["sample"], one["repeat"]] = (one["old"], one["old_score"])
    return kept
