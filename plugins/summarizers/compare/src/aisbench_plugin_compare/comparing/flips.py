"""Answers that are right on one side alone."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from aisbench_plugin_compare.comparing.pairing import Pairs
from aisbench_plugin_compare.sides.side import SideAnswer, SideTask


@frozen(kw_only=True)
class Flip:
    """One question whose score differs: the row of each side, and what there is to read."""

    id: str
    part: str
    repeat: int
    left_outcome: str
    right_outcome: str
    left_value: float | None
    right_value: float | None
    left: SideAnswer
    right: SideAnswer


@frozen(kw_only=True)
class FlippedAnswers:
    """How many pairs of answers score higher on the right side (``gained``), lower (``lost``),
    and the same; each pair is one of answers, not of questions."""

    gained: Sequence[tuple[int, int]]
    lost: Sequence[tuple[int, int]]
    same: int


def flips_of(left: SideTask, right: SideTask, pairs: Pairs) -> FlippedAnswers:
    """The pairs whose scores differ, those that differ most first. Failed answers count 0."""
    gained, lost, same = [], [], 0
    for one, other in pairs.rows:
        change = (right.rows[other].value or 0.0) - (left.rows[one].value or 0.0)
        if change > 0:
            gained.append((change, one, other))
        elif change < 0:
            lost.append((-change, one, other))
        else:
            same += 1
    # Sorting is stable: those that differ alike stay in the order of the data set.
    gained.sort(key=lambda item: -item[0])
    lost.sort(key=lambda item: -item[0])
    return FlippedAnswers(
        gained=[(one, other) for _, one, other in gained],
        lost=[(one, other) for _, one, other in lost],
        same=same,
    )


def shown(left: SideTask, right: SideTask, chosen: Sequence[tuple[int, int]]) -> list[Flip]:
    """The chosen pairs with both answers. Raises AisbenchError."""
    ours = dict(left.answers.read([left.rows[one].place for one, _ in chosen]))
    theirs = dict(right.answers.read([right.rows[other].place for _, other in chosen]))
    found = []
    for one, other in chosen:
        row, partner = left.rows[one], right.rows[other]
        found.append(
            Flip(
                id=row.id,
                part=row.part,
                repeat=row.repeat,
                left_outcome=row.outcome,
                right_outcome=partner.outcome,
                left_value=row.value,
                right_value=partner.value,
                left=ours.get(row.place, SideAnswer()),
                right=theirs.get(partner.place, SideAnswer()),
            )
        )
    return found
