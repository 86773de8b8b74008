"""Growing loads, each measured by the client and known from the server's log."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import attrs
import numpy as np
from attrs import frozen

from aisbench.base.errors import AisbenchError
from aisbench.calibration.codec import OnePrompt, PlainBackend
from aisbench.calibration.server import FastServer, Pace
from aisbench.calibration.stillness import read_clocks, stood_still
from aisbench.config.load_keys import LoadSettings
from aisbench.config.suite import ServiceSettings
from aisbench.loadgen.capacity import allow_files, plan_capacity
from aisbench.loadgen.coordinator import LoadRun, first_document
from aisbench.loadgen.live import LiveLoad
from aisbench.loadgen.spec import SECOND, LoadSpec
from aisbench.store.recording.conversion import convert
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.recording.parquet import read_recording
from aisbench.store.redactor import Redactor
from aisbench.types.load import ClosedLoop, VirtualClient

MEAN_MS = 1.5
TAIL_MS = 6.0
SHARE = 0.01
"""Figures are called true while the client's mean TTFT is within MEAN_MS of the server's log and
the 99th percentile within TAIL_MS, or both within this share of the truth."""
MS = 1_000_000


@frozen(kw_only=True)
class Level:
    """One load: what came in, and how far the client's TTFT is from the truth."""

    in_flight: int
    events_per_s: float
    truth_ms: float
    """The server's own mean TTFT."""
    mean_gap_ms: float
    tail_gap_ms: float
    cpu_share: float
    stood_still: str = ""
    """Why the machine did not let the client run, in words; empty when it did."""

    @property
    def true(self) -> bool:
        """Whether figures at this load can be trusted."""
        allowed = SHARE * self.truth_ms
        return self.mean_gap_ms <= max(MEAN_MS, allowed) and self.tail_gap_ms <= max(
            TAIL_MS, allowed
        )


FAST = Pace(ttft_ns=50 * MS, tpot_ns=10 * MS, tokens=32)
SLOW = Pace(ttft_ns=1000 * MS, tpot_ns=250 * MS, tokens=4)
FLAT_OUT = Pace(ttft_ns=0, tpot_ns=0, tokens=64)
FAST_LEVELS = (50, 100, 200, 400, 800, 1200, 1600, 2400, 3200)
SLOW_LEVELS = (1000, 2000, 4000, 8000, 12000, 16000)
ROUNDS = 4
"""Requests of each client in a level with fast tokens."""


def flat_out() -> float:
    """Events a second of one process when nothing but the client limits them. Raises
    AisbenchError when the machine stood still."""
    level = _run(FLAT_OUT, 64, 4000)
    if level.stood_still:
        raise refusal("flat out", level.stood_still)
    return level.events_per_s


def refusal(where: str, reason: str) -> AisbenchError:
    """Of a calibration that measured something else than the client."""
    return AisbenchError(
        f"the calibration is refused and nothing is kept: {reason} ({where})",
        hint="close what else runs here, or give this machine (its container) the processor time "
        "that it will have in a load, and call again; an earlier calibration still holds",
    )


def believed(level: Level) -> Level:
    """``level``, as far as its truth can be told.

    Figures that were right are right however little the machine let the client run; wrong ones
    are the client's only if it ran. Raises AisbenchError else.
    """
    if not level.true and level.stood_still:
        raise refusal(f"at {level.in_flight} requests in flight", level.stood_still)
    return level


def fast_tokens() -> Iterator[Level]:
    """More and more clients at 100 tokens/s each, until the figures are no longer true.

    Raises AisbenchError when they were not, and the machine stood still.
    """
    for in_flight in FAST_LEVELS:
        level = believed(_run(FAST, in_flight, in_flight * ROUNDS))
        yield level
        if not level.true:
            return


def many_connections() -> Iterator[Level]:
    """More and more clients at 4 tokens/s each, until the figures are no longer true, or the
    system allows no more. Raises AisbenchError as :func:`fast_tokens` does."""
    for in_flight in SLOW_LEVELS:
        try:
            level = _run(SLOW, in_flight, in_flight)
        except AisbenchError:
            return
        yield believed(level)
        if not level.true:
            return


def _run(pace: Pace, in_flight: int, requests: int) -> Level:
    with FastServer(pace) as server, tempfile.TemporaryDirectory() as scratch:
        settings = LoadSettings(workers=1, warm_up=8)
        schedule = ClosedLoop(clients=[VirtualClient()] * in_flight)
        capacity = plan_capacity(settings, schedule, [server.url])
        allow_files()
        folder = LoadFolder(Path(scratch) / "load")
        spec = LoadSpec(
            label="calibration",
            service=ServiceSettings(),
            codec=PlainBackend(),
            conversations=OnePrompt(pace.tokens),
            model="calibration",
            urls=[server.url],
            headers={},
            settings=settings,
            schedule=schedule,
            requests=requests,
            duration_ns=None,
            seed=0,
            nonce="calibration",
            folder=folder.path,
            workers=1,
            connections=capacity.connections,
            most_connections=capacity.most_connections,
            sources=capacity.sources,
            keep_answers=False,
            abort_after=20,
            session=1,
            redactor=Redactor(),
        )
        running = LoadRun(
            spec=spec,
            document=first_document(spec, "calibration", {}),
            live=LiveLoad(label="calibration"),
            headers={},
            scrape_urls=(),
        )
        before = read_clocks()
        running.execute(_nothing)
        after = read_clocks()
        if running.error is not None:
            raise running.error
        convert(folder, running.document.zero_ns, {})
        level = _compare(folder, server.log(), in_flight, requests, running)
        reason = stood_still(
            before, after, running.stalls, running.document.workers, level.cpu_share
        )
        return attrs.evolve(level, stood_still=reason)


@contextlib.asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield


def _compare(
    folder: LoadFolder, log: list[int], in_flight: int, requests: int, running: LoadRun
) -> Level:
    recording = read_recording(folder)
    columns = recording.columns
    measured = columns.measured
    seen = (columns["first_token"] - columns["sent"])[measured] / MS
    truth = np.asarray(log, dtype=np.int64).reshape(-1, 3)[-requests:]
    true = (truth[:, 1] - truth[:, 0]) / MS
    span = int(columns["done"][measured].max() - columns["sent"][measured].min())
    counters = running.document.counters[0]
    return Level(
        in_flight=in_flight,
        events_per_s=float(columns["events"][measured].sum()) / span * SECOND,
        truth_ms=float(true.mean()),
        mean_gap_ms=float(seen.mean() - true.mean()),
        tail_gap_ms=float(np.percentile(seen, 99) - np.percentile(true, 99)),
        cpu_share=counters.cpu_ns / max(counters.wall_ns, 1),
    )
