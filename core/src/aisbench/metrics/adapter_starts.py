"""Which requests found their LoRA adapter loaded, as far as the client can know it.

A server holds so many adapters at once (vLLM's ``max_loras``) and drops the one that answered
longest ago, among those that answer nothing, when another one is asked for
(https://docs.vllm.ai/en/latest/features/lora.html). The client knows when it sent what, so it
knows which adapters are held, if nobody else asks that server and its number of slots is known.
"""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING

import numpy as np
from attrs import define, field, frozen

from aisbench.store.recording.columns import ABSENT, LabelColumn, Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEVER = 2**62


@frozen(kw_only=True)
class AdapterStarts:
    """``label`` tells each request of an adapter, "NAME, cold" or "NAME, warm". ``first`` and
    ``again`` count the loads: first uses of an adapter, and uses after it was dropped; both over
    all phases, and of each replica."""

    label: LabelColumn
    first: int
    again: int


def adapter_starts(
    recording: Recording, adapters: LabelColumn, base: str, slots: int | None
) -> AdapterStarts:
    """Requests are cold from the one for which an adapter has to be loaded to the first token that
    it brings, of all that waited for the load with it.

    ``base`` is the value of ``adapters`` for requests to the model itself, which are neither.
    Without ``slots`` an adapter is taken to be held for ever once it was used.
    """
    columns = recording.columns
    own = np.array([value != base for value in adapters.values] or [False])
    asks = (adapters.codes != ABSENT) & own[adapters.codes] & columns.was_sent & columns.has_ended
    asks &= ~columns.failed_attempts
    codes = np.full(len(recording), ABSENT, dtype=np.int64)
    servers: dict[int, _ReplicaSlots] = {}
    rows = np.flatnonzero(asks)
    for row in rows[np.argsort(columns["sent"][rows], kind="stable")]:
        replica = int(columns["replica"][row])
        server = servers.setdefault(replica, _ReplicaSlots(slots))
        server.ask(
            int(row),
            int(adapters.codes[row]),
            int(columns["sent"][row]),
            int(columns["first_token"][row]),
            int(columns["done"][row]),
        )
    for server in servers.values():
        server.finish()
        for row in server.cold:
            codes[row] = 2 * adapters.codes[row]
        for row in server.warm:
            codes[row] = 2 * adapters.codes[row] + 1
    names = [f"{value}, {start}" for value in adapters.values for start in ("cold", "warm")]
    return AdapterStarts(
        label=_compact(codes, names),
        first=sum(one.first for one in servers.values()),
        again=sum(one.loads - one.first for one in servers.values()),
    )


def _compact(codes: NDArray[np.int64], names: list[str]) -> LabelColumn:
    """The column with the values that occur alone."""
    present = np.unique(codes[codes != ABSENT])
    places = np.full(len(names) + 1, ABSENT, dtype=np.int64)
    places[present] = np.arange(len(present))
    return LabelColumn(values=tuple(names[one] for one in present), codes=places[codes])


@define
class _AdapterSlot:
    """An adapter in a slot: what it answers, when the last answer ended, and when its load is
    known to be over."""

    ready: int
    running: int = 0
    used: int = 0


@define
class _ReplicaSlots:
    """One replica's slots, walked through in the order of time."""

    slots: int | None
    held: dict[int, _AdapterSlot] = field(factory=dict)
    cold: list[int] = field(factory=list)
    warm: list[int] = field(factory=list)
    loads: int = 0
    seen: set[int] = field(factory=set)
    _ends: list[tuple[int, int]] = field(factory=list)
    _waiting: deque[tuple[int, int, int, int]] = field(factory=deque)

    @property
    def first(self) -> int:
        return len(self.seen)

    def ask(self, row: int, adapter: int, sent: int, first_token: int, done: int) -> None:
        """A request was sent, after all that were asked before."""
        self._until(sent)
        self._waiting.append((row, adapter, first_token, done))
        self._take(sent)

    def finish(self) -> None:
        """No more is asked."""
        self._until(NEVER)
        for row, *_ in self._waiting:
            self.cold.append(row)  # it was never seen to get a slot

    def _until(self, now: int) -> None:
        """Let the answers end that ended before ``now``."""
        while self._ends and self._ends[0][0] <= now:
            when, adapter = heapq.heappop(self._ends)
            held = self.held[adapter]
            held.running -= 1
            held.used = when
            if not held.running:
                self._take(when)

    def _take(self, now: int) -> None:
        """Give those that wait their adapters, as far as there is room; in their order."""
        left: deque[tuple[int, int, int, int]] = deque()
        while self._waiting:
            row, adapter, first_token, done = one = self._waiting.popleft()
            held = self.held.get(adapter)
            if held is None and not self._has_room():
                left.append(one)
                continue
            told = first_token if first_token != ABSENT else done
            if held is None:
                self.loads += 1
                self.seen.add(adapter)
                held = self.held[adapter] = _AdapterSlot(ready=told)
                self.cold.append(row)
            elif now < held.ready:
                held.ready = min(held.ready, told)
                self.cold.append(row)
            else:
                self.warm.append(row)
            held.running += 1
            heapq.heappush(self._ends, (max(done, now), adapter))
        self._waiting = left

    def _has_room(self) -> bool:
        if self.slots is None or len(self.held) < self.slots:
            return True
        idle = [(one.used, adapter) for adapter, one in self.held.items() if not one.running]
        if not idle:
            return False
        del self.held[min(idle)[1]]
        return True
