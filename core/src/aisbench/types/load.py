"""When requests are sent: what a load shape plans for, and the schedule that it makes."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen


@frozen(kw_only=True)
class LoadContext:
    """What a shape plans for.

    ``arrivals_ns`` holds, for each row of the data set, when a trace recorded it (None: it did
    not). The measured part ends after ``requests`` or ``duration_ns``, whichever comes first; at
    least one is given. ``tail_ns`` is how long the load must go on after that (cool-down).
    ``seed`` is the suite's, and the only source of randomness.
    """

    arrivals_ns: Sequence[int | None]
    requests: int | None
    duration_ns: int | None
    seed: int
    tail_ns: int = 0

    @property
    def horizon_ns(self) -> int | None:
        """The end of the arrivals; None: they end after :attr:`requests`."""
        return None if self.duration_ns is None else self.duration_ns + self.tail_ns


@frozen(kw_only=True)
class TurnGap:
    """A user's time from one request to the next: the mean in ns; ``drawn`` from an exponential
    distribution, or always the same. (1.3)"""

    mean_ns: int
    drawn: bool = False


@frozen(kw_only=True)
class OpenLoop:
    """Conversations begin at planned instants, whatever the server does.

    ``due_ns[i]`` is when the i-th begins, in ns after the start, never falling. ``rows[i]`` is
    the data set's row that it asks; without ``rows`` they are asked in the suite's order, again
    and again. With a ``turn_gap`` each turn is due so long after the one before was, or when that
    is answered, if it takes longer.
    """

    due_ns: Sequence[int]
    rows: Sequence[int] | None = None
    turn_gap: TurnGap | None = None


@frozen
class VirtualClient:
    """A client that asks its next question once it has the answer to the last.

    It begins at ``begin_ns`` after the start, and asks nothing new from ``end_ns`` on.
    """

    begin_ns: int = 0
    end_ns: int | None = None


@frozen(kw_only=True)
class ClosedLoop:
    """A number of clients that share the rows. With a ``turn_gap`` each request of a client, also
    the first one of its next conversation, is due so long after the one before was, or when that
    is answered, if it takes longer."""

    clients: Sequence[VirtualClient]
    turn_gap: TurnGap | None = None


Schedule = OpenLoop | ClosedLoop
