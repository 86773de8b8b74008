"""What a program uses, as far as it can be seen from process 1: where no control group counts it,
this is what its memory is limited by.

Cheap figures first, which are never too low together; only when one of them passes the limit is
looked closer, so that honest programs whose processes share memory are not taken for large.
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
"""Seconds between looks: as long as one process needs for what is left of its memory, and longer
where a look itself takes long."""
CLOSELY = 0.05
"""Seconds that a closer look takes at most, unless it is held up."""
PATIENCE = 0.25
"""Seconds until a closer look that is held up is not waited for any more."""
FASTEST = 8 << 30
"""Bytes a second that one core can touch for the first time."""
SOCKET = 212_992 * 2
"""Bytes that the two buffers of a socket hold by default; others cannot be set (``filter``)."""
AREA = 256
"""Bytes that the kernel keeps for each mapping, and about as much for each that a fork shares."""
MOST_SESSIONS = 8
"""The kernel shares cores out by session (sched(7), autogroup): in many of them, a program would
take the time of those that run beside it, which are then too late."""
MOST_FILES = 8192
MOST_LOCKED = 65_536
"""Bytes of ``/proc/locks``: about a thousand locks, each of which is memory of the kernel's."""
SLOW = 0.05
"""Seconds between looks at what grows slowly, or what the kernel limits."""


class Watch:
    """Looks at everything inside but process 1."""

    def __init__(self, spec: Spec, grouped: bool) -> None:
        """``grouped``: a control group limits memory already."""
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
        """The limit that is broken, and what broke it; two empty texts where none is."""
        begun = time.monotonic()
        found = self._look(begun)
        took = time.monotonic() - begun
        # Looking shall not cost more than a tenth of the time.
        self._next = begun + took + max(self._pause, min(9 * took, LONGEST))
        return found

    def _look(self, now: float) -> tuple[str, str]:
        self._pause = SLOW if self._grouped else TICK
        pids = self._proc.pids()
        if len(pids) > self._processes:
            return "processes", f"{len(pids)} at once"
        if len(pids) > MOST_SESSIONS and (count := _sessions(self._proc, pids)) > MOST_SESSIONS:
            return "processes", f"in {count} sessions"
        folder = os.statvfs(FOLDER)
        if folder.f_files - folder.f_ffree > MOST_FILES:
            return "files", f"{folder.f_files - folder.f_ffree}"
        if now >= self._slowly:
            self._slowly = now + SLOW
            if _locked(self._proc):
                return "memory", "locks of files"
            self._sockets = 0 if self._grouped else _sockets(self._proc) * SOCKET
        if self._grouped:
            return "", ""
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
    """In a thread, which may be held up for seconds: the kernel locks the memory of a process
    while that forks, and one that does nothing else hardly lets go."""

    def __init__(self, proc: Proc) -> None:
        self._proc = proc
        self._done = _thread.allocate_lock()
        self._done.acquire()
        self._found = 0
        self._begun: float | None = None

    def ask(self, pids: list[str], most: int) -> int | None:
        """Bytes; None as long as they are not known."""
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
        self._found = most + 1  # should it fail
        try:
            self._found = _closely(self._proc, pids, most)
        finally:
            self._done.release()


def _closely(proc: Proc, pids: list[str], most: int) -> int:
    """Bytes of all of them, or of enough of them to be more than ``most``: what they share counts
    once, and memory that is shared for good counts whole, for it stays when it is not resident any
    more. Those for which there is no time count as the others do."""
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
    """How many areas a process maps; those that are shared and in no file enter ``shared``."""
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
    """Bytes of a process's own, and its part of what it shares with others. All that is resident,
    where the kernel does not tell."""
    try:
        lines = proc.read(f"{pid}/smaps_rollup").splitlines()
        told = dict(line.split(b":", 1) for line in lines if b": " in line)
        return sum(
            int(told.get(name, b"0 kB").split()[0]) << 10 for name in (b"Pss_Anon", b"SwapPss")
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
    """Whether there are very many locks of files, of which the kernel limits no number."""
    try:
        # The machine's own /proc shows everybody's.
        return proc.own and len(proc.read("locks", 2 * MOST_LOCKED)) > MOST_LOCKED
    except OSError:
        return False
