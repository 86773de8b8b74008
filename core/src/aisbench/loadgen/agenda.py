"""What is to be done at given instants: a heap of actions behind one precise alarm."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable

from aisbench.base.clock import now_ns
from aisbench.loadgen.alarm import Alarm

SLICE_NS = 100_000
"""After so long the event loop reads its sockets before more is done: about as long as it takes to
deal with one answer."""


class Agenda:
    """Calls actions at their instants; overdue ones at once, in the order of their instants."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._alarm = Alarm(loop, self._run)
        self._heap: list[tuple[int, int, Callable[[int], None], int]] = []
        self._numbers = itertools.count()
        self._set_to = 0

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, when_ns: int, action: Callable[[int], None], weight: int = 0) -> None:
        """Call ``action(when_ns)`` at that instant, or as soon as it can be.

        Actions of little ``weight`` can be forgotten together, see :meth:`forget`.
        """
        heapq.heappush(self._heap, (when_ns, next(self._numbers), action, weight))
        if not self._set_to or when_ns < self._set_to:
            self._arm()

    def forget(self, weight: int) -> None:
        """Forget everything of that weight or less."""
        self._heap = [entry for entry in self._heap if entry[3] > weight]
        heapq.heapify(self._heap)

    def close(self) -> None:
        """Forget everything and stop."""
        self._heap.clear()
        self._alarm.close()

    def _arm(self) -> None:
        self._set_to = self._heap[0][0]
        self._alarm.set(self._set_to)

    def _run(self) -> None:
        self._set_to = 0
        now = begun = now_ns()
        while self._heap and self._heap[0][0] <= now:
            when, _, action, _ = heapq.heappop(self._heap)
            action(when)
            now = now_ns()
            if now - begun > SLICE_NS:
                break
        if self._heap:
            self._arm()
