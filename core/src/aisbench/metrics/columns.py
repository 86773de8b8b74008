"""How a recording is measured, and what several of its measurements need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from attrs import frozen

from aisbench.metrics.concurrency import ConcurrencySweep, EvenWork, completed_work, in_flight
from aisbench.metrics.goodput import good
from aisbench.metrics.requests import empty, request_metrics
from aisbench.settings.slo import Slo
from aisbench.store.recording.columns import ABSENT, Columns, Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray


@frozen(kw_only=True)
class MetricOptions:
    """How a recording is measured."""

    percentiles: tuple[float, ...] = (50, 75, 90, 95, 99, 99.9)
    window_ns: int | None = None
    """Length of the windows of time that are measured one by one; None: none are."""
    slo: Slo | None = None
    itl: Literal["event", "read", "token"] = "event"
    """Which gaps a limit on ITL means; "token" also collects the gaps per token."""
    streamed: bool = True
    """False: answers came in one piece, which leaves no TTFT, TPOT or ITL."""
    max_concurrency: int | None = None
    """The concurrency that a closed loop asked for."""

    @property
    def all_percentiles(self) -> tuple[float, ...]:
        """Those asked for and those that the SLO needs, in order."""
        needed = self.slo.percentiles if self.slo is not None else ()
        return tuple(sorted({float(p) for p in (*self.percentiles, *needed)}))


@frozen(kw_only=True)
class DerivedColumns:
    """What several parts of a measurement need, worked out once; a value for each row."""

    recording: Recording
    options: MetricOptions
    empty: NDArray[np.bool_]
    """Answered, without a token."""
    good: NDArray[np.bool_] | None
    """None without an SLO on single requests."""
    read: NDArray[np.int64]
    """When the prompt had been worked through: the first token, else done."""
    metrics: dict[str, NDArray[np.float64]]
    sweep: ConcurrencySweep
    work: EvenWork

    @property
    def columns(self) -> Columns:
        """Those of the recording, with their masks."""
        return self.recording.columns


def derive(recording: Recording, options: MetricOptions) -> DerivedColumns:
    """Work it out."""
    columns = recording.columns
    first = columns["first_token"]
    slo = options.slo
    return DerivedColumns(
        recording=recording,
        options=options,
        empty=empty(recording, options.streamed),
        good=(
            good(recording, slo, options.itl, options.streamed)
            if slo is not None and slo.per_request
            else None
        ),
        read=np.where(first != ABSENT, first, columns["done"]),
        metrics=request_metrics(recording, options.streamed),
        sweep=in_flight(recording),
        work=completed_work(recording, options.streamed),
    )
