"""What a program uses, as process 1 can see it. Where no control group counts it, its memory is
limited by this.

Cheap figures come first, which together are never too low. Only when one of them passes the limit
is a closer look taken, so that programs whose processes share memory do not seem too large.
"""

from __future__ import annotations

import _thread
import os
import time

from .namespaces import FOLDER
from .proc import Proc

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing alone would cost a third of the start
    from typing import Any

    Spec = dict[str, Any]

PAGE = os.sysconf("SC_PAGE_SIZE")
TICK, SHORTEST, LONGEST = 0.02, 0.002, 0.2
"""Seconds between looks: the time that a process needs at least to use up what is left, and more
where a look itself takes long."""
CLOSELY = 0.05
"""Seconds that a closer look takes at most, unless it is held up."""
PATIENCE = 0.25
"""Seconds after which a closer look that is held up is no longer waited for."""
FASTEST = 8 << 30
"""Bytes a second that one core can touch for the first time."""
SOCKET = 212_992 * 2
"""Bytes that the two buffers of a socket hold by default; ``filter`` forbids other sizes."""
AREA = 256
"""Bytes that the kernel keeps for each mapping, and about as many for each that a fork shares."""
MOST_SESSIONS = 8
"""The kernel shares cores among sessions (sched(7), autogroup): with many of them a program would
take the time of those that run beside it, which would then be too late."""
MOST_FILES = 8192
MOST_LOCKED = 65_536
"""Bytes of ``/proc/locks``: about a thousand locks, each of which is memory of the kernel's."""
SLOW = 0.05
"""Seconds between looks at what grows slowly, or what the kernel limits."""


class Watch:
    """Looks at everything inside except process 1."""

    def __init__(self, spec: Spec, grouped: bool) -> None:
        """``grouped``: a control group already limits the memory."""
        self._memory = spec["limits"]["memory"] << 20
        self._processes = 2 * spec["limits"]["processes"]
        self._grouped = grouped
        self._next = time.monotonic() + TICK
        self._pause = self._slowly = 0.0
        self._sockets = 0
        self._proc = Proc(spec.get("proc"))
        self._closer = CloserLook(self._proc)
        self._cores = os.cpu_count() or 1

    def pause(self) -> float:
        """Seconds until the next look."""
        return max(0.0, self._next - time.monotonic())

    def look(self) -> tuple[str, str]:
        """The limit that is broken, and by what; two empty texts where none is."""
        begun = time.monotonic()
        found = self._look(begun)
        took = time.monotonic() - begun
        # Looking takes a tenth of the time at most.
        self._next = begun + took + max(self._pause, min(9 * took, LONGEST))
        return found

    def _look(self, now: float) -> tuple[str, str]:
        self._pause = SLOW if self._grouped else TICK
        pids = self._proc.pids()
        folder = os.statvfs(FOLDER)
        broken = self._broken_count(pids, folder) or self._slowly_grown(now)
        if broken or self._grouped:
            return broken or ("", "")
        return self._look_at_memory(now, pids, folder)

    def _broken_count(self, pids: list[str], folder: os.statvfs_result) -> tuple[str, str] | None:
        if len(pids) > self._processes:
            return "processes", f"{len(pids)} at once"
        if len(pids) > MOST_SESSIONS and (count := _sessions(self._proc, pids)) > MOST_SESSIONS:
            return "processes", f"in {count} sessions"
        files = folder.f_files - folder.f_ffree
        return ("files", f"{files}") if files > MOST_FILES else None

    def _slowly_grown(self, now: float) -> tuple[str, str] | None:
        if now < self._slowly:
            return None
        self._slowly = now + SLOW
        if _locked(self._proc):
            return "memory", "locks of files"
        self._sockets = 0 if self._grouped else _sockets(self._proc) * SOCKET
        return None

    def _look_at_memory(
        self, now: float, pids: list[str], folder: os.statvfs_result
    ) -> tuple[str, str]:
        outside = self._sockets + (folder.f_blocks - folder.f_bfree) * folder.f_frsize
        resident = size = private = 0
        for pid in pids:
            pages = _numbers(self._proc, f"{pid}/statm")
            if len(pages) > 2:
                size += pages[0] * PAGE
                resident += pages[1] * PAGE
                private += (pages[1] - pages[2]) * PAGE
        used = resident + outside
        if used > self._memory or size > self._memory:
            found = self._closer.ask(pids, self._memory)
            if found is None:  # held up
                found = private if self._closer.late(now) else 0
            used = found + outside
            if used > self._memory:
                return "memory", f"{used >> 20} MB"
        hands = max(1, min(len(pids), self._cores))
        self._pause = min(TICK, max(SHORTEST, (self._memory - used) / hands / FASTEST))
        return "", ""


