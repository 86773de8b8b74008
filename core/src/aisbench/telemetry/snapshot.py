"""One reading of a server's metrics, whose values can be looked up by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from aisbench.telemetry.families import ACCEPTED_BY_POSITION, Series
from aisbench.telemetry.parse import MetricValue, parse

_HUGE = 1e18
"""No counter of a load is larger; beyond, doubles no longer count."""


def plain(name: str) -> str:
    """A name without what versions and collectors change of it."""
    return name.removesuffix("_total").replace(":", "_")


_BY_POSITION = plain(ACCEPTED_BY_POSITION)


class Snapshot:
    """The values of one reading, by name and labels. Values that are not numbers are left out."""

    def __init__(self, text: str, begun_ns: int = 0, ended_ns: int = 0) -> None:
        self.begun_ns, self.ended_ns = begun_ns, max(begun_ns, ended_ns)
        self.buckets: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
        """Cumulated counts by upper bound, added up over label sets."""
        self.positions: dict[str, float] = defaultdict(float)
        self._values: dict[str, list[tuple[Mapping[str, str], float]]] = defaultdict(list)
        for one in parse(text):
            if abs(one.value) <= _HUGE:
                self._take(one)

    def _take(self, one: MetricValue) -> None:
        name = plain(one.name)
        if name.endswith("_bucket") and "le" in one.labels:
            try:
                bound = float(one.labels["le"])
            except ValueError:
                return
            self.buckets[name.removesuffix("_bucket")][bound] += one.value
            return
        self._values[name].append((one.labels, one.value))
        if name == _BY_POSITION:
            self.positions[one.labels.get("position", "?")] += one.value

    def __len__(self) -> int:
        return len(self._values)

    def total(self, name: str) -> float | None:
        """The sum over all label sets; None where the name is not there."""
        found = self._values.get(plain(name))
        return None if found is None else sum(value for _, value in found)

    def values(self, series: Series) -> list[float]:
        """The values that fit; none where one of the names is missing."""
        found: list[float] = []
        for name in series.names:
            fit = [
                value
                for labels, value in self._values.get(plain(name), ())
                if _fits(series, labels)
            ]
            if not fit:
                return []
            found += fit
        return found

    def first(self, several: Sequence[Series]) -> tuple[Series, float] | None:
        """The first series that is there, with its sum."""
        for one in several:
            if found := self.values(one):
                return one, sum(found)
        return None


def _fits(series: Series, labels: Mapping[str, str]) -> bool:
    if not series.label:
        return True
    value = labels.get(series.label)
    if series.only:
        return value in series.only
    return value not in series.without
