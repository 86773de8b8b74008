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
        shared: SharedCounters,
        load_end: LoadEnd,
        in_flight: InFlight,
        agenda: Agenda,
        prefetch: Prefetch,
        dropped: Callable[[], None],
    ) -> None:
        self._spec = spec
        self._shared = shared
        self._load_end = load_end
        self._in_flight = in_flight
        self._agenda = agenda
        self._prefetch = prefetch
        self._dropped = dropped

    def look(self, now: int) -> None:
        """Do what is to be done at that instant (ns)."""
        load_end = self._load_end
        halted = load_end.halted(now)
        if self._shared["stop"] >= STOP_ALL:
            self._cancel(lambda attempt: True)
            return
        if halted and not load_end.at:
            load_end.at = now
        if not load_end.all_begun_at and self._all_begun():
            load_end.all_begun_at = now
        closed = load_end.at or load_end.all_begun_at
        if not closed:
            return
        cooling = self._spec.cool_down_ns > 0
        if cooling and not halted and self._shared.total("measured_open") == 0:
            halted = True  # the load was kept up for them alone
        if halted:
            self._drop(TURN)
        elif load_end.over(now):
            self._drop(BEGINNING)
        grace = self._spec.grace_ns
        if grace is not None and now >= closed + grace:
            self._cancel(lambda attempt: True)
        elif cooling and (halted or load_end.over(now)):
            self._cancel(lambda attempt: attempt.active.phase is Phase.COOL_DOWN)

    def _all_begun(self) -> bool:
        limit = self._spec.requests
        if limit is None:
            return bool(self._prefetch.arrivals) and self._prefetch.arrived
        return self._shared.total("measured_begun") >= limit

    def _drop(self, weight: int) -> None:
        """Who has not begun is not waited for; with TURN nor is who thinks about the next one."""
        self._agenda.forget(weight)
        self._prefetch.drop()
        if weight >= TURN:
            self._in_flight.forget_thinkers()
        self._in_flight.count_clients()
        self._dropped()

    def _cancel(self, wanted: Callable[[Attempt], bool]) -> None:
        self._load_end.cancelling = True
        self._drop(TURN)
        in_flight = self._in_flight
        in_flight.withdraw([attempt for attempt in in_flight.unsent() if wanted(attempt)])
        for attempt in [one for one in in_flight.attempts if wanted(one)]:
            if not attempt.over:
                attempt.cancelled = attempt.done is None
                if attempt.connection is not None:
                    attempt.connection.abort()
                attempt.finish(now_ns())
        self._dropped()
