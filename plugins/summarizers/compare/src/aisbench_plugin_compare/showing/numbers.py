"""Numbers as a reader wants them."""

from __future__ import annotations

import math

from aisbench_plugin_compare.comparing.difference import Difference


def value(number: float, unit: str) -> str:
    """A figure: shares with two decimals, others with four figures."""
    if unit == "%":
        return f"{number:.2f} %"
    return f"{plain(number)} {unit}".rstrip()


def plain(number: float) -> str:
    """Four figures that matter."""
    if not math.isfinite(number):
        return str(number)
    size = abs(number)
    if size >= 1000:
        return f"{number:,.0f}" if size >= 10_000 else f"{number:,.1f}"
    if size >= 100:
        return f"{number:.1f}"
    return f"{number:.2f}" if size >= 1 or size == 0 else f"{number:.3g}"


def signed(number: float, unit: str) -> str:
    """A difference, with its sign."""
    if not math.isfinite(number):
        return f"{number:+}"
    text = f"{abs(number):.2f}" if unit == "pp" else plain(abs(number))
    return ("-" if number < 0 else "+") + text


def change(one: Difference) -> str:
    """The difference with its interval and unit."""
    unit = one.difference_unit
    text = signed(one.change, unit)
    if one.low is not None and one.high is not None:
        text += f" [{signed(one.low, unit)}, {signed(one.high, unit)}]"
    text = f"{text} {unit}".rstrip()
    if one.unit != "%" and one.relative is not None:
        text += f" ({100 * one.relative:+.1f} %)"
    return text


def probability(p: float | None, error: float | None = None) -> str:
    """A p value; drawn ones with their standard error where that is seen."""
    if p is None:
        return ""
    if p < 0.0001:
        return "< 0.0001"
    text = f"{p:.4f}" if p < 0.01 else f"{p:.3f}"
    if error is not None and error >= 0.001:
        text += f" ± {error:.3f}"
    return text
