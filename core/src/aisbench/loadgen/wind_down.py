"""Bringing a load to its end: what does not begin any more, and what is cancelled."""

from __future__ import annotations

from collections.abc import Callable

from aisbench.base.clock import now_ns
from aisbench.loadgen.agenda import Agenda
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.in_flight import InFlight
from aisbench.loadgen.load_end import LoadEnd
from aisbench.loadgen.prefetch import Prefetch
from aisbench.loadgen.shared_counters import STOP_ALL, SharedCounters
from aisbench.loadgen.spec import LoadSpec
from aisbench.store.recording.columns import Phase

BEGINNING, TURN, RETRY = range(3)
"""Weights of what is on the agenda: the beginning of a conversation, a later turn of one, another
attempt. The end of a load forgets them in this order."""


class WindDown:
    """Carries out what :class:`~aisbench.loadgen.load_end.LoadEnd` knows, in one worker.

    ``dropped`` is called when something that was waited for will not come.
    """

    def __init__(
        self,
        spec: LoadSpec,
        board: SharedCounters,
        closing: LoadEnd,
        traffic: InFlight,
        agenda: Agenda,
        ahead: Prefetch,
        dropped: Callable[[], None],
    ) -> None:
        self._spec = spec
        self._board = board
        self._closing = closing
        self._traffic = traffic
        self._agenda = agenda
        self._ahead = ahead
        self._dropped = dropped

    def look(self, now: int) -> None:
        """Do what is to be done at that instant (ns)."""
        closing = self._closing
        halted = closing.halted(now)
        if self._board["stop"] >= STOP_ALL:
            self._cancel(lambda flight: True)
            return
        if halted and not closing.at:
            closing.at = now
        if not closing.all_begun_at and self._all_begun():
            closing.all_begun_at = now
        closed = closing.at or closing.all_begun_at
        if not closed:
            return
        cooling = self._spec.cool_down_ns > 0
        if cooling and not halted and self._board.total("measured_open") == 0:
            halted = True  # the load was kept up for them alone
        if halted:
            self._drop(TURN)
        elif closing.over(now):
            self._drop(BEGINNING)
        grace = self._spec.grace_ns
        if grace is not None and now >= closed + grace:
            self._cancel(lambda flight: True)
        elif cooling and (halted or closing.over(now)):
            self._cancel(lambda flight: flight.talk.phase is Phase.COOL_DOWN)

    def _all_begun(self) -> bool:
        limit = self._spec.requests
        if limit is None:
            return bool(self._ahead.arrivals) and self._ahead.arrived
        return self._board.total("measured_begun") >= limit

    def _drop(self, weight: int) -> None:
        """Who has not begun is not waited for; with TURN nor is who thinks about the next one."""
        self._agenda.forget(weight)
        self._ahead.drop()
        if weight >= TURN:
            self._traffic.forget_thinkers()
        self._traffic.count_clients()
        self._dropped()

    def _cancel(self, wanted: Callable[[Attempt], bool]) -> None:
        self._closing.cancelling = True
        self._drop(TURN)
        traffic = self._traffic
        traffic.withdraw([flight for flight in traffic.unsent() if wanted(flight)])
        for flight in [one for one in traffic.flights if wanted(one)]:
            if not flight.over:
                flight.cancelled = flight.done is None
                if flight.connection is not None:
                    flight.connection.abort()
                flight.finish(now_ns())
        self._dropped()
