"""When things happened to one request."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Timing:
    """Instants of the attempt that counted, in ns of the process's monotonic clock.

    None means that it did not happen or could not be seen. ``sent`` is when the request's
    bytes were handed to the kernel, ``first_token`` when the first output token arrived
    (role-only, empty and usage-only events are none) and ``first_answer`` when the first of them
    that is no reasoning did, where the protocol tells them apart.
    """

    dispatched: int
    sent: int | None = None
    first_byte: int | None = None
    first_token: int | None = None
    first_answer: int | None = None
    last_token: int | None = None
    done: int | None = None
