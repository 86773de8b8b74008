"""Sharing requests among the replicas of one model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import define

from aisbench.base.clock import now_ns

COOLDOWN_NS = 5_000_000_000
"""How long a replica that refused a connection is passed over while others exist."""


@define
class Replica:
    """One server, with its requests in flight and when it last failed to connect."""

    url: str
    in_flight: int = 0
    down_since: int | None = None


class Replicas:
    """Picks the replica with the fewest requests in flight."""

    def __init__(self, urls: Sequence[str]) -> None:
        self.all = [Replica(url.rstrip("/")) for url in urls]
        self._next = 0

    def pick(self, avoid: Replica | None = None) -> Replica:
        """The least busy one that is up, taking turns among equals; ``avoid`` only if need be."""
        if len(self.all) == 1:
            return self.all[0]
        now = now_ns()
        self._next += 1
        start = self._next % len(self.all)
        order = self.all[start:] + self.all[:start]

        def rank(one: Replica) -> tuple[bool, bool, int]:
            down = one.down_since is not None and now - one.down_since < COOLDOWN_NS
            return (down, one is avoid, one.in_flight)

        return min(order, key=rank)


def join_url(base: str, path: str) -> str:
    """``base`` with ``path``; a version segment that both have (``/v1``) is not doubled.

    A query of ``base`` is kept, behind that of ``path``.
    """
    base, _, query = base.partition("?")
    if query:
        path += ("&" if "?" in path else "?") + query
        base = base.rstrip("/")
    last = re.search(r"/v\d+\Z", base)
    if last and path.startswith(last.group() + "/"):
        return base[: last.start()] + path
    return base + path
