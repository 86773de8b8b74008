"""Speculative decoding by kind of prompt, as far as it can be told.

A server counts drafts of all requests together. Its counters are of one kind alone where, between
two readings, requests of that kind alone were in flight. What a client sees of each request are
events: where the server sends one a step, tokens by events are the length that was accepted, of
each kind at any time.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs
import numpy as np
from attrs import define, field

from aisbench.base.natural_order import natural
from aisbench.metrics.requests import request_metrics
from aisbench.store.recording.columns import ABSENT, Recording
from aisbench.telemetry.families import COUNTERS
from aisbench.telemetry.reading import Scrape
from aisbench.telemetry.snapshot import Snapshot
from aisbench.types.prefix_cache import KindSpeculation, SpeculationResult
from aisbench.types.server_metrics import ServerMetrics

if TYPE_CHECKING:
    from numpy.typing import NDArray

PROMPT_KIND = "prompt kind"
"""The label of the kinds."""
_NAMES = ("drafts", "draft_tokens", "accepted_tokens")


@define
class _Gains:
    """What the counters of speculative decoding gained."""

    counts: dict[str, float] = field(factory=lambda: dict.fromkeys(_NAMES, 0.0))
    positions: defaultdict[str, float] = field(factory=lambda: defaultdict(float))

    def add(self, before: Snapshot, after: Snapshot) -> None:
        for name in _NAMES:
            found = after.first(COUNTERS[name])
            if found is not None:
                earlier = sum(before.values(found[0]))
                self.counts[name] += max(0.0, found[1] - earlier)
        for place, value in after.positions.items():
            self.positions[place] += max(0.0, value - before.positions.get(place, 0.0))


def speculation(
    recording: Recording,
    scrapes: Sequence[Scrape],
    server: ServerMetrics | None,
    zero_ns: int,
    streamed: bool,
) -> SpeculationResult | None:
    """None where the server told of no drafts, and no kind of requests has answers of several
    tokens."""
    label = recording.labels.get(PROMPT_KIND)
    tpot = request_metrics(recording, streamed).get("tpot")
    good = recording.columns.succeeded & (recording.columns.tokens("completion") > 1)
    overall = _overall(_kind(recording, good, tpot, ""), server)
    told = overall.acceptance_rate_percent is not None or overall.acceptance_length is not None
    if label is None:
        if not told:
            return None
        return SpeculationResult(label="", overall=overall, kinds=(), note=NO_KINDS)
    own = _alone(recording, scrapes, zero_ns)
    kinds = []
    for code in sorted(range(len(label.values)), key=lambda one: natural(label.values[one])):
        mine = good & (label.codes == code)
        if mine.any():
            kinds.append(_counted(_kind(recording, mine, tpot, label.values[code]), own.get(code)))
    if not told and not kinds:
        return None
    apart = not told or all(one.drafts for one in kinds)
    return SpeculationResult(
        label=PROMPT_KIND, overall=overall, kinds=tuple(kinds), note="" if apart else MIXED
    )


def _overall(kind: KindSpeculation, server: ServerMetrics | None) -> KindSpeculation:
    """All requests, with the server's counters, else with the levels that it publishes."""
    if server is None:
        return kind
    if (counted := server.speculative_decoding) is not None:
        return _with(
            kind,
            rate=counted.acceptance_rate_percent,
            length=counted.acceptance_length,
            positions=counted.acceptance_by_position,
            drafts=(server.counters or {}).get("drafts"),
        )
    levels = server.levels or {}
    length, rate = levels.get("accept_length"), levels.get("accept_rate")
    if length is None:
        return kind
    return _with(kind, rate=None if rate is None else 100 * rate.mean, length=length.mean)


NO_KINDS = 'requests have no label "prompt kind", so nothing is told of kinds of prompts'
MIXED = (
    "the server's counters are of all requests together: of a kind they are known only between "
    "two readings with requests of that kind alone in flight; ask one kind after the other to "
    "have them of each"
)


def _kind(
    recording: Recording, rows: NDArray[np.bool_], tpot: NDArray[np.float64] | None, value: str
) -> KindSpeculation:
    columns = recording.columns
    tokens, events = columns.tokens("completion")[rows], columns["events"][rows]
    several = events > 1
    after = float((tokens[several] - 1).sum())
    mean = None
    if tpot is not None and np.isfinite(tpot[rows]).any():
        mean = float(np.nanmean(tpot[rows]))
    return KindSpeculation(
        value=value,
        requests=int(np.count_nonzero(rows)),
        output_tokens=int(tokens.sum()),
        tokens_per_event=after / int((events[several] - 1).sum()) if several.any() else None,
        tpot_ms=mean,
    )


def _with(
    kind: KindSpeculation,
    rate: float | None,
    length: float | None,
    positions: Mapping[str, float] | None = None,
    drafts: float | None = None,
) -> KindSpeculation:
    return attrs.evolve(
        kind,
        acceptance_rate_percent=rate,
        acceptance_length=length,
        acceptance_by_position=positions,
        drafts=drafts,
    )


def _counted(kind: KindSpeculation, gains: _Gains | None) -> KindSpeculation:
    drafts = 0.0 if gains is None else gains.counts["drafts"]
    if gains is None or not drafts:
        return kind
    accepted, offered = gains.counts["accepted_tokens"], gains.counts["draft_tokens"]
    return _with(
        kind,
        rate=100 * accepted / offered if offered else None,
        length=1 + accepted / drafts,
        positions={
            place: value / drafts
            for place, value in sorted(gains.positions.items(), key=lambda one: natural(one[0]))
        },
        drafts=drafts,
    )


def _alone(recording: Recording, scrapes: Sequence[Scrape], zero_ns: int) -> dict[int, _Gains]:
    """By the code of the kind what the counters gained while it was alone."""
    label = recording.labels[PROMPT_KIND]
    columns = recording.columns
    sent, done = columns["sent"], columns["done"]
    done = np.where(done == ABSENT, 2**62, done)
    known = sent != ABSENT
    found: defaultdict[int, _Gains] = defaultdict(_Gains)
    for before, after in _pairs(scrapes):
        begin, end = before.begun_ns - zero_ns, after.ended_ns - zero_ns
        kinds = np.unique(label.codes[known & (sent < end) & (done > begin)])
        if len(kinds) == 1 and kinds[0] != ABSENT:
            found[int(kinds[0])].add(before, after)
    return found


def _pairs(scrapes: Sequence[Scrape]) -> Iterator[tuple[Snapshot, Snapshot]]:
    """Readings of one server that follow each other."""
    by_url: defaultdict[str, list[Snapshot]] = defaultdict(list)
    for one in scrapes:
        if one.text and not one.error:
            by_url[one.url].append(Snapshot(one.text, one.time_ns, one.until_ns))
    for readings in by_url.values():
        yield from itertools.pairwise(readings)
