"""The value of an expression: an exact fraction where it has one, else many digits.

No work is unbounded: numbers that grow beyond what is held, arguments that would take long and
expressions without a value end in an exception, before anything is computed.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

from aisbench_plugin_math.nodes import Apply, Based, Colon, Measured, Node, Number, Symbol

DIGITS = 60
_SMALL = 1e-30
MOST_BITS = 100_000
"""Of an exact numerator or denominator."""
LARGEST_FACTORIAL = 5_000
LARGEST_MAGNITUDE = 60
"""Binary digits before the point of what is raised to a power or given to a function."""

Value: TypeAlias = Any
"""A Fraction, or an mpf or mpc of mpmath, which has no types."""


class TooLarge(Exception):
    """It has a value, but one that is not computed."""


class Undefined(Exception):
    """It has no value: a division by zero, a name without one, a set."""


class Arithmetic:
    """Evaluates with ``digits`` digits; ``log_base``: what a ``log`` without a base means."""

    def __init__(self, digits: int = DIGITS, log_base: int = 10) -> None:
        import mpmath  # type: ignore[import-untyped]

        self._context: Any = mpmath.MPContext()
        self._context.dps = digits
        self._base = log_base
        self._digits = digits
        self._finer: Arithmetic | None = None
        c = self._context
        self._functions: dict[str, Callable[..., Any]] = {
            "sin": c.sin, "cos": c.cos, "tan": c.tan, "cot": c.cot, "sec": c.sec, "csc": c.csc,
            "sinh": c.sinh, "cosh": c.cosh, "tanh": c.tanh, "coth": c.coth, "sech": c.sech,
            "csch": c.csch, "arcsin": c.asin, "arccos": c.acos, "arctan": c.atan,
            "arccot": c.acot, "arcsec": c.asec, "arccsc": c.acsc, "arg": c.arg,
        }  # fmt: skip
        self._operations: dict[str, Callable[..., Value]] = {
            "add": self._sum,
            "mul": self._product,
            "neg": lambda one: -one,
            "div": self._divided,
            "pow": self._power,
            "sqrt": lambda one: self._root(one, 2),
            "cbrt": lambda one: self._root(one, 3),
            "root": self._indexed_root,
            "abs": abs,
            "fact": self._factorial,
            "fact2": self._double_factorial,
            "binom": self._binomial,
            "floor": lambda one: self._rounded("floor", one),
            "ceil": lambda one: self._rounded("ceil", one),
            "mod": self._remainder,
            "gcd": self._of_integers(math.gcd),
            "lcm": self._of_integers(math.lcm),
            "max": self._chosen(max),
            "min": self._chosen(min),
            "ln": self._natural_logarithm,
            "log": self._logarithm,
        }

    def value(self, node: Node, names: Mapping[str, Fraction] | None = None) -> Value:
        """Raises TooLarge, Undefined."""
        try:
            value = self._value(node, names or {})
            return value if isinstance(value, Fraction) else self._certain(value, node, names)
        except (ZeroDivisionError, ValueError, OverflowError, TypeError) as error:
            raise Undefined(str(error)) from None

    def _certain(self, value: Any, node: Node, names: Mapping[str, Fraction] | None) -> Value:
        """A computed value which is not what rounding left of a zero, or of a division by one."""
        if not self._context.isfinite(value):
            raise Undefined("no finite number")
        size = abs(value)
        if _SMALL < size < 1 / _SMALL or self._digits > DIGITS:
            return value
        if self._finer is None:
            self._finer = Arithmetic(3 * DIGITS, self._base)
        finer = self._context.convert(self._finer.value(node, names))
        if abs(finer) <= (size or 10.0 ** -(DIGITS + 10)) * _SMALL:
            return Fraction(0)
        if abs(finer) * _SMALL >= size:
            raise Undefined("a division by zero")
        return finer

    def number(self, value: Value) -> Any:
        """A value as mpmath's number."""
        if isinstance(value, Fraction):
            return self._context.mpf(value.numerator) / value.denominator
        return value

    def nearest(self, number: Any) -> Any:
        """The integer that a real number of mpmath is rounded to."""
        return self._context.nint(number.real)

    def _value(self, node: Node, names: Mapping[str, Fraction]) -> Value:
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Based):
            return Fraction(node.value)
        if isinstance(node, Symbol):
            return self._named(node.name, names)
        if isinstance(node, Measured):
            amount = self._value(node.amount, names)
            if node.unit == "%^1":
                return self._times(amount, Fraction(1, 100))
            if node.unit == "deg^1":
                return self._times(self._times(amount, Fraction(1, 180)), +self._context.pi)
            if node.unit in ("", "rad^1"):
                return amount
            raise Undefined("a unit")
        if isinstance(node, Colon) and len(node.parts) == 2:
            return self._divided(*(self._value(one, names) for one in node.parts))
        if isinstance(node, Apply):
            return self._applied(node.name, [self._value(one, names) for one in node.args])
        raise Undefined(type(node).__name__.lower())

    def _named(self, name: str, names: Mapping[str, Fraction]) -> Value:
        if name in names:
            return names[name]
        if name == "pi":
            return +self._context.pi
        if name == "e":
            return +self._context.e
        if name == "i":
            return self._context.mpc(0, 1)
        raise Undefined(name)

    def _applied(self, name: str, args: list[Value]) -> Value:
        operation = self._operations.get(name)
        if operation is not None:
            return operation(*args)
        if name in self._functions:
            return self._functions[name](self._moderate(args[0]))
        raise Undefined(name)

    def _sum(self, *args: Value) -> Value:
        return functools.reduce(self._plus, args)

    def _product(self, *args: Value) -> Value:
        return functools.reduce(self._times, args)

    def _indexed_root(self, value: Value, index: Value) -> Value:
        whole = self._integer(index)
        if not 1 < whole <= 1000:
            raise Undefined("root")
        return self._root(value, whole)

    def _remainder(self, one: Value, other: Value) -> Value:
        if isinstance(one, Fraction) and isinstance(other, Fraction) and other:
            return one % other
        raise Undefined("mod")

    def _of_integers(self, function: Callable[..., int]) -> Callable[..., Value]:
        return lambda *args: Fraction(function(*(self._integer(one) for one in args)))

    def _chosen(self, choose: Callable[..., Any]) -> Callable[..., Value]:
        def chosen(*args: Value) -> Value:
            numbers = [self.number(one) for one in args]
            return args[numbers.index(choose(numbers))]

        return chosen

    # Arithmetic: exact while both are

    def _plus(self, one: Value, other: Value) -> Value:
        if isinstance(one, Fraction) and isinstance(other, Fraction):
            return self._held(one + other)
        return self.number(one) + self.number(other)

    def _times(self, one: Value, other: Value) -> Value:
        if isinstance(one, Fraction) and isinstance(other, Fraction):
            return self._held(one * other)
        return self.number(one) * self.number(other)

    def _divided(self, one: Value, other: Value) -> Value:
        if not other:
            raise Undefined("a division by zero")
        if isinstance(one, Fraction) and isinstance(other, Fraction):
            return self._held(one / other)
        return self.number(one) / self.number(other)

    def _held(self, value: Fraction) -> Fraction:
        if _bits(value) > MOST_BITS:
            raise TooLarge
        return value

    def _power(self, base: Value, exponent: Value) -> Value:
        if isinstance(exponent, Fraction):
            if exponent.denominator == 1:
                return self._whole_power(base, exponent.numerator)
            if exponent.denominator <= 1000:
                # As in school, the cube root of -8 is -2.
                root = self._root(base, exponent.denominator)
                return self._whole_power(root, exponent.numerator)
        if not base:
            raise Undefined("a power of zero")
        base = self.number(base)
        product = self._moderate(self.number(exponent) * self._context.log(base), 40)
        return self._context.exp(product)

    def _whole_power(self, base: Value, exponent: int) -> Value:
        if not base and exponent <= 0:
            raise Undefined("a power of zero")
        if isinstance(base, Fraction):
            if base in (0, 1, -1):
                return base if exponent % 2 else abs(base)
            if _bits(base) * abs(exponent) > MOST_BITS:
                # It has more digits than can be compared.
                raise TooLarge
            return base**exponent
        if exponent.bit_length() > LARGEST_MAGNITUDE:
            raise TooLarge
        return base**exponent

    def _root(self, value: Value, index: int) -> Value:
        if isinstance(value, Fraction):
            negative = value < 0
            if not negative or index % 2:
                exact = _exact_root(abs(value), index)
                if exact is not None:
                    return -exact if negative else exact
                root = self._context.root(self.number(abs(value)), index)
                return -root if negative else root
        number = self.number(value)
        if index % 2 and self._context.im(number) == 0 and self._context.re(number) < 0:
            return -self._context.root(-number, index)
        return self._context.root(number, index)

    def _factorial(self, value: Value) -> Value:
        if _is_whole(value):
            return Fraction(math.factorial(_countable(value)))
        return self._context.gamma(self._moderate(value, 20) + 1)

    def _double_factorial(self, value: Value) -> Value:
        if not _is_whole(value):
            raise Undefined("a double factorial")
        return Fraction(math.prod(range(_countable(value), 0, -2)))

    def _binomial(self, n: Value, k: Value) -> Value:
        whole = all(isinstance(one, Fraction) and one.denominator == 1 for one in (n, k))
        if whole and n >= 0:
            if k < 0 or k > n:
                return Fraction(0)
            k = min(k, n - k)
            if k > LARGEST_FACTORIAL or k * n.numerator.bit_length() > MOST_BITS:
                raise TooLarge
            return Fraction(math.comb(int(n), int(k)))
        return self._context.binomial(self._moderate(n, 20), self._moderate(k, 20))

    def _rounded(self, name: str, value: Value) -> Value:
        if isinstance(value, Fraction):
            return Fraction(math.floor(value) if name == "floor" else math.ceil(value))
        number = self._moderate(value)
        rounded = self._context.floor(number) if name == "floor" else self._context.ceil(number)
        return Fraction(int(rounded))

    def _natural_logarithm(self, value: Value) -> Value:
        if not value:
            raise Undefined("the logarithm of zero")
        return self._context.log(self.number(value))

    def _logarithm(self, value: Value, base: Value | None = None) -> Value:
        number = self._natural_logarithm(value)
        if base is None and self._base == 0:
            return number
        of = self._context.mpf(self._base) if base is None else self.number(base)
        return number / self._context.log(of)

    def _integer(self, value: Value) -> int:
        if isinstance(value, Fraction) and value.denominator == 1:
            return value.numerator
        raise Undefined("no integer")

    def _moderate(self, value: Value, magnitude: int = LARGEST_MAGNITUDE) -> Any:
        number = self.number(value)
        if number and self._context.mag(number) > magnitude:
            raise TooLarge
        return number


def _is_whole(value: Value) -> bool:
    return isinstance(value, Fraction) and value.denominator == 1


def _countable(value: Fraction) -> int:
    """An integer whose factorial is computed."""
    if value < 0:
        raise Undefined("a factorial")
    if value > LARGEST_FACTORIAL:
        raise TooLarge
    return int(value)


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _exact_root(value: Fraction, index: int) -> Fraction | None:
    parts = [_integer_root(one, index) for one in (value.numerator, value.denominator)]
    if parts[0] is None or parts[1] is None:
        return None
    return Fraction(parts[0], parts[1])


def _integer_root(value: int, index: int) -> int | None:
    if value < 2:
        return value
    if index == 2:
        root = math.isqrt(value)
        return root if root * root == value else None
    if value.bit_length() > 1000:
        return None
    low, high = 1, 1 << (value.bit_length() // index + 1)
    while low < high:
        middle = (low + high) // 2
        if middle**index < value:
            low = middle + 1
        else:
            high = middle
    return low if low**index == value else None
