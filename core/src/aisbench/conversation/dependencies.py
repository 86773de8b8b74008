"""Which conversation is next where some build on others."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from attrs import define, field

from aisbench.conversation.asking import Later
from aisbench.conversation.conversation import Conversation
from aisbench.types.answer import Transcript


@define
class EarlierTranscripts:
    """The finished conversations of one task that others build on."""

    needed: frozenset[str]
    """Ids of their samples."""
    _held: dict[tuple[str, int], Transcript | None] = field(factory=dict)

    def keep(self, conversation: Conversation) -> bool:
        """Keep a conversation that is over. Returns whether others build on it."""
        sample = conversation.sample.id
        if sample not in self.needed:
            return False
        failed = conversation.responses[-1].fault is not None
        self._held[sample, conversation.repeat] = None if failed else conversation.transcript
        return True

    def lose(self, later: Later) -> None:
        """Note that it will not be held, as one that it builds on failed."""
        if later.sample.id in self.needed:
            self._held[later.sample.id, later.repeat] = None

    def missing(self, later: Later) -> str | None:
        """The sample of a conversation that ``later`` has to wait for."""
        names = later.sample.after
        return next((one for one in names if (one, later.repeat) not in self._held), None)

    def failed(self, later: Later) -> str | None:
        """The sample of a failed conversation that ``later`` builds on."""
        names = later.sample.after
        lost = (one for one in names if self._held.get((one, later.repeat), ()) is None)
        return next(lost, None)

    def begin(self, later: Later) -> Conversation:
        """The conversation before its first request. Nothing of it may be :meth:`missing`."""
        held = (self._held[one, later.repeat] for one in later.sample.after)
        return later.begin([one for one in held if one is not None])


class QueuedTask(Protocol):
    """A task whose conversations are queued."""

    @property
    def conversations(self) -> Iterator[Conversation | Later]:
        """In the order of the rows: each after those that it builds on."""

    @property
    def earlier(self) -> EarlierTranscripts:
        """Those that are over, as far as others build on them."""


AnyTask = TypeVar("AnyTask", bound=QueuedTask)


class Queue(Generic[AnyTask]):
    """Gives out conversations of several tasks, each when what it builds on is over."""

    def __init__(
        self, tasks: Iterable[AnyTask], drop: Callable[[AnyTask, Later, str], None]
    ) -> None:
        """``drop`` is called with each conversation that will not be held, and with the sample of
        the failed one that it builds on."""
        self._coming = ((task, one) for task in tasks for one in task.conversations)
        self._drop = drop
        self._ready: deque[tuple[AnyTask, Conversation]] = deque()
        self._waiting: dict[tuple[int, str, int], list[tuple[AnyTask, Later]]] = defaultdict(list)
        self._out = 0
        self._change: asyncio.Event | None = None
        """Set when a conversation ends. Made only once somebody waits for it, which is rare."""

    def take(self) -> tuple[AnyTask, Conversation] | None:
        """One that can be held now. Give it back with :meth:`over`."""
        while not self._ready:
            task, one = next(self._coming, (None, None))
            if task is None or one is None:
                return None
            if isinstance(one, Later):
                self._place(task, one)
            else:
                self._ready.append((task, one))
        self._out += 1
        return self._ready.popleft()

    async def wait(self, stopping: Callable[[], bool]) -> tuple[AnyTask, Conversation] | None:
        """The next one, as soon as it can be held; None at the end, or when ``stopping``."""
        while not stopping():
            found = self.take()
            if found is not None or not self._out:
                return found
            if self._change is None:
                self._change = asyncio.Event()
            await self._change.wait()
        return None

    def over(self, task: AnyTask, conversation: Conversation) -> None:
        """Give back a conversation that ended, or was given up."""
        self._out -= 1
        if conversation.finished and task.earlier.keep(conversation):
            self._release(task, conversation.sample.id, conversation.repeat)
        if self._change is not None:
            self._change.set()
            self._change = None

    def _release(self, task: AnyTask, sample: str, repeat: int) -> None:
        for waiting_task, later in self._waiting.pop((id(task), sample, repeat), ()):
            self._place(waiting_task, later)

    def _place(self, task: AnyTask, later: Later) -> None:
        earlier = task.earlier
        if (failed := earlier.failed(later)) is not None:
            earlier.lose(later)
            self._drop(task, later, failed)
            self._release(task, later.sample.id, later.repeat)
        elif (missing := earlier.missing(later)) is not None:
            self._waiting[id(task), missing, later.repeat].append((task, later))
        else:
            self._ready.append((task, earlier.begin(later)))
