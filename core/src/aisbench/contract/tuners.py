"""What proposes the settings of a server that are tried next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from aisbench.types.tuning import TuneSpace, TuneTrial, TuneValue


class TunerSession(Protocol):
    """One search. It must depend on nothing but the space and what it was told: a run that goes on
    makes a new session, and has it propose and learn what is known already."""

    def propose(self) -> Mapping[str, TuneValue] | None:
        """The next point: a value for each active variable. None where there is none left."""

    def learn(self, trial: TuneTrial) -> None:
        """A point was tried: most often the one that was proposed last, and after a change of the
        suite also one that it did not propose."""


class Tuner(Protocol):
    """A way to search. The constructor gets the settings. (1.3)"""

    def size(self, space: TuneSpace) -> int | None:
        """How many points it would propose at most; None where it has no end of its own. Raises
        DataError, saying why, for a space that it cannot search."""

    def session(self, space: TuneSpace) -> TunerSession:
        """Begin a search. Raises DataError."""
