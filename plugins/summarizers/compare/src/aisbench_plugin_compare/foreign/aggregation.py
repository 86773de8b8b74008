"""Where samples agree and figures do not: which formula makes a tool's figure of its own rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from aisbench.api import Wording
from aisbench_plugin_compare.foreign.cause import Cause
from aisbench_plugin_compare.sides.side import SideRow, SideTask, ToldFigure

CLOSE = 6e-5
"""evalscope rounds to four decimals."""
SAME = 1e-4


def aggregation(
    words: Wording,
    left: SideTask,
    right: SideTask,
    pairs: Sequence[tuple[int, int]],
    differing: bool,
) -> list[Cause]:
    """A cause where a figure is not the mean of its own rows, or is one of other rows."""
    details = []
    for side, task, paired in (
        (words.text("left"), left, {ours for ours, _ in pairs}),
        (words.text("right"), right, {theirs for _, theirs in pairs}),
    ):
        figure = _figure(task)
        if figure is None:
            continue
        formula = _formula(words, task.rows, figure, paired)
        if formula is not None:
            details.append(
                words.text(
                    "{side}: {name} {value:.4f} is {formula}",
                    side=side,
                    name=figure.name,
                    value=_share(figure),
                    formula=formula,
                )
            )
    if not details:
        return []
    sentence = (
        words.text("aggregation: figures are made of the samples in another way")
        if differing
        else words.text("aggregation: all samples agree, and the figures differ")
    )
    ours, theirs = _figure(left), _figure(right)
    if ours is not None and theirs is not None and abs(_share(ours) - _share(theirs)) < SAME:
        return []
    return [Cause(name="aggregation", count=len(details), sentence=sentence, details=details)]


def _figure(task: SideTask) -> ToldFigure | None:
    """The figure that the rows' values are said to make."""
    if not task.measures or not task.rows:
        return None
    name = task.measures[0].name
    found = [one for one in task.figures if one.measure == name and not one.part]
    return next((one for one in found if not one.reduction), found[0] if found else None)


def _share(figure: ToldFigure) -> float:
    """In 0..1, where a tool told per cent."""
    return figure.value / 100 if figure.value > 1 else figure.value


def _formula(
    words: Wording, rows: Sequence[SideRow], figure: ToldFigure, paired: set[int]
) -> str | None:
    """What a figure is of its rows; None for the mean over all that are paired."""
    value = _share(figure)
    whole = len(paired) == len(rows)
    for name, candidate in _candidates(words, rows, paired):
        if candidate is not None and abs(candidate - value) <= CLOSE:
            return (
                None
                if name is None and whole
                else name
                or words.text(
                    "the mean of all its {n} samples, of which {paired} are paired",
                    n=len(rows),
                    paired=len(paired),
                )
            )
    plain = _mean(rows)
    if plain is None:
        return None
    return words.text("not the mean of its samples, {plain:.4f}, by no known formula", plain=plain)


def _candidates(
    words: Wording, rows: Sequence[SideRow], paired: set[int]
) -> Iterator[tuple[str | None, float | None]]:
    yield None, _mean(rows)
    answered = [one for one in rows if one.outcome != "failed"]
    yield words.text("the mean without failed samples"), _mean(answered)
    read = [one for one in answered if one.outcome != "unparsed"]
    yield words.text("the mean without failed and unparsed samples"), _mean(read)
    whole = [one for one in answered if one.outcome != "truncated"]
    yield words.text("the mean without failed and truncated samples"), _mean(whole)
    parts: dict[str, list[SideRow]] = defaultdict(list)
    questions: dict[str, list[SideRow]] = defaultdict(list)
    for one in rows:
        parts[one.part].append(one)
        questions[one.question].append(one)
    yield words.text("the mean of the means of its parts"), _of_means(list(parts.values()))
    if len(questions) < len(rows):
        values = list(questions.values())
        yield words.text("the mean over questions of their repeats"), _of_means(values)
        best = [max((one.value or 0.0) for one in held) for held in values]
        yield words.text("the share of questions with any right answer (pass@k)"), _of(best)
        worst = [min((one.value or 0.0) for one in held) for held in values]
        yield words.text("the share of questions with right answers alone (pass^k)"), _of(worst)
        first = [held[0].value or 0.0 for held in values]
        yield words.text("the mean of the first answers"), _of(first)
    shared = [one for place, one in enumerate(rows) if place in paired]
    yield words.text("the mean of the paired samples alone"), _mean(shared)


def _mean(rows: Sequence[SideRow]) -> float | None:
    return _of([0.0 if one.value is None else one.value for one in rows])


def _of(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _of_means(groups: Sequence[Sequence[SideRow]]) -> float | None:
    means = [_mean(one) for one in groups]
    return _of([one for one in means if one is not None])
