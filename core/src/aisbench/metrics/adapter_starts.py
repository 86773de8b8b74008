"""Which requests found their LoRA adapter loaded, as far as the client can know it.

A server holds so many adapters at once (vLLM's ``max_loras``) and drops the one that answered
longest ago, among those that answer nothing, when another one is asked for
(https://docs.vllm.ai/en/latest/features/lora.html). From a request's first token to its end its
adapter was held, whatever the server did meanwhile. So an adapter was dropped before a request if
as many others as there are slots were used after its last answer: what is known of one request
does not rest on what was concluded of those before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import define, field, frozen

from aisbench.store.recording.columns import ABSENT, LabelColumn, Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray

STARTS = ("cold", "warm")
MOST_APART = 10
"""Adapters whose cold and warm requests are told apart; of more, all are put together."""
CHUNK = 256
"""Requests that are looked at in one step, back from one of them."""
FAR = 1024
"""Requests that are looked at in the other direction."""


@frozen(kw_only=True)
class AdapterStarts:
    """``label`` tells each request of an adapter, "NAME, cold" or "NAME, warm"; of many adapters
    "cold" or "warm" alone. ``first`` and ``again`` count the loads: first uses of an adapter, and
    uses after it was dropped; both over all phases, and of each replica. ``doubtful`` requests
    were sent within the shortest TTFT before the first token that a load brought: whether they
    waited for it is not certain. ``held`` of the first uses were answered no later than nine in
    ten of the requests that waited for no load: the server may have held the adapter before."""

    label: LabelColumn
    first: int
    again: int
    doubtful: int
    held: int


def adapter_starts(
    recording: Recording, adapters: LabelColumn, base: str, slots: int | None
) -> AdapterStarts:
    """Requests are cold from the one for which an adapter has to be loaded to the end of that
    load: the first token that it brings, less the shortest TTFT of the load.

    ``base`` is the value of ``adapters`` for requests to the model itself, which are neither.
    Without ``slots`` an adapter is taken to be held for ever once it was used.
    """
    columns = recording.columns
    own = np.array([value != base for value in adapters.values] or [False])
    asks = (adapters.codes != ABSENT) & columns.was_sent & columns.has_ended
    asks &= ~columns.failed_attempts
    first = np.where(columns["first_token"] == ABSENT, columns["done"], columns["first_token"])
    took = (first - columns["sent"])[asks]
    shortest = int(took.min()) if len(took) else 0
    asks &= own[adapters.codes]
    codes = np.full(len(recording), ABSENT, dtype=np.int64)
    loads = seen = doubtful = 0
    uses: list[int] = []
    for replica in np.unique(columns["replica"][asks]):
        rows = np.flatnonzero(asks & (columns["replica"] == replica))
        rows = rows[np.argsort(first[rows], kind="stable")]
        names, number = np.unique(adapters.codes[rows], return_inverse=True)
        asked = _AskedReplica(
            number, columns["sent"][rows], first[rows], columns["done"][rows], slots, shortest
        )
        for load in asked.loads():
            mine = np.array(load.requests)
            if load.is_first:
                uses.append(int(rows[mine[np.argmin(asked.sent[mine])]]))
            cold, doubt = load.cold(asked.sent[mine], shortest)
            codes[rows[mine]] = 2 * names[load.adapter] + np.where(cold, 0, 1)
            doubtful += doubt
            loads += 1
        seen += len(names)
    if np.count_nonzero(own) > MOST_APART:
        # A table of so many says less than one of two rows.
        label = _compact(np.where(codes == ABSENT, ABSENT, codes % 2), list(STARTS))
    else:
        names_of = [f"{value}, {start}" for value in adapters.values for start in STARTS]
        label = _compact(codes, names_of)
    waited = first - columns["sent"]
    usual = waited[_waited_for_no_load(recording, codes)]
    return AdapterStarts(
        label=label,
        first=seen,
        again=loads - seen,
        doubtful=doubtful,
        held=int(np.count_nonzero(waited[uses] <= np.percentile(usual, 90))) if len(usual) else 0,
    )


def _waited_for_no_load(recording: Recording, codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    warm: NDArray[np.bool_] = (codes == ABSENT) | (codes % 2 == 1)
    return warm & recording.columns.succeeded


def _compact(codes: NDArray[np.int64], names: list[str]) -> LabelColumn:
    """The column with the values that occur alone."""
    present = np.unique(codes[codes != ABSENT])
    places = np.full(len(names) + 1, ABSENT, dtype=np.int64)
    places[present] = np.arange(len(present))
    return LabelColumn(values=tuple(names[one] for one in present), codes=places[codes])


@define
class _AdapterLoad:
    """One load of an adapter and the requests that it served, from its ``first`` token on."""

    adapter: int
    first: int
    last_done: int
    is_first: bool
    """Of this adapter."""
    requests: list[int] = field(factory=list)

    def cold(self, sent: NDArray[np.int64], shortest: int) -> tuple[NDArray[np.bool_], int]:
        """Which of its requests waited for it, and of how many that is in doubt."""
        waited = sent <= self.first - shortest
        waited[np.argmin(sent)] = True
        return waited, int(np.count_nonzero(~waited & (sent < self.first)))


class _AskedReplica:
    """What one replica was asked, in the order of first tokens; times in ns."""

    def __init__(
        self,
        adapter: NDArray[np.int64],
        sent: NDArray[np.int64],
        first: NDArray[np.int64],
        done: NDArray[np.int64],
        slots: int | None,
        near: int,
    ) -> None:
        self.sent = sent
        self._near = near
        self._adapter, self._first, self._done = adapter, first, done
        enough = slots is None or len(np.unique(adapter)) <= slots
        self._slots = None if enough else slots
        self._latest = np.maximum.accumulate(done) if len(done) else done

    def loads(self) -> list[_AdapterLoad]:
        held: dict[int, _AdapterLoad] = {}
        found: list[_AdapterLoad] = []
        for at, adapter in enumerate(self._adapter.tolist()):
            load = held.get(adapter)
            if load is None or self._dropped(at, load.last_done):
                begin, end = int(self._first[at]), int(self._done[at])
                load = _AdapterLoad(adapter, begin, end, is_first=adapter not in held)
                held[adapter] = load
                found.append(load)
            load.last_done = max(load.last_done, int(self._done[at]))
            load.requests.append(at)
        return found

    def _dropped(self, at: int, last_done: int) -> bool:
        """Whether the adapter of a request was dropped since its answer that ended last."""
        if self._slots is None or last_done >= self._first[at]:
            return False
        others, sent = self._since(at, last_done), self.sent[at]
        # What was sent later was given its slot later. And an answer has ended at the server
        # before the client knows it.
        earlier = others[self.sent[others] < sent]
        if sent > last_done:
            earlier = np.concatenate([earlier, self._loading(at)])
        if sent > last_done - self._near and self._kinds(earlier) >= self._slots:
            return True
        return (
            self._kinds(others) >= self._slots
            and self._held_at_once(others, last_done) >= self._slots
        )

    def _kinds(self, rows: NDArray[np.int64]) -> int:
        return len(np.unique(self._adapter[rows]))

    def _since(self, at: int, last_done: int) -> NDArray[np.int64]:
        """Requests of other adapters before ``at`` that ended after ``last_done``; of those long
        ago only so many as fill the slots."""
        found: list[NDArray[np.int64]] = []
        kinds: set[int] = set()
        sent = self.sent[at]
        end = at
        while end > 0 and self._latest[end - 1] > last_done:
            rows = np.arange(max(0, end - CHUNK), end)
            end = int(rows[0])
            rows = rows[
                (self._done[rows] > last_done) & (self._adapter[rows] != self._adapter[at])
            ]
            found.append(rows)
            kinds.update(self._adapter[rows[self.sent[rows] < sent]].tolist())
            if self._slots is not None and len(kinds) >= self._slots:
                break
        return np.concatenate(found) if found else np.empty(0, dtype=np.int64)

    def _loading(self, at: int) -> NDArray[np.int64]:
        """Requests of other adapters that were sent before ``at`` and had their first token
        later: their adapters took longer to load."""
        rows = np.arange(at + 1, min(at + 1 + FAR, len(self.sent)))
        before = (self.sent[rows] < self.sent[at]) & (self._adapter[rows] != self._adapter[at])
        found: NDArray[np.int64] = rows[before]
        return found

    def _held_at_once(self, rows: NDArray[np.int64], last_done: int) -> int:
        """The most adapters of ``rows`` that answered at one instant after ``last_done``."""
        begins = np.maximum(self._first[rows], last_done)
        return max(
            (
                self._kinds(rows[(begins <= instant) & (self._done[rows] > instant)])
                for instant in np.unique(begins).tolist()
            ),
            default=0,
        )