def _numbers(proc: Proc, name: str) -> list[int]:
    try:
        return [int(word) for word in proc.read(name).split() if word.isdigit()]
    except OSError:
        return []


def _sessions(proc: Proc, pids: list[str]) -> int:
    found = set()
    for pid in pids:
        try:
            found.add(proc.read(f"{pid}/stat").rpartition(b")")[2].split()[3])
        except (OSError, IndexError):
            continue
    return len(found)


class CloserLook:
    """Taken in a thread, which may be held up for seconds: the kernel locks a process's memory
    while it forks, and a process that does nothing else keeps it locked nearly all the time."""

    def __init__(self, proc: Proc) -> None:
        self._proc = proc
        self._done = _thread.allocate_lock()
        self._done.acquire()
        self._found = 0
        self._begun: float | None = None

    def ask(self, pids: list[str], most: int) -> int | None:
        """Bytes in use; None while they are not known."""
        if self._begun is None:
            self._begun = time.monotonic()
            _thread.start_new_thread(self._look, (pids, most))
        if not self._done.acquire(timeout=CLOSELY):
            return None
        self._begun = None
        return self._found

    def late(self, now: float) -> bool:
        return self._begun is not None and now - self._begun > PATIENCE

    def _look(self, pids: list[str], most: int) -> None:
        self._found = most + 1  # if it fails
        try:
            self._found = _closely(self._proc, pids, most)
        finally:
            self._done.release()


def _closely(proc: Proc, pids: list[str], most: int) -> int:
    """Bytes of all of them, or of enough of them to exceed ``most``. What they share counts once,
    and shared mappings count whole, as they stay when they are no longer resident. Processes for
    which there is no time count like the average of the others."""
    end = time.monotonic() + CLOSELY
    own = areas = seen = 0
    shared: dict[bytes, int] = {}
    for pid in pids:
        own += _proportional(proc, pid)
        areas += _mapped(proc, pid, shared)
        seen += 1
        if own > most or time.monotonic() > end:
            break
    count = len(pids)
    own += areas * AREA * (4 + count) // 4
    return own * count // max(1, seen) + sum(shared.values())


def _mapped(proc: Proc, pid: str, shared: dict[bytes, int]) -> int:
    """How many areas a process maps. The size of shared ones without a file goes to ``shared``."""
    try:
        lines = proc.read(f"{pid}/maps").splitlines()
    except OSError:
        return 0
    for line in lines:
        if line.endswith(b"/dev/zero (deleted)"):
            span, _, _, device, inode = line.split()[:5]
            low, _, high = span.partition(b"-")
            known = device + b" " + inode
            shared[known] = max(shared.get(known, 0), int(high, 16) - int(low, 16))
    return len(lines)


def _proportional(proc: Proc, pid: str) -> int:
    """A process's own bytes and its share of those that it shares with others; everything that is
    resident, where the kernel does not say."""
    try:
        lines = proc.read(f"{pid}/smaps_rollup").splitlines()
        sizes = dict(line.split(b":", 1) for line in lines if b": " in line)
        return sum(
            int(sizes.get(name, b"0 kB").split()[0]) << 10 for name in (b"Pss_Anon", b"SwapPss")
        )
    except (OSError, ValueError):
        pages = _numbers(proc, f"{pid}/statm")
        return (pages[1] - pages[2]) * PAGE if len(pages) > 2 else 0


def _sockets(proc: Proc) -> int:
    """How many sockets are in this network."""
    try:
        return int(proc.read("net/sockstat").split(b"\n")[0].split()[2])
    except (OSError, ValueError, IndexError):
        return 0


def _locked(proc: Proc) -> bool:
    """Whether there are very many file locks, whose number the kernel does not limit."""
    try:
        # The machine's own /proc shows those of all processes.
        return proc.own and len(proc.read("locks", 2 * MOST_LOCKED)) > MOST_LOCKED
    except OSError:
        return False
