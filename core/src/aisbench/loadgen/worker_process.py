"""A worker process of a load: connect, warm up, wait for the start, run, report."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import time
import traceback

from aisbench.base.clock import now_ns
from aisbench.base.errors import AisbenchError
from aisbench.base.gc_pause import seldom_collected
from aisbench.base.orphans import leave_signals_to
from aisbench.loadgen.shared_counters import (
    STATE_BROKEN,
    STATE_ENDED,
    STATE_READY,
    STATE_RUNNING,
    SharedCounters,
)
from aisbench.loadgen.spec import LoadSpec
from aisbench.loadgen.worker_loop import LoadWorker
from aisbench.store.recording.documents import (
    BreakerTrip,
    WorkerError,
    WorkerRecorded,
    WorkerReport,
    dump_report,
)
from aisbench.store.recording.folder import LoadFolder

START_POLL_SECONDS = 0.001


def work(spec: LoadSpec, shared: SharedCounters, index: int, parent: int) -> None:
    """The process's whole life; what went wrong is told in ``worker-N.json``, and through the
    shared memory where no file can be written."""
    # A terminal's Ctrl-C reaches all processes of the group, and so does its end.
    leave_signals_to(parent)
    report = WorkerReport(worker=index, pid=os.getpid())
    counters = shared.worker(index)
    state = STATE_ENDED
    try:
        _run(spec, shared, index, report)
    except AisbenchError as error:
        report.error = WorkerError(message=error.message, hint=error.hint)
        state = STATE_BROKEN
    except BaseException:  # noqa: BLE001 - the parent shows it
        report.bug = traceback.format_exc()
        state = STATE_BROKEN
    report.max_rss_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    path = LoadFolder(spec.folder).report(index)
    try:
        path.write_bytes(dump_report(report, spec.redactor.error))
    except OSError as error:
        shared.say(index, f"{path}: cannot be written: {error.strerror or error}")
        state = STATE_BROKEN
    counters["state"] = state


def _run(spec: LoadSpec, shared: SharedCounters, index: int, report: WorkerReport) -> None:
    import uvloop

    async def main() -> None:
        worker = LoadWorker(spec, shared, index)
        try:
            await worker.prepare()
            # Nothing of what was made until now is looked at by the collector again.
            gc.collect()
            with seldom_collected():
                await _load(worker, spec, shared, index, report)
        finally:
            report.loop_lag_ns = tuple(worker.loop_lags)
            report.read_lag_ns = tuple(shared.canaries[index].lags)
            await worker.close()
            recorder = worker.recorder
            # Only of what is on the disk: the conversion compares it with what it finds.
            report.recorded = WorkerRecorded(
                requests=recorder.count, failures=recorder.failed, answers=recorder.answered
            )

    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    # Never closed: the process is about to end, and uvloop's close() can wait for ever for a
    # connection that was still being opened, while the coordinator waits for this worker.
    loop.run_until_complete(main())


async def _load(
    worker: LoadWorker, spec: LoadSpec, shared: SharedCounters, index: int, report: WorkerReport
) -> None:
    """From when the worker is ready to the last answer."""
    counters = shared.worker(index)
    counters["state"] = STATE_READY
    while not shared["start"]:
        if shared["stop"]:
            return
        await asyncio.sleep(START_POLL_SECONDS)
    start = shared["start"]
    counters["state"] = STATE_RUNNING
    worker.loop_lags.clear()
    canary = shared.canaries[index]
    canary.listen(asyncio.get_running_loop())
    cpu, begun = time.process_time_ns(), now_ns()
    await worker.run(start)
    counters["cpu_ns"] = time.process_time_ns() - cpu
    counters["wall_ns"] = now_ns() - begun
    if worker.tripped is not None:
        report.tripped = BreakerTrip(
            kind=worker.tripped.kind.value,
            message=worker.tripped.message,
            body=worker.tripped.body or "",
        )
