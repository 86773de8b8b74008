"""What a program uses, as far as it can be seen from process 1: where no control group counts it,
this is what its memory is limited by.

Cheap figures first, which are never too low together; only when one of them passes the limit is
looked closer, so that honest programs whose processes share memory are not taken for large.
"""

from __future__ import annotations

import os
import time

from .namespaces import FOLDER

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing alone would cost a third of the start
    from typing import Any

    Spec = dict[str, Any]

PAGE = os.sysconf("SC_PAGE_SIZE")
TICK, SHORTEST = 0.02, 0.002
"""Seconds between looks: as long as one process needs for what is left of its memory."""
FASTEST = 8 << 30
"""Bytes a second that one core can touch for the first time."""
SOCKET = 212_992 * 2
"""Bytes that the two buffers of a socket hold by default; others cannot be set (``filter``)."""
AREA = 256
"""Bytes that the kernel keeps for each mapping, and about as much for each that a fork shares."""
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
        self._next = begun + took + max(self._pause, 9 * took)
        return found

    def _look(self, now: float) -> tuple[str, str]:
        self._pause = SLOW if self._grouped else TICK
        try:
            pids = [name for name in os.listdir("/proc") if name.isdigit() and name != "1"]
        except OSError:
            pids = []  # not mounted: each process has its own limit
        if len(pids) > self._processes:
            return "processes", f"{len(pids)}"
        folder = os.statvfs(FOLDER)
        if folder.f_files - folder.f_ffree > MOST_FILES:
            return "files", f"{folder.f_files - folder.f_ffree}"
        if now >= self._slowly:
            self._slowly = now + SLOW
            if _locked():
                return "memory", "locks of files"
            self._sockets = 0 if self._grouped else _sockets() * SOCKET
        if self._grouped:
            return "", ""
        outside = self._sockets + (folder.f_blocks - folder.f_bfree) * folder.f_frsize
        resident = size = 0
        for pid in pids:
            pages = _numbers(f"/proc/{pid}/statm")
            if len(pages) > 1:
                size += pages[0] * PAGE
                resident += pages[1] * PAGE
        used = resident + outside
        if used > self._memory or size > self._memory:
            used = _closely(pids) + outside
            if used > self._memory:
                return "memory", f"{used >> 20} MB"
        hands = max(1, min(len(pids), self._cores))
        self._pause = min(TICK, max(SHORTEST, (self._memory - used) / hands / FASTEST))
        return "", ""


def _numbers(path: str) -> list[int]:
    try:
        with open(path, "rb") as file:
            return [int(word) for word in file.read().split() if word.isdigit()]
    except OSError:
        return []


def _closely(pids: list[str]) -> int:
    """Bytes of all of them: what they share counts once, and memory that is shared for good counts
    whole, for it stays when it is not resident any more."""
    used = 0
    shared: dict[bytes, int] = {}
    areas = 0
    for pid in pids:
        used += _proportional(pid)
        try:
            with open(f"/proc/{pid}/maps", "rb") as file:
                for line in file:
                    areas += 1
                    if line.endswith(b"/dev/zero (deleted)\n"):
                        span, _, _, device, inode = line.split()[:5]
                        low, _, high = span.partition(b"-")
                        length = int(high, 16) - int(low, 16)
                        known = device + inode
                        shared[known] = max(shared.get(known, 0), length)
        except OSError:
            continue
    return used + sum(shared.values()) + areas * AREA * (4 + len(pids)) // 4


def _proportional(pid: str) -> int:
    """Bytes of a process's own, and its part of what it shares with others. All that is resident,
    where the kernel does not tell."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            told = dict(line.split(b":", 1) for line in file.read().splitlines() if b": " in line)
        return sum(
            int(told.get(name, b"0 kB").split()[0]) << 10 for name in (b"Pss_Anon", b"SwapPss")
        )
    except (OSError, ValueError):
        pages = _numbers(f"/proc/{pid}/statm")
        return (pages[1] - pages[2]) * PAGE if len(pages) > 2 else 0


def _sockets() -> int:
    """How many sockets are in this network."""
    try:
        with open("/proc/net/sockstat", "rb") as file:
            return int(file.readline().split()[2])
    except (OSError, ValueError, IndexError):
        return 0


def _locked() -> bool:
    """Whether there are very many locks of files, of which the kernel limits no number."""
    try:
        descriptor = os.open("/proc/locks", os.O_RDONLY)
    except OSError:
        return False
    try:
        size = 0
        while data := os.read(descriptor, 65_536):
            size += len(data)
            if size > MOST_LOCKED:
                return True
        return False
    finally:
        os.close(descriptor)
