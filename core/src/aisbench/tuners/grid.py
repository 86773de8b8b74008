"""Every combination of the values of all variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import define

from aisbench.tuners.walking import count, walk
from aisbench.types.tuning import TuneSpace, TuneTrial, TuneValue


@define
class _GridSession:
    _points: Iterator[Mapping[str, TuneValue]]

    def propose(self) -> Mapping[str, TuneValue] | None:
        return next(self._points, None)

    def learn(self, trial: TuneTrial) -> None:
        """A grid is the same whatever comes of it."""


class GridTuner:
    """Proposes all points, in the order of the suite: the last variable changes fastest."""

    def size(self, space: TuneSpace) -> int | None:
        """All of them. Raises DataError."""
        return count(space)

    def session(self, space: TuneSpace) -> _GridSession:
        """Raises DataError."""
        return _GridSession(walk(space.variables))
