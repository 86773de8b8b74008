"""How much of each prompt a prefix cache could have had, by the schedule that was sent.

A cache knows what it has computed: a prompt's blocks from the request's first token on, those of
its answer from its end on. A request finds the longest beginning of its prompt that is known when
it is sent, but never its last token, of which the answer's first one is made (vLLM's
``get_computed_blocks``, SGLang's ``max_prefix_len``).
"""

from __future__ import annotations

from collections import OrderedDict
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
        asked = _Asking(blocks, mine, adapter[mine], sent[mine], first[mine], done[mine])
        strict[mine], most[mine] = asked.infinite()
        if limited is not None and most_blocks is not None:
            dropping = asked.distinct > most_blocks
            limited[mine] = asked.limited(most_blocks) if dropping else strict[mine]
    return TheoryHits(strict=strict, most=most, limited=limited)


class _Asking:
    """The prompts that one replica got; times in ns.

    All their blocks stand in one array, prompt after prompt: ``owner`` is whose a block is,
    ``place`` where in it, ``number`` which of the ``distinct`` ones.
    """

    def __init__(
        self,
        blocks: PromptBlocks,
        rows: NDArray[np.int64],
        adapter: NDArray[np.int64],
        sent: NDArray[np.int64],
        first: NDArray[np.int64],
        done: NDArray[np.int64],
    ) -> None:
        self._size = blocks.size
        self._sent, self._first, self._done = sent, first, done
        keys = [blocks.keys[row] for row in rows.tolist()]
        lengths = np.array([len(one) for one in keys], dtype=np.int64)
        self._begins = np.concatenate([[0], np.cumsum(lengths)])
        self._owner = np.repeat(np.arange(len(rows)), lengths)
        self._place = np.arange(len(self._owner)) - self._begins[:-1][self._owner]
        tokens = blocks.prompt_tokens[rows]
        self._own = tokens // self._size
        """Blocks that the prefill makes."""
        self._findable = np.maximum(0, tokens - 1) // self._size
        every = np.concatenate(keys) if keys else np.empty(0, dtype=np.int64)
        # Keys are hashes, and stay such when an adapter's number is mixed in.
        mixed = every ^ (adapter[self._owner] * np.int64(0x5851F42D4C957F2D))
        names, self._number = np.unique(mixed, return_inverse=True)
        self.distinct = len(names)

    def infinite(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Tokens found for certain, and at most."""
        sent = self._sent[self._owner]
        own = self._place < self._own[self._owner]
        made = np.where(own, self._first[self._owner], self._done[self._owner])
        # What made a block made all before it, earlier or at once: those found come first.
        return (
            self._found(self._earliest(made) <= sent),
            self._found(self._earliest(sent) < sent),
        )

    def _earliest(self, times: NDArray[np.int64]) -> NDArray[np.int64]:
        """Of each block the earliest of the times of all that are the same."""
        found = np.full(self.distinct, NEVER)
        np.minimum.at(found, self._number, times)
        return found[self._number]

    def _found(self, there: NDArray[np.bool_]) -> NDArray[np.int64]:
        there = there & (self._place < self._findable[self._owner])
        counts = np.bincount(self._owner[there], minlength=len(self._sent))
        return counts.astype(np.int64) * self._size

    def limited(self, most: int) -> NDArray[np.int64]:
        """Tokens found in a cache of ``most`` blocks: look-ups and what was computed, in the order
        of time."""
        held: OrderedDict[int, None] = OrderedDict()
        found = np.zeros_like(self._sent)
        begins, own = self._begins.tolist(), self._own.tolist()
        findable = self._findable.tolist()
        for _, kind, one in sorted(self._happenings()):
            used = self._number[begins[one] : begins[one + 1]].tolist()
            if kind == 2:
                count = 0
                while count < findable[one] and used[count] in held:
                    count += 1
                found[one] = count * self._size
                used = used[:count]
            elif kind == 0:
                used = used[: own[one]]
            # The end of a text is dropped before its beginning.
            for number in reversed(used):
                held[number] = None
                held.move_to_end(number)
            while len(held) > most:
                held.popitem(last=False)
        return found

    def _happenings(self) -> Iterator[tuple[int, int, int]]:
        """(time, kind, prompt): 0 a prefill's end, 1 an answer's end, 2 a look-up; at one instant
        in this order."""
        for kind, times in ((0, self._first), (1, self._done), (2, self._sent)):
            for one, time in enumerate(times.tolist()):
                yield time, kind, one
