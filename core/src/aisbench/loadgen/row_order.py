"""Which row the n-th conversation of a load asks."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from attrs import define, field

from aisbench.conversation.conversation import Conversation
from aisbench.conversation.sessions import SessionPlan
from aisbench.loadgen.sessions import ActiveSession
from aisbench.loadgen.spec import LoadSpec
from aisbench.types.load import OpenLoop


@define
class RowOrder:
    """Conversations by number: the same in every process, whichever begins them."""

    spec: LoadSpec
    plans: Sequence[SessionPlan] | None = field(init=False)
    """Of sessions, which then take the place of rows."""
    _bound: Sequence[int] | None = field(init=False)
    """The rows that the schedule itself names, by the number of the conversation."""
    _cycle: int = -1
    _shuffled: list[int] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        schedule, sessions = self.spec.schedule, self.spec.sessions
        self.plans = None if sessions is None else sessions.plans
        self._bound = schedule.rows if isinstance(schedule, OpenLoop) else None

    def begin(self, number: int) -> tuple[int, Conversation]:
        """The row, and the conversation before its first request."""
        row, repeat = self.place(number)
        return row, self.spec.conversations.begin(row, repeat)

    def session(self, number: int) -> tuple[ActiveSession, int, Conversation]:
        """The session of that number, and the row and the conversation of its first step."""
        assert self.plans is not None
        place, repeat = self.place(number)
        plan = self.plans[place]
        row = plan.steps[0].row
        begun = self.spec.conversations.begin(row, repeat)
        return ActiveSession(number, repeat, plan), row, begun

    def asked(self) -> Sequence[int]:
        """The rows that the measured part asks, each once, in the order of their first time."""
        limit = self.spec.requests
        count = self._count
        if limit is None or (limit >= count and self.spec.settings.order != "random"):
            places: Iterable[int] = range(count)
        else:
            places = dict.fromkeys(self.place(number)[0] for number in range(limit))
        if self.plans is None:
            return tuple(places)
        return tuple(step.row for place in places for step in self.plans[place].steps)

    def warm_up(self, number: int) -> tuple[int, Conversation]:
        """As :meth:`begin`, for the warm-up, which takes the rows from the last one backwards."""
        count = self._count
        row = count - 1 - number % count
        if self.plans is not None:
            row = self.plans[row].steps[0].row
        return row, self.spec.conversations.warm_up(row, number)

    @property
    def _count(self) -> int:
        return len(self.spec.conversations) if self.plans is None else len(self.plans)

    def place(self, number: int) -> tuple[int, int]:
        """The row, or the session's place, and its repeat."""
        count = self._count
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
