"""Scores and figures of plugins, checked where they enter core: one wrong number spoils every
mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import attrs

from aisbench.base.errors import AisbenchError, PluginError
from aisbench.base.lenient import whole
from aisbench.config.plan import Component
from aisbench.contract.evaluators import Reducer
from aisbench.conversation.blame import PLUGIN_ERRORS
from aisbench.plugins.targets import report_to
from aisbench.types.figure import Figure
from aisbench.types.score import Measure, Reading, Score, ScoreGroup, Verdict

GIVEN = frozenset(
    {Verdict.RIGHT, Verdict.WRONG, Verdict.UNPARSED, Verdict.GRADED, Verdict.UNJUDGED}
)
"""Verdicts that evaluators give; the others are core's to decide."""

SLACK = 1e-9
"""The relative error that adding many floating-point numbers may cause."""


class Nonsense(ValueError):
    """What is wrong with a score or a figure, as the end of a sentence."""


def checked_score(score: object) -> Score:
    """``score`` itself, or with its numbers as plain floats and texts that can be written.

    Raises Nonsense for one that is not as :class:`~aisbench.api.Score` says.
    """
    if not isinstance(score, Score):
        raise Nonsense(f"it is {_what(score)}, not a Score")
    score = _with_plain_values(score)
    _check_verdict(score)
    if score.details != {} and not isinstance(score.details, dict):
        raise Nonsense(f"its details are {_what(score.details)}, not a table")
    if score.readings != {} or score.measures != {}:
        readings = _each("readings", score.readings, _reading)
        measures = _each("measures", score.measures, _measure)
        if readings is not score.readings or measures is not score.measures:
            score = attrs.evolve(score, readings=readings, measures=measures)
    return score


def _with_plain_values(score: Score) -> Score:
    value, extracted, reason = score.value, score.extracted, score.reason
    plain = type(value) is float and 0.0 <= value <= 1.0 and type(reason) is str
    if plain and reason.isascii() and _is_plain(extracted):
        return score
    return attrs.evolve(
        score,
        value=_unit("its value", value),
        extracted=_text_or_none("what it extracted", extracted),
        reason=_text("its reason", reason),
    )


def _check_verdict(score: Score) -> None:
    value, verdict = score.value, score.verdict
    if verdict not in GIVEN or type(verdict) is not Verdict:
        raise Nonsense(
            f"its verdict is {_what(verdict)}; an evaluator gives "
            f"{', '.join(sorted(one.value for one in GIVEN))}"
        )
    if verdict is Verdict.RIGHT:
        contradicts = not value
    elif verdict is Verdict.WRONG:
        contradicts = value == 1.0
    else:
        contradicts = verdict is not Verdict.GRADED and bool(value)
    if contradicts:
        raise Nonsense(f"it is {verdict.value} with the value {value:g}")
    if verdict is Verdict.UNPARSED and score.extracted is not None:
        raise Nonsense(f"it is unparsed, yet {score.extracted[:80]!r} was extracted")


def checked_by_name(evaluator: Component, sample_id: str, score: object) -> Score:
    """:func:`checked_score` of what ``evaluator`` made of a sample's answer. Raises PluginError,
    naming evaluator, distribution and sample."""
    try:
        return checked_score(score)
    except Nonsense as error:
        raise PluginError(
            f"evaluator {evaluator.owner} gives sample {sample_id} a score that cannot be: "
            f"{error}",
            hint=f"report it to the authors of {evaluator.listed.dist}; the answers are kept, and "
            "`aisbench evaluate` scores them again",
        ) from error


class CheckedReducer:
    """A reducer whose figures are checked before anything uses them."""

    def __init__(self, component: Component) -> None:
        self._component = component
        self._reducer: Reducer = component.instance

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """See :class:`~aisbench.api.Reducer`. Raises PluginError, naming reducer and
        distribution, for figures that cannot be, and when the reducer fails."""
        try:
            figures = list(self._reducer.reduce(groups))
        except (ValueError, AisbenchError):
            raise
        except PLUGIN_ERRORS as error:
            raise self._error(f"fails: {type(error).__name__}: {error}") from error
        try:
            return checked_figures(figures, len(groups))
        except Nonsense as error:
            raise self._error(f"makes a figure that cannot be: {error}") from error

    def _error(self, what: str) -> PluginError:
        return PluginError(
            f"reducer {self._component.owner} {what}",
            hint=f"{report_to(self._component.listed)}; scores are kept",
        )


def checked_figures(figures: Sequence[object], samples: int) -> list[Figure]:
    """The figures of one reducer, made of so many samples. Raises Nonsense."""
    checked = [_figure(one) for one in figures]
    for figure in checked:
        if figure.n > samples:
            raise Nonsense(f"n of {figure.name} is {figure.n}, and there are {samples} samples")
    names = [(figure.name, figure.part) for figure in checked]
    if len(set(names)) < len(names):
        raise Nonsense(f"two are called {max(names, key=names.count)[0]!r}")
    return checked


