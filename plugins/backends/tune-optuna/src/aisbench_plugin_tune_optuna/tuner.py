"""Optuna as a tuner: it proposes, and core runs the points and tells what came of them.

A study lives in memory only. Its samplers are seeded and depend on nothing but what they are told,
so that a run that goes on comes to the same proposals by telling the known points again.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, frozen

from aisbench.api import DataError, TuneSpace, TuneTrial, TuneVariable, at_least, setting

if TYPE_CHECKING:
    import optuna

TuneValue = bool | int | float | str
VIOLATED = "violated"
"""The attribute of a trial that says by how much its point is out of bounds: 0 or less is fine."""


@frozen(kw_only=True)
class OptunaSettings:
    """Which of Optuna's samplers, and how it begins."""

    method: Literal["tpe", "gp", "cma-es", "random", "qmc"] = setting(
        default="tpe",
        help="tpe: tree of Parzen estimators, for every kind of variable; gp: Gaussian process, "
        "for few points and no conditions (needs torch and scipy); cma-es: numbers alone (needs "
        "cmaes); qmc: an even spread (needs scipy)",
    )
    startup: int = setting(
        default=10, check=at_least(1), help="points that are drawn at random first (tpe, gp)"
    )
    multivariate: bool = setting(
        default=True, help="of tpe: look at variables together, instead of each by itself"
    )


@define
class _OptunaSession:
    _space: TuneSpace
    _study: optuna.study.Study
    _asked: optuna.trial.Trial | None = None
    _values: Mapping[str, TuneValue] | None = None
    _worst: float | None = None

    def propose(self) -> Mapping[str, TuneValue] | None:
        """The sampler's next point."""
        self._asked = self._study.ask()
        chosen: dict[str, TuneValue] = {}
        for one in self._space.variables:
            if one.active(chosen):
                chosen[one.name] = _suggested(self._asked, one)
        self._values = chosen
        return chosen

    def learn(self, trial: TuneTrial) -> None:
        """Tell the value; a point without one gets the worst so far, and is out of bounds."""
        if self._asked is None:
            return
        value = trial.value
        up = self._space.better == "up"
        if value is not None:
            worse = min if up else max
            self._worst = value if self._worst is None else worse(self._worst, value)
        else:
            value = self._worst if self._worst is not None else 0.0
        # 2: not even a figure came of it.
        violated = 0.0 if trial.attained else (1.0 if trial.value is not None else 2.0)
        self._asked.set_user_attr(VIOLATED, violated)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._study.tell(self._asked, value)
        self._asked = None


def _suggested(trial: optuna.trial.Trial, one: TuneVariable) -> TuneValue:
    listed = one.listed()
    if one.values:
        place: int = trial.suggest_categorical(one.name, range(len(one.values)))
        return one.values[place]
    if one.log and one.step is not None and listed is not None:
        # By factors: Optuna has no such steps, but numbers of steps have an order.
        return listed[trial.suggest_int(one.name, 0, len(listed) - 1)]
    assert one.low is not None
    assert one.high is not None
    if one.whole:
        step = 1 if one.step is None else int(one.step)
        high = int(one.low) + (int(one.high) - int(one.low)) // step * step
        return trial.suggest_int(one.name, int(one.low), high, step=step, log=one.log)
    if listed is not None:
        return listed[trial.suggest_int(one.name, 0, len(listed) - 1)]
    return float(f"{trial.suggest_float(one.name, one.low, one.high, log=one.log):.6g}")


def _constraint(trial: optuna.trial.FrozenTrial) -> Sequence[float]:
    return (float(trial.user_attrs.get(VIOLATED, 2.0)),)


class OptunaTuner:
    """Proposes points by what the earlier ones came to; those at which the SLO did not hold count
    as out of bounds (constrained TPE and Gaussian process)."""

    def __init__(self, settings: OptunaSettings) -> None:
        self._settings = settings

    def size(self, space: TuneSpace) -> int | None:
        """How many points there are, where all variables are lists or have steps and none has a
        condition; else None: tune.points or tune.time ends the search."""
        if any(one.when for one in space.variables):
            return None
        product = 1
        for one in space.variables:
            listed = one.listed()
            # Of a range by factors without a step any whole number may be drawn.
            if listed is None or (one.log and one.step is None):
                return None
            product *= len(listed)
        return product

    def session(self, space: TuneSpace) -> _OptunaSession:
        """A study in memory. Raises DataError for a sampler whose library is missing."""
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            study = optuna.create_study(
                direction="maximize" if space.better == "up" else "minimize",
                sampler=self._sampler(space),
            )
        return _OptunaSession(space, study)

    def _sampler(self, space: TuneSpace) -> Any:
        import optuna

        made = optuna.samplers
        one, seed = self._settings, space.seed % 2**32
        try:
            if one.method == "tpe":
                return made.TPESampler(
                    seed=seed,
                    n_startup_trials=one.startup,
                    multivariate=one.multivariate,
                    group=one.multivariate and any(it.when for it in space.variables),
                    constraints_func=_constraint,
                )
            if one.method == "gp":
                return made.GPSampler(
                    seed=seed, n_startup_trials=one.startup, constraints_func=_constraint
                )
            if one.method == "cma-es":
                return made.CmaEsSampler(seed=seed)
            if one.method == "qmc":
                return made.QMCSampler(seed=seed)
        except ImportError as error:
            raise DataError(
                f"tune.method = {one.method!r} needs a library that is not installed: {error}",
                hint='pip install it, or use method = "tpe"',
            ) from None
        return made.RandomSampler(seed=seed)
