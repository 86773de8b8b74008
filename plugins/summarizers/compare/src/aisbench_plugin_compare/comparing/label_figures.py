"""The figures of a load's requests by their labels, on two sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from aisbench_plugin_compare.comparing.difference import Difference, judged
from aisbench_plugin_compare.comparing.load_figures import figure_of
from aisbench_plugin_compare.sides.side import Load, LoadLabel, ToldFigure

FIGURES = ("ttft.mean", "tpot.mean", "e2el.mean", "slo_attainment")
MOST_VALUES = 4
"""Each value more makes the tests of all others stricter."""
LEAST = 10
"""Requests a side: of fewer there is nothing to say."""
FIRST = ("adapter", "adapter start")
"""Labels that come before the others."""


@frozen(kw_only=True)
class ComparedLabel:
    """One label of a load on both sides: the values with the most requests, one family of tests.

    ``others`` more are on both sides; ``left_only`` and ``right_only`` are on one.
    """

    name: str
    figures: Sequence[Difference]
    others: int
    left_only: Sequence[str]
    right_only: Sequence[str]


def compared_labels(
    subject: str, left: Sequence[Load], right: Sequence[Load]
) -> list[ComparedLabel]:
    """The labels that both sides have and whose values they share; LoRA adapters first."""
    names = {one.name for load in left for one in load.labels}
    names &= {one.name for load in right for one in load.labels}
    order = sorted(names, key=lambda one: (one not in FIRST, one))
    found = (_compared(subject, name, _of(left, name), _of(right, name)) for name in order)
    return [one for one in found if one.figures]


def _of(loads: Sequence[Load], name: str) -> list[LoadLabel]:
    return [one for load in loads for one in load.labels if one.name == name]


def _compared(
    subject: str, name: str, left: Sequence[LoadLabel], right: Sequence[LoadLabel]
) -> ComparedLabel:
    ours, theirs = _requests(left), _requests(right)
    shared = [value for value in ours if value in theirs]
    counts = {one: min(ours[one], theirs[one]) for one in shared}
    frequent = sorted(shared, key=lambda one: -counts[one])[:MOST_VALUES]
    frequent = [one for one in frequent if counts[one] >= LEAST]
    figures = [
        one
        for value in shared
        if value in frequent
        for one in _value(f"{subject}/{name}", value, left, right)
    ]
    return ComparedLabel(
        name=name,
        figures=judged(figures),
        others=len(shared) - len(frequent),
        left_only=[value for value in ours if value not in theirs],
        right_only=[value for value in theirs if value not in ours],
    )


def _requests(labels: Sequence[LoadLabel]) -> dict[str, int]:
    found: dict[str, int] = {}
    for label in labels:
        for value, count in label.requests.items():
            found[value] = found.get(value, 0) + count
    return found


def _value(
    subject: str, value: str, left: Sequence[LoadLabel], right: Sequence[LoadLabel]
) -> Iterator[Difference]:
    for name in FIGURES:
        ours, theirs = _told(left, value, name), _told(right, value, name)
        if ours and theirs:
            yield figure_of(subject, ours, theirs)


def _told(labels: Sequence[LoadLabel], value: str, name: str) -> list[ToldFigure]:
    return [
        one for label in labels for one in label.figures if (one.part, one.name) == (value, name)
    ]
