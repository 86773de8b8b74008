"""What a worker does between two reads of its sockets: it deals with answers that have ended, and
makes ready the requests that will be needed.

An answer is put on a list, with its stamps, by the read that brings its end. What follows from it
(its record, the next request) is done in slices of a fraction of a millisecond, and the sockets
are read after each: when hundreds of answers end at once, the end of the last one is read while
the first ones are dealt with, and its time shows nothing of that work.
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
    """Calls ``complete`` with each attempt that has ended, in that order, and ``failed`` with what
    that raises."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        prefetch: Prefetch,
        load_end: LoadEnd,
        complete: Callable[[Attempt], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._loop = loop
        self._prefetch = prefetch
        self._load_end = load_end
        self._complete = complete
        self._failed = failed
        self._ended: deque[Attempt] = deque()
        self._working = False
        self._filling = False
        self.start = 0
        """When the load started (ns); 0 before that, and as much as may be is made ready."""

    def add(self, exchange: Exchange) -> None:
        """An exchange has ended."""
        assert isinstance(exchange, Attempt)
        self._ended.append(exchange)
        if not self._working:
            self._working = True
            self._loop.call_soon(self._work)

    def fill_soon(self) -> None:
        """When there is nothing else to do, make requests that will be needed."""
        if not self._filling:
            self._filling = True
            self._loop.call_soon(self._fill)

    def _work(self) -> None:
        ended, complete, until = self._ended, self._complete, now_ns() + SLICE_NS
        try:
            while ended:
                complete(ended.popleft())
                if ended and now_ns() > until:
                    # The sockets first: what is left here has its stamps already.
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
