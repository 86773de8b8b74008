"""How much of each prompt a prefix cache could have had, by the schedule that was sent.

A cache knows what it has computed: a prompt's blocks from the request's first token on, those of
its answer from its end on. A request finds the longest beginning of its prompt that is known when
it is sent, but never its last token, of which the answer's first one is made (vLLM's
``get_computed_blocks``, SGLang's ``max_prefix_len``).
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from aisbench.store.recording.columns import ABSENT, Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aisbench.store.recording.prompt_blocks import PromptBlocks

NEVER = 2**62
ADAPTER = "adapter"
"""The label of requests that share nothing with those of other values: an adapter changes what is
computed of the same tokens."""


@frozen(kw_only=True)
class TheoryHits:
    """Tokens that each of the prompts of :class:`PromptBlocks` found, in their order."""

    strict: NDArray[np.int64]
    """Of an infinite cache, what was computed for certain when it was sent."""
    most: NDArray[np.int64]
    """The same, with all that had been sent before."""
    limited: NDArray[np.int64] | None
    """Of a cache of some blocks, the least recently used ones dropped."""


def theory_of(
    recording: Recording, blocks: PromptBlocks, most_blocks: int | None = None
) -> TheoryHits:
    """The hits of each prompt; replicas, and adapters, have caches of their own."""
    columns = recording.columns
    sent = columns["sent"][blocks.rows]
    done = columns["done"][blocks.rows]
    first = columns["first_token"][blocks.rows]
    first = np.where(first == ABSENT, done, first)
    replica = columns["replica"][blocks.rows]
    label = recording.labels.get(ADAPTER)
    adapter = np.zeros_like(sent) if label is None else label.codes[blocks.rows]
    strict, most = np.zeros_like(sent), np.zeros_like(sent)
    limited = None if most_blocks is None else np.zeros_like(sent)
    for one in np.unique(replica):
        mine = np.flatnonzero(replica == one)
        asked = [_AskedPrompt(blocks, row, int(adapter[row])) for row in mine.tolist()]
        strict[mine], most[mine] = _infinite(asked, sent[mine], first[mine], done[mine])
        if limited is not None and most_blocks is not None:
            limited[mine] = _limited(asked, sent[mine], first[mine], done[mine], most_blocks)
    return TheoryHits(strict=strict, most=most, limited=limited)


class _AskedPrompt:
    """One prompt: its blocks that may be found, those that its prefill makes, and all."""

    __slots__ = ("findable", "keys", "own", "size")

    def __init__(self, blocks: PromptBlocks, row: int, adapter: int) -> None:
        tokens, self.size = int(blocks.prompt_tokens[row]), blocks.size
        self.keys = [(adapter, key) for key in blocks.keys[row].tolist()]
        self.findable = max(0, tokens - 1) // self.size
        self.own = tokens // self.size


def _infinite(
    asked: list[_AskedPrompt],
    sent: NDArray[np.int64],
    first: NDArray[np.int64],
    done: NDArray[np.int64],
) -> tuple[list[int], list[int]]:
    computed: defaultdict[tuple[int, int], int] = defaultdict(lambda: NEVER)
    """When each block was there."""
    begun: defaultdict[tuple[int, int], int] = defaultdict(lambda: NEVER)
    """When the first request that makes it was sent."""
    for one, at, read, end in zip(
        asked, sent.tolist(), first.tolist(), done.tolist(), strict=True
    ):
        for place, key in enumerate(one.keys):
            when = read if place < one.own else end
            computed[key] = min(computed[key], when)
            begun[key] = min(begun[key], at)
    strict, most = [], []
    for one, at in zip(asked, sent.tolist(), strict=True):
        keys = one.keys[: one.findable]
        # What made a block made all before it, earlier or at once.
        strict.append(one.size * _before(keys, computed, at + 1))
        most.append(one.size * _before(keys, begun, at))
    return strict, most


def _before(
    keys: list[tuple[int, int]], times: defaultdict[tuple[int, int], int], limit: int
) -> int:
    """How many of the first ``keys`` have times below ``limit``; the times never fall."""
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if times[keys[middle]] < limit:
            low = middle + 1
        else:
            high = middle
    return low


def _limited(
    asked: list[_AskedPrompt],
    sent: NDArray[np.int64],
    first: NDArray[np.int64],
    done: NDArray[np.int64],
    most: int,
) -> list[int]:
    """An infinite queue of readings, prefills and ends, in the order of time, of one cache."""
    held: OrderedDict[tuple[int, int], None] = OrderedDict()
    found = [0] * len(asked)
    for _, kind, place in sorted(_happenings(sent, first, done)):
        one = asked[place]
        if kind == 2:
            count = 0
            while count < one.findable and one.keys[count] in held:
                count += 1
            found[place] = count * one.size
            used = one.keys[:count]
        else:
            used = one.keys[: one.own] if kind == 0 else one.keys
        # The end of a text is dropped before its beginning.
        for key in reversed(used):
            held[key] = None
            held.move_to_end(key)
        while len(held) > most:
            held.popitem(last=False)
    return found


def _happenings(
    sent: NDArray[np.int64], first: NDArray[np.int64], done: NDArray[np.int64]
) -> Iterator[tuple[int, int, int]]:
    """(time, kind, place): 0 a prefill's end, 1 an answer's end, 2 a look-up; at one instant in
    this order."""
    for kind, times in ((0, first), (1, done), (2, sent)):
        for place, time in enumerate(times.tolist()):
            yield time, kind, place
