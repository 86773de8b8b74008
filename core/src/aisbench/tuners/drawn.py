"""Points drawn at random, each value by itself."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping

from attrs import define

from aisbench.tuners.walking import count
from aisbench.types.tuning import TuneSpace, TuneTrial, TuneValue, TuneVariable


@define
class _DrawingSession:
    _space: TuneSpace
    _random: random.Random

    def propose(self) -> Mapping[str, TuneValue] | None:
        chosen: dict[str, TuneValue] = {}
        for one in self._space.variables:
            # Drawn whether it matters or not: a point depends on its number alone.
            value = _drawn(one, self._random)
            if one.active(chosen):
                chosen[one.name] = value
        return chosen

    def learn(self, trial: TuneTrial) -> None:
        """Chance learns nothing."""


class RandomTuner:
    """Proposes points at random, from the suite's seed: a better use of few points than a grid
    where only some variables matter (Bergstra and Bengio, JMLR 2012)."""

    def size(self, space: TuneSpace) -> int | None:
        """How many there are; None where a variable is a range without steps."""
        if any(one.listed() is None or (one.log and one.step is None) for one in space.variables):
            return None
        return count(space)

    def session(self, space: TuneSpace) -> _DrawingSession:
        """Begin anew, with the seed."""
        return _DrawingSession(space, random.Random(f"tune {space.seed}"))


def _drawn(variable: TuneVariable, source: random.Random) -> TuneValue:
    listed = variable.listed()
    if listed is not None and (variable.values or variable.step is not None):
        return source.choice(listed)
    assert variable.low is not None
    assert variable.high is not None
    if variable.log:
        value = math.exp(source.uniform(math.log(variable.low), math.log(variable.high)))
        value = min(max(value, variable.low), variable.high)
        return round(value) if variable.whole else float(f"{value:.6g}")
    if variable.whole:
        return source.randint(int(variable.low), int(variable.high))
    return float(f"{source.uniform(variable.low, variable.high):.6g}")
