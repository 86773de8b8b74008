"""The series of a load of a run, from its files."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from aisbench.base.errors import AisbenchError
from aisbench.base.libraries import INSTALL_LOADS, LOADS, missing, not_installed
from aisbench.store.journal import read_rows
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.rows import converter
from aisbench.store.run import RunFolder, understanding
from aisbench.types.performance import PerformanceResult
from aisbench.types.series import DeviceLine, LoadSeries, ServerLine


def series_of(run: RunFolder, load: PerformanceResult) -> LoadSeries:
    """Aggregate it. Raises DamageError, AisbenchError where numpy or pyarrow is missing."""
    if lacking := missing(LOADS):
        raise AisbenchError(
            f"what a load recorded is read with {not_installed(lacking)}", hint=INSTALL_LOADS
        )
    from aisbench.metrics.columns import MetricOptions
    from aisbench.metrics.series import SeriesLabels, load_series
    from aisbench.store.recording.parquet import read_recording

    folder = LoadFolder(run.load(load.model, load.dataset, load.load))
    document = folder.document()
    options = MetricOptions(
        percentiles=tuple(_percentiles(load)),
        streamed=load.streamed,
        max_concurrency=document.in_flight,
    )
    labels = SeriesLabels(
        model=load.model, dataset=load.dataset, load=load.load, open_loop=document.open_loop
    )
    server = _server(folder, document.zero_ns)
    series = load_series(read_recording(folder), options, labels, server)
    return attrs.evolve(series, devices=_devices(folder, document.zero_ns))


def _devices(folder: LoadFolder, zero_ns: int) -> tuple[DeviceLine, ...]:
    from aisbench.telemetry.device_files import read_devices
    from aisbench.telemetry.device_summary import device_lines

    record = read_devices(folder.path)
    return () if record is None else device_lines(record, zero_ns)


def _percentiles(load: PerformanceResult) -> Iterator[float]:
    """Those that the figures of the load have: the curves pass through the same points."""
    names = {
        name
        for part in load.populations[:1]
        for one in part.statistics
        for name in one.percentiles
    }
    yield from sorted(float(name.removeprefix("p")) for name in names)


def _server(folder: LoadFolder, zero_ns: int) -> tuple[ServerLine, ...]:
    if not folder.scrapes.exists():
        return ()
    from aisbench.telemetry.over_time import server_lines
    from aisbench.telemetry.reading import Scrape

    with understanding(folder.scrapes):
        scrapes = [converter().structure(row, Scrape) for row in read_rows(folder.scrapes)]
    return server_lines(scrapes, zero_ns)
