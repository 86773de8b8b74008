"""When requests are to be sent: what a load shape is told, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen


@frozen(kw_only=True)
class LoadContext:
    """What a shape plans for.

    ``arrivals_ns`` holds, for each row of the data set, when a trace recorded it (None: it did
    not). ``requests`` and ``duration_ns`` are where the measured part stops, whichever comes
    first; at least one is given. ``tail_ns`` is for how long the load must go on after that
    (cool-down). ``seed`` is the suite's, and all randomness must come from it.
    """

    arrivals_ns: Sequence[int | None]
    requests: int | None
    duration_ns: int | None
    seed: int
    tail_ns: int = 0

    @property
    def horizon_ns(self) -> int | None:
        """Until when arrivals are wanted; None: until there are :attr:`requests` of them."""
        return None if self.duration_ns is None else self.duration_ns + self.tail_ns


@frozen(kw_only=True)
class OpenLoop:
    """Conversations begin at instants of their own, whatever the server does.

    ``due_ns[i]`` is when the i-th begins, in ns after the start, never falling. ``rows[i]`` is
    the data set's row that it asks; without ``rows`` they are asked in the suite's order, again
    and again.
    """

    due_ns: Sequence[int]
    rows: Sequence[int] | None = None


@frozen
class VirtualClient:
    """One that asks its next question when the answer to the last has come.

    It begins at ``begin_ns`` after the start and asks nothing new from ``end_ns`` on.
    """

    begin_ns: int = 0
    end_ns: int | None = None


@frozen(kw_only=True)
class ClosedLoop:
    """A number of clients that share all the work."""

    clients: Sequence[VirtualClient]


Schedule = OpenLoop | ClosedLoop
