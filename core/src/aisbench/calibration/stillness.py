"""Whether the machine stood still while it was to be measured.

Time then passes in which the client could do nothing: what is measured late is no measure of it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from aisbench.store.recording.documents import WorkerReport

STALL_NS = 250_000_000
"""A process that was not let run for so long stood still: a busy machine's scheduler comes round
within some tens of milliseconds."""
STALLED_SHARE = 0.1
TAKEN_SHARE = 0.05
"""Share of the processors' time that a host (steal) or a control group may withhold."""
SUSPENDED_NS = 50_000_000
IDLE_SHARE = 0.5
"""A worker that was late with less of a core than that was not let run."""


@frozen(kw_only=True)
class Clocks:
    """What the system's clocks said at one time, ns; None where it does not tell."""

    running: int
    """CLOCK_MONOTONIC, which stops while a machine is suspended."""
    passed: int
    """CLOCK_BOOTTIME, which does not."""
    stolen: int | None
    """Of all processors, by the host of a virtual machine (proc(5), /proc/stat)."""
    throttled: int | None
    """For how long the control group's processes had to wait for their next share."""


def read_clocks(proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> Clocks:
    """The clocks now."""
    boot = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return Clocks(
        running=time.clock_gettime_ns(time.CLOCK_MONOTONIC),
        passed=time.clock_gettime_ns(boot),
        stolen=_stolen(proc / "stat"),
        throttled=_throttled(groups),
    )


def _stolen(path: Path) -> int | None:
    """The eighth number of the line "cpu", in ticks."""
    words = _read(path).partition("\n")[0].split()
    if len(words) < 9 or words[0] != "cpu" or not words[8].isdigit():
        return None
    return int(words[8]) * (1_000_000_000 // os.sysconf("SC_CLK_TCK"))


def _throttled(groups: Path) -> int | None:
    """Of version 2 in µs, of version 1 in ns."""
    for path, name, scale in (
        (groups / "cpu.stat", "throttled_usec", 1000),
        (groups / "cpu" / "cpu.stat", "throttled_time", 1),
    ):
        for line in _read(path).splitlines():
            key, _, value = line.partition(" ")
            if key == name and value.isdigit():
                return int(value) * scale
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def suspended_ns(before: Clocks, after: Clocks) -> int:
    """For how long the machine was suspended in between."""
    return (after.passed - before.passed) - (after.running - before.running)


def stood_still(
    before: Clocks,
    after: Clocks,
    stalls_ns: Sequence[int] = (),
    workers: Sequence[WorkerReport] = (),
    cpu_share: float = 1.0,
    cores: int | None = None,
) -> str:
    """Why the time in between measures nothing, in words; empty when it does.

    ``stalls_ns`` are the times for which the parent of the load was not let run; ``workers`` the
    reports of the workers, whose lateness counts where they used less than half a core
    (``cpu_share``): elapsed, and no work done.
    """
    elapsed = max(1, after.running - before.running)
    cores = cores or os.cpu_count() or 1
    if (asleep := suspended_ns(before, after)) > SUSPENDED_NS:
        return f"the machine was suspended for {asleep / 1e9:.1f} s"
    longest = max(stalls_ns, default=0)
    if cpu_share < IDLE_SHARE:
        lags = (lag for one in workers for lag in (*one.loop_lag_ns, *one.read_lag_ns))
        longest = max(longest, *lags, 0)
    if longest >= STALL_NS:
        return f"processes were not let run for up to {longest / 1e6:.0f} ms at once"
    if sum(stalls_ns) > STALLED_SHARE * elapsed:
        return (
            f"processes were not let run for {sum(stalls_ns) / elapsed:.0%} of the time, in "
            f"{len(stalls_ns)} pieces"
        )
    if before.stolen is not None and after.stolen is not None:
        share = (after.stolen - before.stolen) / (elapsed * cores)
        if share > TAKEN_SHARE:
            return f"the machine's host took {share:.0%} of its processors' time (steal)"
    if before.throttled is not None and after.throttled is not None:
        share = (after.throttled - before.throttled) / elapsed
        if share > TAKEN_SHARE:
            return f"its control group's processor limit held it back for {share:.0%} of the time"
    return ""
