"""Means of the numbers that an evaluator takes besides its score."""

from __future__ import annotations

import attrs
import pytest
from attrs import evolve

from aisbench.api import Measure, Score, ScoreGroup, Verdict
from aisbench_plugin_repeats.measures import Measures


def group(name: str, *values: tuple[float, float], unit: str = "%") -> ScoreGroup:
    return ScoreGroup(
        sample_id=name,
        scores=tuple(
            Score(
                value=0.5,
                verdict=Verdict.GRADED,
                measures={"m": Measure(value=value, weight=weight, unit=unit)},
            )
            for value, weight in values
        ),
    )


FAILED = ScoreGroup(sample_id="f", scores=(Score(value=0.0, verdict=Verdict.FAILED),))


def test_a_weighted_mean() -> None:
    (figure,) = Measures().reduce([group("a", (100, 1)), group("b", (0, 3)), group("c", (50, 2))])
    assert figure.value == pytest.approx((100 + 0 + 100) / 6)
    assert (figure.name, figure.unit, figure.n) == ("m", "%", 3)
    assert figure.low is not None and figure.high is not None
    assert 0 <= figure.low < figure.value < figure.high <= 100


def test_repeats_count_alike() -> None:
    (figure,) = Measures().reduce([group("a", (100, 1), (0, 1)), group("b", (50, 1), (50, 1))])
    assert figure.value == pytest.approx(50)
    assert figure.n == 2


def test_equal_weights_give_the_usual_standard_error() -> None:
    values = [10.0, 20.0, 60.0, 30.0]
    (figure,) = Measures().reduce([group(str(v), (v, 1), unit="") for v in values])
    mean = sum(values) / 4
    deviation = (sum((v - mean) ** 2 for v in values) / 3) ** 0.5
    assert figure.stderr == pytest.approx(deviation / 2)


def test_failed_requests_count_nothing() -> None:
    (figure,) = Measures().reduce([group("a", (80, 2)), group("b", (60, 2)), FAILED])
    assert figure.value == pytest.approx((160 + 120) / 6)
    assert figure.n == 3
    assert Measures().reduce([FAILED]) == []
    plain = ScoreGroup(sample_id="p", scores=(Score(value=1.0, verdict=Verdict.RIGHT),))
    with pytest.raises(ValueError, match="no answer has a measure"):
        Measures().reduce([plain])


def test_a_measure_is_of_the_samples_that_have_it() -> None:
    asked = attrs.evolve(group("a", (80, 1)), part="summaries")
    other = ScoreGroup(
        sample_id="q", scores=(Score(value=1.0, verdict=Verdict.RIGHT),), part="questions"
    )
    lost = attrs.evolve(FAILED, part="summaries")
    elsewhere = attrs.evolve(FAILED, sample_id="g", part="questions")
    (figure,) = Measures().reduce([asked, other, lost, elsewhere])
    assert (figure.value, figure.n) == (40.0, 2)


def test_parts_of_another_evaluator_are_left_out() -> None:
    """Of LawBench's tasks some have ROUGE, and others a letter: those are no zeros of ROUGE."""
    summed = [
        evolve(group(name, (value, 1)), part="sum") for name, value in (("a", 80), ("b", 40))
    ]
    failed = [evolve(FAILED, part=part) for part in ("sum", "letter")]
    letter = ScoreGroup(
        sample_id="l", scores=(Score(value=1.0, verdict=Verdict.RIGHT),), part="letter"
    )
    (figure,) = Measures().reduce([*summed, *failed, letter])
    assert (figure.value, figure.n) == (pytest.approx(40), 3)
