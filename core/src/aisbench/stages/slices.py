"""Figures of a data set's rows apart by one of their fields, such as by their length: a curve."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from aisbench.base.errors import DataError
from aisbench.base.natural_order import natural
from aisbench.contract.evaluators import Reducer
from aisbench.declared.column import NamedColumn
from aisbench.stages.part_figures import figures_of
from aisbench.types.figure import Figure
from aisbench.types.offer import PROMPT_TOKENS, PartGroup, Slicing
from aisbench.types.sample import Sample
from aisbench.types.score import ScoreGroup

UNKNOWN = "unknown"
"""The slice of rows that have no value; a server that counts no tokens leaves all there."""


def slice_figures(
    reducer: Reducer,
    scores: Sequence[ScoreGroup],
    groups: Sequence[PartGroup],
    slicing: Slicing,
    value_of: Callable[[str], Any],
) -> Iterator[Figure]:
    """The figures of each slice that has rows, in the order of the slices.

    Each is made as that of the whole data set, so that a mean of parts is one here, too; where
    only some parts have rows in a slice, its name says so. ``value_of`` gives the value by which a
    question is sliced, None where it is unknown. Raises DataError for a value that cannot be
    sliced by.
    """
    named = labels_of(slicing)
    slices: dict[str, list[ScoreGroup]] = {label: [] for label in named}
    missing: list[ScoreGroup] = []
    for one in scores:
        value = value_of(one.sample_id)
        if value is None or value == []:
            missing.append(one)
            continue
        for label in labels_of_value(slicing, value, one.sample_id):
            slices.setdefault(label, []).append(one)
    # What labels do not name comes by its value: rows come in any order.
    others = sorted(slices.keys() - set(named), key=natural)
    ordered = [(label, slices[label]) for label in (*named, *others)]
    for label, members in [*ordered, (UNKNOWN, missing)]:
        if members:
            yield from _named(f"{slicing.title} {label}", slicing, reducer, members, groups)


def _named(
    name: str,
    slicing: Slicing,
    reducer: Reducer,
    members: Sequence[ScoreGroup],
    groups: Sequence[PartGroup],
) -> Iterator[Figure]:
    try:
        found = figures_of(reducer, members, groups)
    except ValueError:
        return  # as of a part whose scores do not suffice
    some = [figure for figure in found if figure.part.startswith("(")]
    for figure in some or [figure for figure in found if not figure.part]:
        yield attrs.evolve(figure, part=f"{name} {figure.part}".rstrip())
    if slicing.parts:
        for figure in found:
            if figure.part and figure not in some:
                yield attrs.evolve(figure, part=f"{figure.part}, {name}")


def labels_of(slicing: Slicing) -> tuple[str, ...]:
    """The names of its slices that are known before any row is."""
    if slicing.labels or not slicing.edges:
        return slicing.labels
    ends = [_short(edge) for edge in slicing.edges]
    between = [f"{low}-{high}" for low, high in itertools.pairwise(ends)]
    return (f"<{ends[0]}", *between, f"{ends[-1]}+")


def label_of(slicing: Slicing, value: Any, sample: str) -> str:
    """The slice that a value falls into: with edges the one whose lower edge is the last that is
    not above it. Raises DataError."""
    if not slicing.edges:
        if isinstance(value, (Mapping, list, tuple)):
            raise DataError(
                f"sample {sample}: slices by {slicing.by}: {value!r:.60} is no text or number",
                hint="name a field that holds one, or a path into this one",
            )
        return str(value)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if math.isnan(number):
        raise DataError(
            f"sample {sample}: slices by {slicing.by} with edges: {value!r:.60} is no number",
            hint="name a field that holds numbers, or leave the edges out",
        )
    return labels_of(slicing)[bisect_right(slicing.edges, number)]


def labels_of_value(slicing: Slicing, value: Any, sample: str) -> list[str]:
    """The slices that a value falls into: a list of texts is in one for each of them. Raises
    DataError."""
    several = isinstance(value, (list, tuple)) and not slicing.edges
    found = (label_of(slicing, one, sample) for one in (value if several else [value]))
    return list(dict.fromkeys(found))


def values_of(
    slicing: Slicing, samples: Sequence[Sample], tokens: Mapping[str, int]
) -> Callable[[str], Any]:
    """What gives the value of a question. ``tokens`` are those of prompts, as far as a server has
    counted them, by the sample's id."""
    known: dict[str, Any] = {}
    column = NamedColumn(slicing.by)
    for sample in samples:
        counted = slicing.by == PROMPT_TOKENS
        value = tokens.get(sample.id) if counted else column.get(sample.fields)
        if sample.question not in known or known[sample.question] is None:
            known[sample.question] = value
    return known.get


def check_slices(slicings: Sequence[Slicing], samples: Sequence[Sample]) -> None:
    """Raises DataError for a row whose value cannot be sliced by, before any is asked."""
    for slicing in slicings:
        if slicing.by == PROMPT_TOKENS:
            continue
        column = NamedColumn(slicing.by)
        for sample in samples:
            if (value := column.get(sample.fields)) is not None:
                labels_of_value(slicing, value, sample.id)


def _short(edge: float) -> str:
    """``4k`` for 4000, ``1M`` for a million."""
    for size, name in ((1_000_000, "M"), (1000, "k")):
        if edge >= size and edge % size == 0:
            return f"{edge / size:g}{name}"
    return f"{edge:g}"
