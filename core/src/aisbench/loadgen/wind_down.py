"""Bringing a load to its end: what does not begin any more, and what is cancelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aisbench.loadgen.actions import BEGINNING, TURN, Actions
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.in_flight import InFlight
from aisbench.loadgen.load_end import LoadEnd
from aisbench.loadgen.prefetch import Prefetch
from aisbench.loadgen.shared_counters import STOP_ALL, SharedCounters
from aisbench.loadgen.spec import LoadSpec
from aisbench.store.recording.columns import Phase


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
        prefetch: Prefetch,
        actions: Actions,
        dropped: Callable[[], None],
    ) -> None:
        self._spec = spec
        self._shared = shared
        self._load_end = load_end
        self._in_flight = in_flight
        self._prefetch = prefetch
        self._actions = actions
        self._dropped = dropped

    def look(self, now: int) -> None:
        """Do what is to be done at that instant (ns)."""
        halted = self._load_end.halted(now)
        if self._shared["stop"] >= STOP_ALL:
            self._cancel(self._all())
            return
        ended = self._ended(now, halted)
        if not ended:
            return
        # The load was kept up for measured conversations alone.
        halted = halted or (self._cools_down and self._shared.total("measured_open") == 0)
        over = halted or self._load_end.over(now)
        if over:
            self._drop(TURN if halted else BEGINNING)
        grace = self._spec.grace_ns
        if grace is not None and now >= ended + grace:
            self._cancel(self._all())
        elif over and self._cools_down:
            self._cancel(one for one in self._all() if one.active.phase is Phase.COOL_DOWN)

    @property
    def _cools_down(self) -> bool:
        return self._spec.cool_down_ns > 0

    def _ended(self, now: int, halted: bool) -> int:
        """When the measured part ended, or all of it had begun; 0 if neither has happened."""
        load_end = self._load_end
        if halted and not load_end.at:
            load_end.at = now
        if not load_end.all_begun_at and self._all_begun():
            load_end.all_begun_at = now
        return load_end.at or load_end.all_begun_at

    def _all_begun(self) -> bool:
        limit = self._spec.requests
        if limit is None:
            return bool(self._prefetch.arrivals) and self._prefetch.arrived
        return self._shared.total("measured_begun") >= limit

    def _all(self) -> list[Attempt]:
        in_flight = self._in_flight
        return [*in_flight.attempts, *in_flight.waiting, *in_flight.retries]

    def _drop(self, weight: int) -> None:
        """Wait no longer for what has not begun; with TURN, nor for conversations between two
        turns."""
        self._actions.forget(weight)
        self._prefetch.drop()
        if weight >= TURN:
            self._in_flight.forget_thinking()
        self._in_flight.count_clients()
        self._dropped()

    def _cancel(self, attempts: Iterable[Attempt]) -> None:
        unwanted = list(attempts)
        self._load_end.cancelling = True
        self._drop(TURN)
        in_flight = self._in_flight
        in_flight.withdraw([one for one in unwanted if one not in in_flight.attempts])
        for attempt in unwanted:
            self._actions.cancel(attempt)
        self._dropped()
