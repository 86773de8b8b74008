"""Arithmetic with contexts of our own: the thread's belongs to the application. Pure."""

from __future__ import annotations

from decimal import Context, Decimal

_CONTEXT = Context(prec=80)
_DIVISION = Context(prec=12)
LARGEST = 40
"""The largest power of ten, up or down, that a number may be scaled by."""


def ratio(top: int | str, bottom: int | str, whole: int | str = 0) -> Decimal:
    """``whole`` plus ``top`` over ``bottom``, the fraction to twelve digits."""
    fraction = _DIVISION.divide(Decimal(top), Decimal(bottom))
    return _CONTEXT.add(Decimal(whole), fraction)


def scaled(value: Decimal, power: int) -> Decimal | None:
    """``value`` times ten to the ``power``, None beyond :data:`LARGEST`."""
    return value.scaleb(power, _CONTEXT) if abs(power) <= LARGEST else None


def product(value: Decimal, factor: int | Decimal) -> Decimal:
    """``value`` times ``factor``."""
    return _CONTEXT.multiply(value, Decimal(factor))


def total(value: Decimal, other: Decimal) -> Decimal:
    """``value`` plus ``other``."""
    return _CONTEXT.add(value, other)


def power(base: Decimal, exponent: int) -> Decimal | None:
    """``base`` to the ``exponent``, None where it is too long for an answer."""
    if base == 0 and exponent <= 0:
        return None
    if abs(exponent) * max(1, base.adjusted() + 1, -base.adjusted()) > LARGEST:
        return None
    return _CONTEXT.power(base, exponent)


def canonical(value: Decimal) -> str:
    """The shortest plain spelling: no exponent, no separators, no trailing zeros, no "-0"."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
