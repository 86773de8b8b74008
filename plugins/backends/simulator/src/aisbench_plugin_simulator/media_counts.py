"""How many media of which kind came, and their bytes and tokens."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from aisbench_plugin_simulator.media_seen import MediaSeen


class MediaCounts:
    """The counts by kind."""

    def __init__(self) -> None:
        self._kinds: defaultdict[str, _Counts] = defaultdict(_Counts)

    def add(self, seen: MediaSeen) -> None:
        """Count what was accepted."""
        mine = self._kinds[seen.kind]
        mine.numbers.update(items=1, bytes=seen.size, tokens=seen.tokens)
        mine.forms[seen.form] += 1

    def refuse(self, kind: str) -> None:
        """Count what could not be had, or is not what it says it is."""
        self._kinds[kind].numbers["refused"] += 1

    def stats(self) -> dict[str, Any]:
        """The counts as JSON values: items, bytes (of the files, not of their base64), tokens,
        those refused, and items by form."""
        return {kind: counts.stats() for kind, counts in sorted(self._kinds.items())}


class _Counts:
    def __init__(self) -> None:
        self.numbers: Counter[str] = Counter()
        self.forms: Counter[str] = Counter()

    def stats(self) -> dict[str, Any]:
        names = ("items", "bytes", "tokens", "refused")
        return {**{name: self.numbers[name] for name in names}, "formats": dict(self.forms)}
