"""Sessions: rows of which some begin when others are over, several of them at the same time.

A session is one unit of a load: it has one number, one arrival or one virtual client, and all its
steps are sent by one worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from attrs import define, field

from aisbench.conversation.conversation import Conversation
from aisbench.conversation.sessions import SessionPlan
from aisbench.types.answer import Transcript


class Sessions(Protocol):
    """The sessions of a data set, by their place."""

    @property
    def plans(self) -> Sequence[SessionPlan]:
        """At least one."""

    def follow(self, row: int, repeat: int, before: Sequence[Transcript]) -> Conversation:
        """The conversation of a step before its first request; ``before`` are those that it waited
        for, where they are kept."""


@define(eq=False)
class ActiveSession:
    """A session under way."""

    number: int
    repeat: int
    plan: SessionPlan
    began: int = 0
    """When it was to begin, in ns of the clock."""
    open: int = 0
    """Steps that have begun, or wait for their pause to pass, and are not over."""
    _missing: list[int] = field(init=False)
    _told: dict[int, Transcript] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._missing = [len(step.after) for step in self.plan.steps]

    def begin(self, scheduled: int) -> list[int]:
        """It begins. The places of the steps that wait for none."""
        self.began = scheduled
        ready = [place for place, step in enumerate(self.plan.steps) if not step.after]
        self.open = len(ready)
        return ready

    def ended(self, place: int, conversation: Conversation, failed: bool) -> list[int]:
        """A step is over. Returns the steps that waited for it alone; those that wait for one that
        failed never begin."""
        self.open -= 1
        if failed:
            return []
        if conversation.responses:
            self._told[place] = conversation.transcript
        ready = []
        for one in self.plan.followers[place]:
            self._missing[one] -= 1
            if not self._missing[one]:
                ready.append(one)
        self.open += len(ready)
        return ready

    def drop(self, count: int = 1) -> None:
        """So many steps that were to begin do not."""
        self.open -= count

    def before(self, place: int) -> list[Transcript]:
        """What was said in the steps that a step waited for, where it is kept."""
        after = self.plan.steps[place].after
        return [self._told[one] for one in after if one in self._told]