def _figure(figure: object) -> Figure:
    if not isinstance(figure, Figure):
        raise Nonsense(f"it is {_what(figure)}, not a Figure")
    name = figure.name
    if not name or type(name) is not str:
        raise Nonsense(f"its name is {_what(name)}")
    numbers: dict[str, Any] = {
        key: _finite(f"{key} of {name}", getattr(figure, key))
        for key in ("value", "stderr", "low", "high", "bound_low", "bound_high")
        if key == "value" or getattr(figure, key) is not None
    }
    for key in ("unit", "method", "part"):
        _text(f"{key} of {name}", getattr(figure, key))
    if type(figure.n) is not int or figure.n < 0:
        raise Nonsense(f"n of {name} is {_what(figure.n)}, not a count of samples")
    _check_range(figure, numbers)
    return attrs.evolve(figure, **numbers)


def _check_range(figure: Figure, numbers: Mapping[str, float]) -> None:
    """Whether the figure lies within its bounds, and all numbers within their unit's."""
    name, value = figure.name, numbers["value"]
    slack = SLACK * max(1.0, *map(abs, numbers.values()))
    if figure.unit == "%" and figure.better == "up":
        for key in numbers.keys() - {"stderr"}:
            if not -slack <= numbers[key] <= 100 + slack:
                raise Nonsense(f"{key} of {name} is {numbers[key]:g} %, outside 0..100 %")
    if numbers.get("stderr", 0.0) < 0:
        raise Nonsense(f"stderr of {name} is {numbers['stderr']:g}, below 0")
    for low, high in (("low", "high"), ("bound_low", "bound_high")):
        if (low in numbers) != (high in numbers):
            raise Nonsense(f"{name} has one of {low} and {high}")
        if low in numbers and not numbers[low] - slack <= value <= numbers[high] + slack:
            raise Nonsense(
                f"{name} is {value:g}, outside its {low}..{high} of {numbers[low]:g}.."
                f"{numbers[high]:g}"
            )


def _reading(name: str, reading: object) -> Reading:
    if not isinstance(reading, Reading):
        raise Nonsense(f"the reading {name!r} is {_what(reading)}, not a Reading")
    value, extracted = reading.value, reading.extracted
    if type(value) is float and 0.0 <= value <= 1.0 and _is_plain(extracted):
        return reading
    return attrs.evolve(
        reading,
        value=_unit(f"the reading {name!r}", value),
        extracted=_text_or_none(f"the extracted text of reading {name!r}", extracted),
    )


def _measure(name: str, measure: object) -> Measure:
    if not isinstance(measure, Measure):
        raise Nonsense(f"the measure {name!r} is {_what(measure)}, not a Measure")
    if (
        type(measure.value) is type(measure.weight) is float
        and -math.inf < measure.value < math.inf
        and 0.0 <= measure.weight < math.inf
        and type(measure.unit) is str
        and measure.better in ("up", "down", None)
    ):
        return measure
    value = _finite(f"the measure {name!r}", measure.value)
    weight = _finite(f"the weight of the measure {name!r}", measure.weight)
    if weight < 0:
        raise Nonsense(f"the weight of the measure {name!r} is {weight:g}, below 0")
    if measure.better not in ("up", "down", None):
        raise Nonsense(f"`better` of the measure {name!r} is {_what(measure.better)}")
    _text(f"the unit of the measure {name!r}", measure.unit)
    return attrs.evolve(measure, value=value, weight=weight)


def _each(what: str, table: Any, check: Any) -> Any:
    """``table`` itself, or with what ``check`` changed in it."""
    if type(table) is not dict and not isinstance(table, Mapping):
        raise Nonsense(f"its {what} are {_what(table)}, not a mapping of names")
    changed = {}
    for name, one in table.items():
        if type(name) is not str:
            raise Nonsense(f"its {what} have the name {_what(name)}")
        if (checked := check(name, one)) is not one:
            changed[name] = checked
    return {**table, **changed} if changed else table


def _unit(what: str, value: object) -> float:
    number = _finite(what, value)
    if not 0.0 <= number <= 1.0:
        raise Nonsense(f"{what} is {number:g}, outside 0..1")
    return number


def _finite(what: str, value: object) -> float:
    if not isinstance(value, Real):
        raise Nonsense(f"{what} is {_what(value)}, not a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Nonsense(f"{what} is {number}, not a finite number")
    return number


def _text(what: str, value: object) -> str:
    if not isinstance(value, str):
        raise Nonsense(f"{what} is {_what(value)}, not a text")
    # A model may have spelt half of a surrogate pair as an escape; it cannot be written.
    return whole(str(value))


def _text_or_none(what: str, value: object) -> str | None:
    return None if value is None else _text(what, value)


def _is_plain(text: object) -> bool:
    """Whether it is absent, or a text that can surely be written."""
    return text is None or (type(text) is str and text.isascii())


def _what(value: object) -> str:
    shown = repr(value)
    return f"{shown if len(shown) <= 80 else shown[:79] + '…'} ({type(value).__name__})"
