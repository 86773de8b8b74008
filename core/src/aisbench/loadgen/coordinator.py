"""Running one load: fork the workers, start them together, watch, and gather what they wrote."""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.process
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs
import orjson
from attrs import define, field

from aisbench.base.clock import now_ns, wall_time
from aisbench.base.errors import AisbenchError, ServerError
from aisbench.config.load_keys import Until, scraped
from aisbench.loadgen.canary import PERIOD_SECONDS
from aisbench.loadgen.live import LiveLoad, Tail
from aisbench.loadgen.shared_counters import (
    STATE_BROKEN,
    STATE_ENDED,
    STATE_STARTING,
    STOP_ALL,
    STOP_NEW,
    SharedCounters,
)
from aisbench.loadgen.spec import LoadSpec
from aisbench.loadgen.worker_process import work
from aisbench.metrics.intervals import Z95
from aisbench.store.files import write_atomically
from aisbench.store.recording.documents import (
    LoadDocument,
    WorkerError,
    WorkerReport,
    read_report,
    write_document,
)
from aisbench.store.recording.folder import LoadFolder
from aisbench.telemetry.device_process import DeviceWatch, WatchedDevices
from aisbench.types.json import JsonObject
from aisbench.types.load import OpenLoop

if TYPE_CHECKING:
    from aisbench.telemetry.reading import Scrape

LOOK_SECONDS = 0.2
STALL_NS = 20_000_000
START_AFTER_NS = 20_000_000
"""Between the decision to start and the start: every worker must have seen it."""


