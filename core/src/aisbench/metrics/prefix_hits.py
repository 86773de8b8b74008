"""The hits of a load's requests in a prefix cache: theory, usage and times, for some of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from aisbench.base.natural_order import natural
from aisbench.metrics.prefix_theory import TheoryHits
from aisbench.metrics.requests import span_ms
from aisbench.metrics.ttft_split import split
from aisbench.store.recording.columns import ABSENT, Recording
from aisbench.store.recording.prompt_blocks import PromptBlocks
from aisbench.types.prefix_cache import PrefixGroup, PrefixHits

if TYPE_CHECKING:
    from numpy.typing import NDArray

TURN = "turn"
MOST_GROUPS = 50
"""Values of one label that are shown: those with the most requests."""


@frozen
class HitTable:
    """A load's prompts with what was found of each."""

    recording: Recording
    blocks: PromptBlocks
    theory: TheoryHits
    streamed: bool

    def of(self, chosen: NDArray[np.bool_]) -> PrefixHits:
        """The sums over ``chosen`` of the prompts."""
        columns, rows = self.recording.columns, self.blocks.rows[chosen]
        cached, served = columns["cached_tokens"][rows], columns["prompt_tokens"][rows]
        told = (cached != ABSENT) & (served != ABSENT)
        limited = self.theory.limited
        ttft = span_ms(self.recording, "sent", "first_token")[rows]
        good = columns.succeeded[rows]
        return PrefixHits(
            requests=int(np.count_nonzero(chosen)),
            prompt=int(self.blocks.prompt_tokens[chosen].sum()),
            theory=int(self.theory.strict[chosen].sum()),
            most=int(self.theory.most[chosen].sum()),
            limited=None if limited is None else int(limited[chosen].sum()),
            reported=int(cached[told].sum()) if told.any() else None,
            reported_requests=int(np.count_nonzero(told)),
            reported_prompt=int(served[told].sum()),
            hit_requests=int(np.count_nonzero(self.theory.strict[chosen] > 0)),
            inferred=split(ttft[good]) if self.streamed else None,
        )

    def apart(self, chosen: NDArray[np.bool_]) -> tuple[int, int]:
        """How many of the prompts the server counts otherwise than the tokenizer, and by how many
        tokens, more or less; the words alone, without a template, are compared with nothing."""
        served = self.recording.columns["prompt_tokens"][self.blocks.rows[chosen]]
        if self.blocks.basis == "words":
            return 0, 0
        differ = np.abs(served - self.blocks.prompt_tokens[chosen])[served != ABSENT]
        return int(np.count_nonzero(differ)), int(differ.sum())

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Which of the prompts are measured requests."""
        found: NDArray[np.bool_] = self.recording.columns.requests[self.blocks.rows]
        return found

    def between(self, begin: int, end: int) -> NDArray[np.bool_]:
        """Which of them were sent in ``begin < t <= end`` (ns after the start)."""
        sent = self.recording.columns["sent"][self.blocks.rows]
        found: NDArray[np.bool_] = (sent > begin) & (sent <= end)
        return found

    def groups(self) -> Iterator[PrefixGroup]:
        """The measured requests by each value of each label, and by turn."""
        yield from self._turns()
        measured = self.measured
        for name, label in sorted(self.recording.labels.items()):
            codes = np.where(measured, label.codes[self.blocks.rows], ABSENT)
            present, counts = np.unique(codes[codes != ABSENT], return_counts=True)
            kept = present[np.argsort(-counts, kind="stable")][:MOST_GROUPS]
            for code in sorted(kept.tolist(), key=lambda one: natural(label.values[one])):
                value = label.values[code]
                yield PrefixGroup(label=name, value=value, hits=self.of(codes == code))

    def _turns(self) -> Iterator[PrefixGroup]:
        """From 1; none where conversations have one, or have a label of that name."""
        turns = np.where(self.measured, self.recording.columns["turn"][self.blocks.rows], ABSENT)
        last = int(turns.max(initial=0))
        if last < 1 or TURN in self.recording.labels:
            return
        for turn in range(min(last + 1, MOST_GROUPS)):
            yield PrefixGroup(label=TURN, value=str(turn + 1), hits=self.of(turns == turn))
