"""What each measured request of a load shows, as arrays: for statistics of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aisbench.base.errors import AisbenchError
from aisbench.base.libraries import INSTALL_LOADS, LOADS, missing, not_installed
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.run import RunFolder
from aisbench.types.performance import PerformanceResult

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PLACES = ("row", "repeat", "turn", "conversation")
"""Columns of the recording that say which request it is."""


def measured_requests(run: RunFolder, load: PerformanceResult) -> dict[str, NDArray[np.float64]]:
    """See :meth:`aisbench.RunResult.request_metrics`. Raises DamageError, and AisbenchError where
    pyarrow is missing."""
    if lacking := missing(LOADS):
        raise AisbenchError(
            f"what a load recorded is read with {not_installed(lacking)}", hint=INSTALL_LOADS
        )
    import numpy as np

    from aisbench.metrics.requests import per_request_itl, request_metrics
    from aisbench.store.recording.parquet import read_recording

    recording = read_recording(LoadFolder(run.load(load.model, load.dataset, load.load)))
    columns = recording.columns
    chosen = np.flatnonzero(columns.succeeded)
    chosen = chosen[np.argsort(columns.started[chosen], kind="stable")]
    found = {name: columns[name][chosen].astype(np.float64) for name in PLACES}
    found["started"] = columns.started[chosen] / 1e9
    for name, values in request_metrics(recording, load.streamed).items():
        found[name] = values[chosen]
    if load.streamed:
        choice = str(load.settings.get("itl", "event"))
        found["itl"] = per_request_itl(recording, choice)[chosen]
    return found
