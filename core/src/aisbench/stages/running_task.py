"""An assignment while its conversations are held: every answer goes into its journal."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from attrs import define

from aisbench.conversation.asking import Later
from aisbench.conversation.conversation import Conversation, unasked
from aisbench.conversation.dependencies import EarlierTranscripts
from aisbench.engine.breaker import Breaker
from aisbench.engine.sender import Attempts
from aisbench.stages.assignments import Assignment
from aisbench.stages.entries import Entries
from aisbench.stages.progress import TaskProgress
from aisbench.stages.turn_failures import not_asked, play, read_or_fail
from aisbench.store.journal import Journal
from aisbench.types.request import Request
from aisbench.types.response import Fault, FaultKind, Response
from aisbench.types.timing import Timing

log = logging.getLogger(__name__)


@define
class RunningTask:
    """Keeps the answers of one assignment."""

    assignment: Assignment
    conversations: Iterator[Conversation | Later]
    """Those that are still to be held."""
    journal: Journal
    entries: Entries
    breaker: Breaker

    @property
    def progress(self) -> TaskProgress:
        return self.assignment.progress

    @property
    def earlier(self) -> EarlierTranscripts:
        return self.assignment.earlier

    def keep(self, request: Request, attempts: Attempts) -> Response:
        """Write an answer down, and return it as it was written: without secrets in it."""
        self.progress.retried += len(attempts.failures)
        line, response = self.entries.entry(request, attempts)
        self.journal.append(line)
        fault = response.fault
        self.breaker.record(fault)
        if fault is not None:
            log.info(
                "%s: sample %s failed: %s", self.assignment.label, request.sample_id, fault.message
            )
        return response

    def take(self, conversation: Conversation, response: Response, timing: Timing) -> None:
        """Take the answer to a conversation's request."""
        settings = self.assignment.model.common
        conversation.take(read_or_fail(response, settings, conversation.sample.id), timing)

    async def play(self, conversation: Conversation) -> None:
        """Go to a conversation's next turn. Where a plugin's code fails at it, it is over."""
        if conversation.playing:
            await play(conversation)
        if conversation.broken is not None:
            self.write_failure(conversation)
            self.breaker.record_broken(conversation.broken)
        elif conversation.finished:
            self.breaker.record_broken(None)

    def write_failure(self, conversation: Conversation) -> None:
        """Write down that a conversation failed without a request."""
        assert conversation.broken is not None
        self._append(conversation.unasked(), conversation.broken)

    def drop(self, later: Later, failed: str) -> None:
        """Write down why a conversation is not held; it is asked when the run is resumed."""
        fault = Fault(
            kind=FaultKind.DROPPED, message=f"not asked: it builds on {failed}, which failed"
        )
        self._append(unasked(later.sample.id, later.repeat, 0, fault), fault)
        self.progress.done += 1
        self.progress.failed += 1

    def _append(self, request: Request, fault: Fault) -> None:
        self.journal.append(self.entries.entry(request, not_asked(request, fault))[0])
