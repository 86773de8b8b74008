"""Scores and figures that cannot be are refused, and who made them is named."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit_fakes import evaluator_part

from aisbench.base.errors import PluginError
from aisbench.stages.checking import (
    CheckedReducer,
    Nonsense,
    checked_by_name,
    checked_figures,
    checked_score,
)
from aisbench.store.rows import ScoreRow, dump_row
from aisbench.types.figure import Figure
from aisbench.types.score import Measure, Reading, Score, ScoreGroup, Verdict

OWN = [Verdict.RIGHT, Verdict.WRONG, Verdict.UNPARSED, Verdict.GRADED, Verdict.UNJUDGED]
GROUPS = [ScoreGroup(sample_id=str(n), scores=()) for n in range(4)]
FIGURE = Figure(name="accuracy", value=50.0, unit="%", n=4, better="up")


def score(**changes: Any) -> Score:
    """A right one, with changes."""
    return Score(**{"value": 1.0, "verdict": Verdict.RIGHT, "extracted": "18", **changes})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (None, "it is None"),
        (True, "it is True"),
        (score(value=290.71), "its value is 290.71, outside 0..1"),
        (score(value=1.0000001), "outside 0..1"),
        (score(value=-0.5, verdict=Verdict.WRONG), "outside 0..1"),
        (score(value=math.nan), "its value is nan"),
        (score(value=math.inf), "its value is inf"),
        (score(value=10**400), "its value is inf"),
        (score(value="1"), "its value is '1'"),
        (score(value=None), "its value is None"),
        (score(value=0.0), "it is right with the value 0"),
        (score(verdict=Verdict.WRONG), "it is wrong with the value 1"),
        (score(verdict=Verdict.UNPARSED, extracted=None), "it is unparsed with the value 1"),
        (score(verdict=Verdict.UNJUDGED), "it is unjudged with the value 1"),
        (score(value=0.0, verdict=Verdict.UNPARSED), "'18' was extracted"),
        (score(verdict=Verdict.FAILED), "its verdict is"),
        (score(verdict=Verdict.FILTERED, value=0.0), "its verdict is"),
        (score(verdict="right"), "its verdict is 'right' (str)"),
        (score(extracted=18), "what it extracted is 18"),
        (score(reason=None), "its reason is None"),
        (score(readings=None), "its readings are None"),
        (score(readings={1: Reading(value=1.0, extracted=None)}), "have the name 1"),
        (score(readings={"old": 1.0}), "the reading 'old' is 1.0"),
        (score(readings={"old": Reading(value=2.0, extracted=None)}), "the reading 'old' is 2"),
        (score(readings={"old": Reading(value=0.0, extracted=4)}), "reading 'old' is 4"),  # type: ignore[arg-type]
        (score(measures={"f1": Measure(value=math.nan)}), "the measure 'f1' is nan"),
        (score(measures={"f1": Measure(value=1.0, weight=-1.0)}), "is -1, below 0"),
        (score(measures={"f1": Measure(value=1.0, weight=math.inf)}), "is inf"),
        (score(measures={"f1": Measure(value=1.0, unit=None)}), "the unit of"),  # type: ignore[arg-type]
        (score(measures={"f1": Measure(value=1.0, better="more")}), "`better` of"),  # type: ignore[arg-type]
        (score(measures={"f1": 0.5}), "the measure 'f1' is 0.5"),
    ],
)
def test_scores_that_cannot_be(wrong: object, told: str) -> None:
    with pytest.raises(Nonsense) as error:
        checked_score(wrong)
    assert told in str(error.value)
    with pytest.raises(PluginError) as blame:
        checked_by_name(evaluator_part(object()), "row-7", wrong)
    for word in ("'same'", "aisbench-plugin-p 1.2", "row-7", told):
        assert word in blame.value.message


@pytest.mark.parametrize(
    "value", [1, True, np.float64(1.0), np.float32(1.0), np.int64(1), Fraction(1)]
)
def test_numbers_of_other_types_become_floats(value: Any) -> None:
    reading, measure = Reading(value=value, extracted="1"), Measure(value=value, weight=value)
    made = checked_score(score(value=value, readings={"r": reading}, measures={"m": measure}))
    numbers = (made.value, made.readings["r"].value, made.measures["m"].value)
    assert [type(one) for one in numbers] == [float, float, float]
    dump_row(ScoreRow(sample="a", repeat=0, target=None, score=made))


def test_a_decimal_is_no_number_here() -> None:
    """It does not add up with floats."""
    with pytest.raises(Nonsense):
        checked_score(score(value=Decimal(1)))


def test_what_cannot_be_written_is_replaced() -> None:
    half = "a\ud83d"
    made = checked_score(
        score(extracted=half, reason=half, readings={"r": Reading(value=1.0, extracted=half)})
    )
    dump_row(ScoreRow(sample="a", repeat=0, target=None, score=made))
    assert made.extracted == made.readings["r"].extracted == "a\ufffd"


@given(
    value=st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.0, 1.0, 0.5]),
    verdict=st.sampled_from(list(Verdict)),
    extracted=st.none() | st.text(),
)
def test_what_passes_agrees_with_itself(
    value: float, verdict: Verdict, extracted: str | None
) -> None:
    one = Score(value=value, verdict=verdict, extracted=extracted)
    try:
        made = checked_score(one)
    except Nonsense:
        right = verdict in OWN and 0 <= value <= 1
        right = right and not (verdict is Verdict.RIGHT and value == 0)
        right = right and not (verdict is Verdict.WRONG and value == 1)
        right = right and not (verdict in (Verdict.UNPARSED, Verdict.UNJUDGED) and value)
        assert not right or (verdict is Verdict.UNPARSED and extracted is not None)
    else:
        assert made == one
        assert verdict in OWN
        assert 0 <= made.value <= 1
        assert verdict is not Verdict.RIGHT or made.value > 0
        assert verdict is not Verdict.WRONG or made.value < 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"value": 29071.0}, "value of accuracy is 29071 %, outside 0..100 %"),
        ({"value": -1.0}, "outside 0..100 %"),
        ({"value": math.nan}, "value of accuracy is nan"),
        ({"value": None}, "value of accuracy is None"),
        ({"value": "50"}, "value of accuracy is '50'"),
        ({"low": 40.0}, "has one of low and high"),
        ({"low": 60.0, "high": 70.0}, "accuracy is 50, outside its low..high of 60..70"),
        ({"low": 40.0, "high": math.inf}, "high of accuracy is inf"),
        ({"bound_low": 51.0, "bound_high": 60.0}, "outside its bound_low..bound_high"),
        ({"stderr": -1.0}, "stderr of accuracy is -1"),
        ({"stderr": math.nan}, "stderr of accuracy is nan"),
        ({"n": -1}, "n of accuracy is -1"),
        ({"n": 2.5}, "n of accuracy is 2.5"),
        ({"n": 5}, "n of accuracy is 5, and there are 4 samples"),
        ({"name": ""}, "its name is ''"),
        ({"name": 3}, "its name is 3"),
        ({"unit": None}, "unit of accuracy is None"),
    ],
)
def test_figures_that_cannot_be(changes: dict[str, Any], told: str) -> None:
    class Wrong:
        def reduce(self, groups: list[ScoreGroup]) -> list[Figure]:
            return [attrs.evolve(FIGURE, **changes)]

    with pytest.raises(PluginError) as error:
        CheckedReducer(evaluator_part(Wrong())).reduce(GROUPS)
    assert told in error.value.message
    assert "reducer 'same' of aisbench-plugin-p 1.2" in error.value.message


def test_other_nonsense_of_reducers() -> None:
    with pytest.raises(Nonsense, match="two are called 'accuracy'"):
        checked_figures([FIGURE, FIGURE], 4)
    with pytest.raises(Nonsense, match="not a Figure"):
        checked_figures([50.0], 4)

    class Fails:
        def reduce(self, groups: list[ScoreGroup]) -> list[Figure]:
            return [1 / 0]  # type: ignore[list-item]

    with pytest.raises(PluginError, match="fails: ZeroDivisionError"):
        CheckedReducer(evaluator_part(Fails())).reduce([])


def test_percent_that_is_better_when_less_may_exceed_a_hundred() -> None:
    """A word error rate does."""
    one = attrs.evolve(FIGURE, value=130.0, better="down")
    assert checked_figures([one], 4) == [one]


def test_the_last_digit_is_forgiven() -> None:
    one = attrs.evolve(FIGURE, value=100 + 1e-12, low=99.0, high=100.0)
    assert checked_figures([one], 4) == [one]
