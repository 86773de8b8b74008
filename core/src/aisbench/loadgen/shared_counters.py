"""Counters and signals that the processes of a load share, in one block of memory."""

from __future__ import annotations

import multiprocessing
import multiprocessing.synchronize
from mmap import mmap

import attrs

from aisbench.loadgen.canary import Canary
from aisbench.store.recording.documents import WorkerTotals

HEADER = ("start", "stop", "next", "measured_end")
"""``start``: when the clock of the load starts (ns; 0: not yet). ``stop``: see STOP_*.
``next``: number of the next conversation in a closed loop. ``measured_end``: when the measured
part ended (ns; 0: not yet)."""

_NEXT = HEADER.index("next")

STOP_NEW = 1
"""Begin nothing new; what is in flight is finished."""
STOP_ALL = 2
"""Cancel what is in flight."""

COUNTERS = tuple(attrs.fields_dict(WorkerTotals))
"""Counters of each worker, which :class:`WorkerTotals` defines; a slot each, in its order."""

STATE_STARTING = 0
STATE_READY = 1
STATE_RUNNING = 2
STATE_ENDED = 3
STATE_BROKEN = 4
"""Its fault breaker tripped, or it could not warm up; ``worker-N.json`` says why."""


WORDS_BYTES = 512
"""For a message of each worker that cannot write a file."""


class SharedCounters:
    """Made before the workers are forked; afterwards all see the same numbers.

    Every counter has one writer; 8-byte stores are not torn. ``next`` alone is shared, and
    claimed under a lock.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        slots = len(HEADER) + workers * len(COUNTERS)
        self._memory = mmap(-1, slots * 8 + workers * WORDS_BYTES)
        self._view = memoryview(self._memory)[: slots * 8].cast("q")
        self._words = memoryview(self._memory)[slots * 8 :]
        context = multiprocessing.get_context("fork")
        self.canaries = [Canary() for _ in range(workers)]
        self._lock: multiprocessing.synchronize.Lock = context.Lock()

    def __getitem__(self, name: str) -> int:
        return self._view[HEADER.index(name)]

    def __setitem__(self, name: str, value: int) -> None:
        self._view[HEADER.index(name)] = value

    def close(self) -> None:
        """Close the canaries' pipes, in the parent."""
        for canary in self.canaries:
            canary.close()

    def claim(self, limit: int | None) -> int | None:
        """The number of the next conversation, which then belongs to the caller; None at the
        limit."""
        if self.workers == 1:
            number = self._view[_NEXT]
            if limit is not None and number >= limit:
                return None
            self._view[_NEXT] = number + 1
            return number
        with self._lock:
            number = self._view[_NEXT]
            if limit is not None and number >= limit:
                return None
            self._view[_NEXT] = number + 1
        return number

    def worker(self, index: int) -> WorkerCounters:
        """One worker's counters."""
        base = len(HEADER) + index * len(COUNTERS)
        return WorkerCounters(self._view[base : base + len(COUNTERS)])

    def say(self, index: int, words: str) -> None:
        """Leave a worker's message for the parent."""
        text = words.encode("utf-8", "replace")[: WORDS_BYTES - 1]
        self._words[index * WORDS_BYTES : index * WORDS_BYTES + len(text)] = text

    def said(self, index: int) -> str:
        """The message that a worker left; empty if it left none."""
        text = bytes(self._words[index * WORDS_BYTES : (index + 1) * WORDS_BYTES])
        return text.rstrip(b"\0").decode("utf-8", "replace")

    def total(self, name: str) -> int:
        """The sum over all workers."""
        place = len(HEADER) + COUNTERS.index(name)
        return sum(self._view[place + index * len(COUNTERS)] for index in range(self.workers))

    def states(self) -> list[int]:
        """The state of each worker."""
        return [self.worker(index)["state"] for index in range(self.workers)]


class WorkerCounters:
    """One worker's slots. Hot paths keep the place of a name instead of looking it up."""

    def __init__(self, view: memoryview) -> None:
        self.view = view

    def __getitem__(self, name: str) -> int:
        value: int = self.view[COUNTERS.index(name)]
        return value

    def __setitem__(self, name: str, value: int) -> None:
        self.view[COUNTERS.index(name)] = value

    def totals(self) -> WorkerTotals:
        """All of them, as they are now."""
        return WorkerTotals(*self.view)
