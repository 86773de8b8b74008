"""What a worker's decisions ask for: the border between what is decided and what does I/O.

:class:`~aisbench.loadgen.load_machine.LoadMachine` and
:class:`~aisbench.loadgen.warm_up.WarmUp` decide. They have no sockets, no clock and no files: they
are told what happened and when, and call these. :class:`~aisbench.loadgen.worker_loop.LoadWorker`
carries them out; unit tests do so on a clock of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from aisbench.loadgen.attempt import ActiveConversation, Attempt
from aisbench.store.recording.columns import AttemptOutcome, Phase
from aisbench.types.request import Request
from aisbench.types.response import Fault, Response

BEGINNING, TURN, RETRY = range(3)
"""Weights of what is waited for: the beginning of a conversation, a later turn of one, another
attempt. The end of a load forgets them in this order."""


class Actions(Protocol):
    """None of them waits, and none calls the decider back before it returns."""

    def make_attempt(
        self,
        active: ActiveConversation,
        phase: Phase,
        request: Request,
        scheduled: int,
        number: int,
    ) -> Attempt:
        """A request ready to be sent; ``number`` counts its attempts from 1."""

    def break_off(
        self,
        active: ActiveConversation,
        phase: Phase,
        request: Request,
        scheduled: int,
        fault: Fault,
    ) -> Attempt:
        """A request that is not sent, as a plugin's code broke before it. Its end is told as any
        other's."""

    def play(
        self, active: ActiveConversation, then: Callable[[ActiveConversation, int], None]
    ) -> None:
        """Let the data set say what comes next in a conversation, beside everything else; then
        call ``then`` with it and with the instant at which that was known."""

    def send(self, attempt: Attempt) -> None:
        """Send it now. Its end is told later, by ``answered``."""

    def wait(self, when_ns: int, then: Callable[[int], None], weight: int) -> None:
        """Call ``then(when_ns)`` at that instant, or as soon as possible after it."""

    def forget(self, weight: int) -> None:
        """Wait no longer for anything of that weight or less."""

    def cancel(self, attempt: Attempt) -> None:
        """End an attempt that may or may not have been sent; its end is told as any other's."""

    def record(
        self, attempt: Attempt, response: Response, outcome: AttemptOutcome, final: bool
    ) -> None:
        """Record an attempt that has ended; ``final`` if no other one follows it. Raises
        StoreError."""

    def done(self) -> None:
        """Nothing is left to do, and nothing is waited for."""
