"""What a worker does between two looks at its sockets: it sees to answers that have ended, and
makes requests ready that will be needed.

An answer that ends is put on a list inside the read that brings its end, with its stamps. What
follows from it (its record, the next request) is done in slices of a fraction of a millisecond,
with a look at the sockets after each: when hundreds of answers end at once, the end of the last
one is read while the first ones are seen to, and its time shows nothing of their work.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from aisbench.base.clock import now_ns
from aisbench.engine.exchange import Exchange
from aisbench.loadgen.agenda import SLICE_NS
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.load_end import LoadEnd
from aisbench.loadgen.prefetch import Prefetch


class Backlog:
    """Calls ``see_to`` with each attempt that has ended, in that order, and ``failed`` with what
    that raises."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        prefetch: Prefetch,
        load_end: LoadEnd,
        see_to: Callable[[Attempt], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._loop = loop
        self._prefetch = prefetch
        self._load_end = load_end
        self._see_to = see_to
        self._failed = failed
        self._ended: deque[Attempt] = deque()
        self._working = False
        self._filling = False
        self.start = 0
        """When the load started (ns)."""

    def add(self, exchange: Exchange) -> None:
        """An exchange has ended."""
        assert isinstance(exchange, Attempt)
        self._ended.append(exchange)
        if not self._working:
            self._working = True
            self._loop.call_soon(self._work)

    def fill_soon(self) -> None:
        """While nothing else is to be done, make requests that will be needed."""
        if not self._filling:
            self._filling = True
            self._loop.call_soon(self._fill)

    def _work(self) -> None:
        ended, see_to, until = self._ended, self._see_to, now_ns() + SLICE_NS
        try:
            while ended:
                see_to(ended.popleft())
                if ended and now_ns() > until:
                    # To the sockets first: what is left here has its stamps already.
                    self._loop.call_soon(self._work)
                    return
        except Exception as error:  # noqa: BLE001 - must reach the one who waits for the end
            self._failed(error)
            return
        self._working = False
        if self._prefetch.closed and self._prefetch.wanting(0):
            self.fill_soon()

    def _fill(self) -> None:
        self._filling = False
        begun = now_ns()
        if self._ended or self._load_end.over(begun):
            return
        try:
            while self._prefetch.wanting(begun - self.start):
                if not self._prefetch.make_one():
                    return
                if now_ns() - begun > SLICE_NS:
                    self.fill_soon()
                    return
        except Exception as error:  # noqa: BLE001 - must reach the one who waits for the end
            self._failed(error)
