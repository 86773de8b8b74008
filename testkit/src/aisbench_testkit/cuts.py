"""Ways to cut a body in two, as a network may."""

from __future__ import annotations

import random
from collections.abc import Iterator


def sse_cuts(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every way to cut ``body`` into two parts, neither of them empty."""
    for place in range(1, len(body)):
        yield body[:place], body[place:]


def some_cuts(body: bytes, limit: int = 400) -> Iterator[tuple[bytes, bytes]]:
    """Every cut of a short body; of a long one about ``limit``, with those around line ends."""
    step = max(1, len(body) // limit)
    for place in range(1, len(body)):
        near_line_end = b"\n" in body[max(0, place - 2) : place + 1]
        if place % step == 0 or (near_line_end and len(body) < 50_000):
            yield body[:place], body[place:]


def random_cuts(body: bytes, times: int = 20) -> Iterator[tuple[bytes, ...]]:
    """The body in random pieces, mostly small; the same at each call."""
    chance = random.Random(len(body))
    for _ in range(times):
        pieces: list[bytes] = []
        at = 0
        while at < len(body):
            size = int(chance.expovariate(1 / chance.choice((2, 9, 60)))) + 1
            pieces.append(body[at : at + size])
            at += size
        yield tuple(pieces)