@define
class LoadRun:
    """One load while it runs. ``stop`` asks it to end: twice means at once."""

    spec: LoadSpec
    document: LoadDocument
    """What load.json holds; completed at the end."""
    live: LiveLoad
    headers: dict[str, str]
    scrape_urls: tuple[str, ...]
    devices: tuple[WatchedDevices, ...] = ()
    """What reads devices while it runs."""
    shared: SharedCounters = field(init=False)
    scrapes: list[Scrape] = field(factory=list)
    stalls: list[int] = field(factory=list)
    """ns for which this process was not let run: the machine stood still (a virtual one may), or
    had no core left."""
    reason: str = ""
    error: AisbenchError | None = None
    """What went wrong with a worker, for the user; what was recorded is kept."""
    _processes: list[multiprocessing.process.BaseProcess] = field(factory=list)
    _pause: float = LOOK_SECONDS

    def __attrs_post_init__(self) -> None:
        self.shared = SharedCounters(self.spec.workers)

    def stop(self) -> None:
        """Begin nothing new; the second time, cancel what is in flight."""
        self.reason = "stopped by the user"
        self.shared["stop"] = STOP_NEW if not self.shared["stop"] else STOP_ALL

    def execute(self, around: Callable[[], Any]) -> None:
        """Run to the end. ``around`` makes what is entered while it runs (a display).

        Raises RuntimeError for a bug in a worker; anything else is left in ``error``.
        """
        spec = self.spec
        self._keep(self.document)
        # What is buffered now would be written by each child as well.
        sys.stdout.flush()
        sys.stderr.flush()
        watch = DeviceWatch(self.devices, spec.folder, spec.redactor.row)
        try:
            watch.begin(lambda: bool(self.shared["stop"]))
            self._load(around)
        finally:
            watch.end()
        self._gather()

    def _load(self, around: Callable[[], Any]) -> None:
        """Fork the workers, and watch them to their end."""
        spec = self.spec
        context = multiprocessing.get_context("fork")
        self._processes = [
            context.Process(target=work, args=(spec, self.shared, index, os.getpid()), daemon=True)
            for index in range(spec.workers)
        ]
        for process in self._processes:
            process.start()
        try:
            asyncio.run(self._watch(around))
        finally:
            for process in self._processes:
                if process.is_alive():
                    process.kill()
                process.join()
            self.shared.close()

    async def _watch(self, around: Callable[[], Any]) -> None:
        async with around():
            await self._until(lambda: STATE_STARTING not in self.shared.states(), "warming up")
            if STATE_BROKEN in self.shared.states() or not self._alive():
                self.shared["stop"] = STOP_ALL
                return
            over = asyncio.Event()
            scraping = None
            if self.scrape_urls:
                from aisbench.telemetry.scrape import scrape_while

                scraping = asyncio.create_task(
                    scrape_while(
                        self.scrape_urls,
                        self.spec.settings.scrape_interval,
                        over,
                        self.headers,
                        scraped(self.spec.settings),
                    )
                )
                await asyncio.sleep(0.2)  # one reading lies before the start
            self.shared["start"] = now_ns() + START_AFTER_NS
            # For a report, should all be killed.
            self._keep(attrs.evolve(self.document, start_ns=self.shared["start"]))
            self.live.phase = "running"
            chirping = asyncio.create_task(self._chirp())
            tail = Tail(self.spec.folder, self.spec.workers)
            ready = {STATE_ENDED, STATE_BROKEN}
            looks = 0
            while not set(self.shared.states()) <= ready:
                if not self._alive():
                    self.shared["stop"] = STOP_ALL
                    break
                self.live.read(self.shared)
                looks += 1
                if looks % 4 == 0:
                    tail.look(self.live)
                    self._stop_when_known(tail)
                if STATE_BROKEN in self.shared.states():
                    self.shared["stop"] = STOP_ALL
                await asyncio.sleep(self._pause)
            chirping.cancel()
            self.live.read(self.shared)
            if scraping is not None:
                over.set()
                self.scrapes = await scraping

    async def _chirp(self) -> None:
        """Feed the canaries, and notice when this process itself was not let run."""
        period = int(PERIOD_SECONDS * 1e9)
        while True:
            for canary in self.shared.canaries:
                canary.chirp()
            before, used = now_ns(), time.process_time_ns()
            await asyncio.sleep(PERIOD_SECONDS)
            idle = now_ns() - before - (time.process_time_ns() - used)
            if idle - period > STALL_NS:
                self.stalls.append(idle - period)

    async def _until(self, done: Callable[[], bool], phase: str) -> None:
        while not done() and self._alive():
            self.live.read(self.shared)
            if self.live.sent:
                self.live.phase = phase
            await asyncio.sleep(0.01)

    def _alive(self) -> bool:
        """Whether no worker died without a word."""
        return all(
            process.is_alive() or self.shared.worker(index)["state"] >= STATE_ENDED
            for index, process in enumerate(self._processes)
        )

    def _stop_when_known(self, tail: Tail) -> None:
        """Stop when the mean that the suite names is known well enough."""
        until = self.spec.settings.until
        if until is None or self.shared["measured_end"] or tail.measured < until.requests:
            return
        if _width(until, tail) <= until.width:
            self.shared["measured_end"] = now_ns()
            self.reason = (
                f"the mean {until.metric} is known to {until.width:.1%} after {tail.measured} "
                "requests (load.until)"
            )

    def _gather(self) -> None:
        """Complete load.json, and take over what the workers had to tell."""
        folder = LoadFolder(self.spec.folder)
        reports = [
            self._report(folder, index, process) for index, process in enumerate(self._processes)
        ]
        tripped = [one.tripped for one in reports if one.tripped is not None]
        if tripped and not self.reason:
            self.reason = (
                f"{self.spec.abort_after} requests in a row failed in the same way "
                f"(suite.abort_after = {self.spec.abort_after}): {tripped[0].message}"
            )
        ended_early = self.shared["stop"] != 0 or any(one.broken for one in reports)
        if self.scrapes:
            # Before load.json says that the load is finished: it is not run again then.
            write_atomically(
                folder.scrapes,
                b"".join(
                    self.spec.redactor.row(
                        orjson.dumps(attrs.asdict(one), option=orjson.OPT_APPEND_NEWLINE)
                    )
                    for one in self.scrapes
                ),
            )
        self._keep(
            attrs.evolve(
                self.document,
                state="interrupted" if ended_early else "finished",
                reason=self.reason,
                ended=wall_time(),
                start_ns=self.shared["start"],
                workers=tuple(reports),
                stalls_ns=tuple(self.stalls),
                memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                counters=tuple(
                    self.shared.worker(index).totals() for index in range(self.spec.workers)
                ),
            )
        )
        for index in range(self.spec.workers):
            folder.report(index).unlink(missing_ok=True)
        for one in reports:
            self._tell(one)

    def _report(
        self, folder: LoadFolder, index: int, process: multiprocessing.process.BaseProcess
    ) -> WorkerReport:
        """What a worker told in its file, else in shared memory, else by its end."""
        path = folder.report(index)
        if path.exists():
            return read_report(path)
        if words := self.shared.said(index):
            return WorkerReport(worker=index, error=WorkerError(message=words, hint=""))
        return WorkerReport(worker=index, died=process.exitcode)

    def _tell(self, report: WorkerReport) -> None:
        """Leave a worker's trouble in ``error``. Raises RuntimeError for a bug."""
        if report.error is not None:
            error = report.error
            self.error = ServerError(f"{self.spec.label}: {error.message}", hint=error.hint)
        if report.bug is not None:
            raise RuntimeError(f"a worker of the load broke:\n{report.bug}")
        if report.died is not None:
            self.error = ServerError(
                f"a worker process of the load ended with code {report.died} (killed, or out of "
                "memory?)",
                hint="what it wrote until then is shown by: aisbench report",
            )

    def _keep(self, document: LoadDocument) -> None:
        """Make ``document`` the load's, in memory and in load.json. Raises StoreError."""
        self.document = document
        path = LoadFolder(self.spec.folder).load_json
        write_document(path, document, self.spec.redactor.error)


def _width(until: Until, tail: Tail) -> float:
    """Half the 95 % interval's width of the mean, as a share of it; requests taken as
    independent, which they are nearly when many are served at once."""
    count, total, squares = tail.sums.get(until.metric, (0, 0.0, 0.0))
    if count < 2 or total <= 0:
        return float("inf")
    mean = total / count
    variance = max(0.0, (squares - count * mean * mean) / (count - 1))
    return float(Z95 * (variance / count) ** 0.5 / mean)


def first_document(
    spec: LoadSpec,
    label: str,
    asked: JsonObject,
    *,
    shape: str = "",
    in_flight: int | None = None,
) -> LoadDocument:
    """What load.json says before the load runs."""
    return LoadDocument(
        label=label,
        shape=shape,
        asked=asked,
        settings=attrs.asdict(spec.settings),
        model=spec.model,
        urls=tuple(spec.urls),
        stream=spec.service.stream,
        seed=spec.seed,
        nonce=spec.nonce,
        requests=spec.requests,
        duration_ns=spec.duration_ns,
        open_loop=isinstance(spec.schedule, OpenLoop),
        in_flight=in_flight,
        workers_planned=spec.workers,
        sources=tuple(spec.sources),
        began=wall_time(),
        clock_ns=now_ns(),
    )
