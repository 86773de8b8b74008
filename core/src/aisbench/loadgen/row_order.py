"""Which row the n-th conversation of a load asks."""

from __future__ import annotations

import random
from collections.abc import Sequence

from attrs import define, field

from aisbench.conversation.conversation import Conversation
from aisbench.loadgen.spec import LoadSpec
from aisbench.types.load import OpenLoop


@define
class RowOrder:
    """Conversations by number: the same in every process, whichever begins them."""

    spec: LoadSpec
    _bound: Sequence[int] | None = field(init=False)
    """The rows that the schedule itself names, by the number of the conversation."""
    _cycle: int = -1
    _shuffled: list[int] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        schedule = self.spec.schedule
        self._bound = schedule.rows if isinstance(schedule, OpenLoop) else None

    def begin(self, number: int) -> tuple[int, Conversation]:
        """The row, and the conversation before its first request."""
        row, repeat = self._place(number)
        return row, self.spec.conversations.begin(row, repeat)

    def warm_up(self, number: int) -> tuple[int, Conversation]:
        """As :meth:`begin`, for the warm-up, which takes the rows from the last one backwards."""
        count = len(self.spec.conversations)
        row = count - 1 - number % count
        return row, self.spec.conversations.warm_up(row, number)

    def _place(self, number: int) -> tuple[int, int]:
        """The row and its repeat."""
        count = len(self.spec.conversations)
        cycle, place = divmod(number, count)
        if self._bound is not None:
            return self._bound[number], cycle
        order = self.spec.settings.order
        if order == "rows":
            return place, cycle
        if order == "random":
            # Drawn by number, not one after the other: any process can begin any of them.
            return random.Random(f"{self.spec.seed}/{number}").randrange(count), number
        if cycle != self._cycle:
            self._cycle = cycle
            self._shuffled = list(range(count))
            random.Random(f"{self.spec.seed}/{cycle}").shuffle(self._shuffled)
        return self._shuffled[place], cycle
