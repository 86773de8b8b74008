"""Which conversation is next, when some build on others."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from attrs import define, field

from aisbench.conversation.conversation import Conversation, Later
from aisbench.types.score import Transcript


@define
class EarlierTranscripts:
    """What was said in the conversations of one task that others build on."""

    needed: frozenset[str]
    """Ids of their samples."""
    _held: dict[tuple[str, int], Transcript | None] = field(factory=dict)

    def keep(self, conversation: Conversation) -> bool:
        """Whether others build on this one, which is over."""
        sample = conversation.sample.id
        if sample not in self.needed:
            return False
        failed = conversation.responses[-1].fault is not None
        self._held[sample, conversation.repeat] = None if failed else conversation.transcript
        return True

    def lose(self, later: Later) -> None:
        """It will not be held, as one that it builds on failed."""
        if later.sample.id in self.needed:
            self._held[later.sample.id, later.repeat] = None

    def missing(self, later: Later) -> str | None:
        """The sample of a conversation that ``later`` must wait for."""
        names = later.sample.after
        return next((one for one in names if (one, later.repeat) not in self._held), None)

    def failed(self, later: Later) -> str | None:
        """The sample of a failed conversation that ``later`` builds on."""
        names = later.sample.after
        lost = (one for one in names if self._held.get((one, later.repeat), ()) is None)
        return next(lost, None)

    def begin(self, later: Later) -> Conversation:
        """The conversation, before its first request. What it waits for must be there."""
        held = (self._held[one, later.repeat] for one in later.sample.after)
        return later.begin([one for one in held if one is not None])


class TaskConversations(Protocol):
    """A task's conversations."""

    @property
    def conversations(self) -> Iterator[Conversation | Later]:
        """In the order of the rows: each after those that it builds on."""

    @property
    def earlier(self) -> EarlierTranscripts:
        """What was said so far."""


From = TypeVar("From", bound=TaskConversations)


class Queue(Generic[From]):
    """Gives out conversations of several tasks, each when what it builds on is over."""

    def __init__(self, sources: Iterable[From], drop: Callable[[From, Later, str], None]) -> None:
        """``drop`` is told of conversations that will not be held, and of the sample whose
        failed conversation they build on."""
        self._coming = ((source, one) for source in sources for one in source.conversations)
        self._drop = drop
        self._ready: deque[tuple[From, Conversation]] = deque()
        self._waiting: dict[tuple[int, str, int], list[tuple[From, Later]]] = defaultdict(list)
        self._out = 0
        self._change: asyncio.Event | None = None
        """Set when something ends; made when somebody waits for that, which few tasks need."""

    def take(self) -> tuple[From, Conversation] | None:
        """One that can be held now. Each is to be given back with :meth:`over`."""
        while not self._ready:
            source, one = next(self._coming, (None, None))
            if source is None or one is None:
                return None
            if isinstance(one, Later):
                self._place(source, one)
            else:
                self._ready.append((source, one))
        self._out += 1
        return self._ready.popleft()

    def take_all(self) -> list[tuple[From, Conversation]]:
        """All that can be held now."""
        return list(iter(self.take, None))

    async def wait(self, stopping: Callable[[], bool]) -> tuple[From, Conversation] | None:
        """The next one, as soon as it can be held; None at the end, or when told to stop."""
        while not stopping():
            found = self.take()
            if found is not None or not self._out:
                return found
            if self._change is None:
                self._change = asyncio.Event()
            await self._change.wait()
        return None

    def over(self, source: From, conversation: Conversation) -> None:
        """It is over, or was given up before its end."""
        self._out -= 1
        if conversation.finished and source.earlier.keep(conversation):
            self._release(source, conversation.sample.id, conversation.repeat)
        if self._change is not None:
            self._change.set()
            self._change = None

    def _release(self, source: From, sample: str, repeat: int) -> None:
        for whose, later in self._waiting.pop((id(source), sample, repeat), ()):
            self._place(whose, later)

    def _place(self, source: From, later: Later) -> None:
        earlier = source.earlier
        if (failed := earlier.failed(later)) is not None:
            earlier.lose(later)
            self._drop(source, later, failed)
            self._release(source, later.sample.id, later.repeat)
        elif (missing := earlier.missing(later)) is not None:
            self._waiting[id(source), missing, later.repeat].append((source, later))
        else:
            self._ready.append((source, earlier.begin(later)))
