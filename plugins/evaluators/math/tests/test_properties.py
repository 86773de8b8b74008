"""A value equals itself in any dress, and no other value in any dress."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aisbench.api import Answer, Sample, Verdict
from aisbench_plugin_math.evaluator import MathEvaluator
from aisbench_plugin_math.settings import MathSettings

EVALUATOR = MathEvaluator(MathSettings())
QUICK = settings(deadline=None, max_examples=40)


def verdict(target: str, text: str) -> Verdict:
    answer = Answer.of(text)
    return EVALUATOR.score(Sample(id="s", target=target), answer).verdict


def box(inside: str) -> str:
    return f"So $\\boxed{{{inside}}}$."


def grouped(value: int, joint: str) -> str:
    return f"{value:,}".replace(",", joint)


@st.composite
def fractions(draw: st.DrawFn) -> Fraction:
    bottom = draw(st.integers(2, 5000))
    value = Fraction(draw(st.integers(-(10**6), 10**6)), bottom)
    assume(value.denominator > 1)
    return value


def dresses(value: Fraction) -> list[str]:
    """Ways to write a fraction."""
    sign = "-" if value < 0 else ""
    top, bottom = abs(value.numerator), value.denominator
    whole, rest = divmod(top, bottom)
    written = [
        f"{sign}\\frac{{{top}}}{{{bottom}}}", f"{sign}\\dfrac{{{top}}}{{{bottom}}}",
        f"\\frac{{{sign}{top}}}{{{bottom}}}", f"{sign}{top}/{bottom}", f"{sign} {top} / {bottom}",
        f"x = {sign}\\tfrac{{{top}}}{{{bottom}}}", f"{sign}\\frac{{{3 * top}}}{{{3 * bottom}}}",
        f"{sign}\\frac{{{top}}}{{{bottom}}} \\text{{ units}}", f"{sign}{top} \\div {bottom}",
        f"\\left({sign}\\frac{{{top}}}{{{bottom}}}\\right)", f"{sign}{top}\\cdot {bottom}^{{-1}}",
    ]  # fmt: skip
    if whole:
        written += [f"{sign}{whole}\\frac{{{rest}}}{{{bottom}}}", f"{sign}{whole} {rest}/{bottom}"]
    return written


@QUICK
@given(value=fractions(), data=st.data())
def test_a_fraction_in_any_dress(value: Fraction, data: st.DataObject) -> None:
    target, answer = (data.draw(st.sampled_from(dresses(value))) for _ in range(2))
    assert verdict(target, box(answer)) is Verdict.RIGHT


@QUICK
@given(value=fractions(), other=fractions(), data=st.data())
def test_no_other_fraction(value: Fraction, other: Fraction, data: st.DataObject) -> None:
    assume(value != other)
    target = data.draw(st.sampled_from(dresses(value)))
    answer = data.draw(st.sampled_from(dresses(other)))
    assert verdict(target, box(answer)) is Verdict.WRONG


@QUICK
@given(value=fractions(), step=st.integers(1, 5))
def test_neighbours_of_a_fraction_are_others(value: Fraction, step: int) -> None:
    near = value + Fraction(step, 10**9)
    assert verdict(dresses(value)[0], box(dresses(near)[0])) is Verdict.WRONG


@QUICK
@given(
    value=st.integers(-(10**15), 10**15), joint=st.sampled_from([",", "{,}", "\\,", ",\\!", " "])
)
def test_an_integer_in_any_groups(value: int, joint: str) -> None:
    assert verdict(str(value), box(grouped(value, joint))) is Verdict.RIGHT
    assert verdict(str(value + 1), box(grouped(value, joint))) is Verdict.WRONG
    assert verdict(grouped(value, joint), box(f"{value}.")) is Verdict.RIGHT


@QUICK
@given(
    digits=st.integers(10**6, 10**12 - 1),
    exponent=st.integers(-30, 20),
    change=st.floats(1.1e-5, 10) | st.floats(-0.99, -1.1e-5),
)
def test_decimals_that_differ_are_others(digits: int, exponent: int, change: float) -> None:
    """At every size: what counts is the difference relative to the reference."""
    value = Fraction(digits) * Fraction(10) ** exponent
    other = value * (1 + Fraction(change))
    target, answer = f"{float(value):.12e}", f"{float(other):.12e}"
    assert verdict(target, box(answer)) is Verdict.WRONG
    assert verdict(target, box(_scientific(float(value)))) is Verdict.RIGHT


def _scientific(value: float) -> str:
    mantissa, _, exponent = f"{value:.12e}".partition("e")
    return f"{mantissa} \\times 10^{{{int(exponent)}}}"


@QUICK
@given(value=fractions(), places=st.integers(0, 4))
def test_a_value_rounded_too_far_is_another(value: Fraction, places: int) -> None:
    rounded = round(value, places)
    assume(abs(rounded - value) > abs(value) * Fraction(1, 10**5))
    assert verdict(dresses(value)[0], box(f"{float(rounded):.{places}f}")) is not Verdict.RIGHT


@QUICK
@given(value=fractions())
def test_a_value_with_ten_significant_digits_is_the_value(value: Fraction) -> None:
    text = f"{float(value):.10e}"
    assert verdict(dresses(value)[0], box(text)) is Verdict.RIGHT


_LEAVES = st.sampled_from(["x", "y", "2", "3", "a", "\\pi", "\\frac{1}{2}", "\\sqrt{2}"])
_TREES = st.recursive(
    _LEAVES,
    lambda part: st.one_of(
        st.tuples(part, part).map(lambda both: f"({both[0]} + {both[1]})"),
        st.tuples(part, part).map(lambda both: f"({both[0]}) \\cdot ({both[1]})"),
        st.tuples(part, part).map(lambda both: f"{{{both[0]}}} - ({both[1]})"),
        part.map(lambda one: f"({one})^{{2}}"),
        part.map(lambda one: f"\\frac{{{one}}}{{7}}"),
        part.map(lambda one: f"\\sqrt{{({one})^2 + 1}}"),
        part.map(lambda one: f"\\sin({one})"),
    ),
    max_leaves=8,
)


@QUICK
@given(tree=_TREES)
def test_an_expression_equals_itself_and_no_other(tree: str) -> None:
    assert verdict(tree, box(f"({tree}) + 0")) is Verdict.RIGHT
    assert verdict(tree, box(f"\\frac{{3 ({tree})}}{{3}}")) is Verdict.RIGHT
    assert verdict(tree, box(f"({tree}) + \\frac{{1}}{{10^{{9}}}}")) is Verdict.WRONG
    assert verdict(tree, box(f"({tree}) + z")) is Verdict.WRONG


@QUICK
@given(
    items=st.lists(st.integers(-50, 50), min_size=2, max_size=6, unique=True),
    order=st.randoms(use_true_random=False),
    joint=st.sampled_from([", ", " \\text{ and } ", " \\text{ or } ", ",\\ ", "; "]),
)
def test_lists_in_any_order_and_tuples_in_their_own(
    items: list[int], order: object, joint: str
) -> None:
    mixed = items[::-1]
    target, listed = ", ".join(map(str, items)), joint.join(map(str, mixed))
    assert verdict(target, box(listed)) is Verdict.RIGHT
    assert verdict(f"\\{{{target}\\}}", box(listed)) is Verdict.RIGHT
    assert verdict(f"({target})", box(f"({', '.join(map(str, mixed))})")) is Verdict.WRONG
    assert verdict(target, box(joint.join(map(str, mixed[1:])))) is Verdict.WRONG
    boxed = " and ".join(f"$\\boxed{{{one}}}$" for one in mixed)
    assert verdict(target, f"We get {boxed}.") is Verdict.RIGHT


_ENDS = st.tuples(st.integers(-40, 40), st.integers(1, 40), st.booleans(), st.booleans())


@QUICK
@given(ends=_ENDS)
def test_intervals_are_conditions(ends: tuple[int, int, bool, bool]) -> None:
    low, width, low_in, high_in = ends
    high = low + width
    target = f"{'[' if low_in else '('}{low}, {high}{']' if high_in else ')'}"
    signs = "\\le" if low_in else "<", "\\leq" if high_in else "<"
    above = "\\ge" if low_in else ">"
    for written in (
        f"{low} {signs[0]} x {signs[1]} {high}", f"x \\in {target}",
        f"x {above} {low} \\text{{ and }} x {signs[1]} {high}",
        f"\\{{t \\mid {low} {signs[0]} t {signs[1]} {high}\\}}",
    ):  # fmt: skip
        assert verdict(target, box(written)) is Verdict.RIGHT, written
    other = "<" if low_in else "\\le"
    assert verdict(target, box(f"{low} {other} x {signs[1]} {high}")) is Verdict.WRONG
    assert verdict(target, box(f"{low} {signs[0]} x {signs[1]} {high + 1}")) is Verdict.WRONG


@QUICK
@given(value=st.integers(2, 10**6), base=st.integers(2, 9), other=st.integers(2, 9))
def test_a_base_belongs_to_the_answer(value: int, base: int, other: int) -> None:
    digits, rest = "", value
    while rest:
        rest, digit = divmod(rest, base)
        digits = str(digit) + digits
    target = f"{digits}_{base}"
    for written in (f"{digits}_{{{base}}}", f"{digits} \\text{{ base }} {base}"):
        assert verdict(target, box(written)) is Verdict.RIGHT
    for written in (digits, str(value), f"{digits}_{{{other}}}" if other != base else "0"):
        assert verdict(target, box(written)) is not Verdict.RIGHT


_UNITS = ("cm", "m", "kg", "s", "mph", "cm^2", "\\$", "^\\circ", "in", "lb")


@pytest.mark.parametrize("one", _UNITS)
@pytest.mark.parametrize("other", _UNITS)
def test_units_tell_quantities_apart(one: str, other: str) -> None:
    def written(unit: str) -> str:
        if unit.startswith("\\$"):
            return "\\$7"
        return f"7{unit}" if unit.startswith("^") else f"7\\text{{ {unit}}}"

    assert (verdict(written(one), box(written(other))) is Verdict.RIGHT) == (one == other)
    assert verdict(written(one), box("7")) is Verdict.RIGHT
    assert verdict("7", box(written(other))) is Verdict.RIGHT
