"""The one clock: integer nanoseconds, monotonic, the same for all processes of a host."""

from __future__ import annotations

import time

now_ns = time.monotonic_ns


def wall_time() -> str:
    """The calendar time, UTC, for records that people read; never for measuring."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
