"""The clock: integer nanoseconds, monotonic, and equal in all processes of a host."""

from __future__ import annotations

import time

now_ns = time.monotonic_ns


def wall_time() -> str:
    """The calendar time, UTC, for records that people read; not for measuring."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
