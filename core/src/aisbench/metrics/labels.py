"""The measured requests by their labels: the figures of each value of each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from aisbench.base.natural_order import natural
from aisbench.metrics.columns import MetricOptions, derive
from aisbench.metrics.concurrency import run_span
from aisbench.metrics.counts import request_counts
from aisbench.metrics.dictionary import DICTIONARY
from aisbench.metrics.figures import RunPart, run_figures
from aisbench.metrics.requests import STREAMED_ONLY, brought, request_metrics
from aisbench.metrics.statistics import describe
from aisbench.store.recording.columns import ABSENT, LabelColumn, Recording
from aisbench.types.performance import LabelledValue, LabelResult, Statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_VALUES = 100
"""Values of one label that are measured: those with the most requests."""


def by_label(
    recording: Recording,
    options: MetricOptions,
    least: NDArray[np.int64] | None = None,
) -> tuple[LabelResult, ...]:
    """The results of all labels, by name; none where requests have none.

    ``least`` has the fewest tokens that the answer of each row was allowed to have, as in
    :func:`~aisbench.metrics.counts.request_counts`.
    """
    span = run_span(recording)
    if span is None:
        return ()
    part = RunPart(begin=span[0], end=span[1], stop=span[1] + 1, whole=True)
    found = (
        _by_value(recording, name, label, options, part, least)
        for name, label in sorted(recording.labels.items())
    )
    return tuple(one for one in found if one.values)


def _by_value(
    recording: Recording,
    name: str,
    label: LabelColumn,
    options: MetricOptions,
    part: RunPart,
    least: NDArray[np.int64] | None,
) -> LabelResult:
    requests = recording.columns.requests
    counts = np.bincount(label.codes[requests & (label.codes != ABSENT)], minlength=0)
    present = np.flatnonzero(counts)
    kept = present[np.argsort(-counts[present], kind="stable")][:MOST_VALUES]
    order = np.argsort(label.codes, kind="stable")
    codes = label.codes[order]
    values = []
    for code in sorted(map(int, kept), key=lambda one: natural(label.values[one])):
        first, last = np.searchsorted(codes, [code, code + 1])
        rows = order[first:last]
        own = None if least is None else least[rows]
        values.append(measured_rows(recording, label.values[code], rows, options, part, own))
    return LabelResult(
        name=name,
        values=tuple(values),
        distinct=len(present),
        unlabelled=int(np.count_nonzero(requests & (label.codes == ABSENT))),
    )


def measured_rows(
    recording: Recording,
    value: str,
    rows: NDArray[np.int64],
    options: MetricOptions,
    part: RunPart,
    least: NDArray[np.int64] | None = None,
) -> LabelledValue:
    """The figures of some attempts, over the span of the whole run."""
    mine = recording.of(rows)
    derived = derive(mine, options)
    came = brought(mine)[mine.columns.succeeded | mine.columns.cut]
    tokens = float(np.nansum(came)) if len(came) else 0.0
    return LabelledValue(
        value=value,
        counts=request_counts(mine, options.streamed, least),
        statistics=tuple(_statistics(mine, options)),
        figures=run_figures(derived, part, tokens),
    )


def _statistics(recording: Recording, options: MetricOptions) -> Iterator[Statistics]:
    columns = recording.columns
    rows = columns.succeeded
    order = columns.started[rows]
    metrics = request_metrics(recording, options.streamed)
    answer, first = metrics["ttfa"][rows], metrics["ttft"][rows]
    if not ((answer != first) & ~np.isnan(answer)).any():
        del metrics["ttfa"]
    for name in DICTIONARY:
        if name in metrics and (options.streamed or name not in STREAMED_ONLY):
            found = describe(
                name,
                DICTIONARY[name].unit,
                metrics[name][rows],
                order,
                options.all_percentiles,
            )
            if found is not None:
                yield found
