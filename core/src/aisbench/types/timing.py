"""When things happened to one request."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Timing:
    """Instants of the attempt that counted, in ns of the process's monotonic clock.

    None: it did not happen, or could not be seen. ``sent`` is when the request's
    bytes were handed to the kernel, ``first_token`` when the first output token arrived
    (role-only, empty and usage-only events do not count) and ``first_answer`` when the first one
    that is not reasoning did, where the protocol separates them.
    """

    dispatched: int
    sent: int | None = None
    first_byte: int | None = None
    first_token: int | None = None
    first_answer: int | None = None
    last_token: int | None = None
    done: int | None = None
