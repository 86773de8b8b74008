"""Units of measurement: what their names mean. Pure.

Factors: the SI Brochure (9th edition) and, for the customary units, NIST SP 811, appendix B.
"""

from __future__ import annotations

import re
from fractions import Fraction

from attrs import field, frozen, mutable

PERCENT, DEGREE = "%", "deg"
NOUN = ""
"""Any noun that counts things: "5 apples"; it distinguishes nothing."""


@frozen
class Unit:
    """``factor`` times the units of ``dimension``: powers of m, kg, s, $..."""

    factor: Fraction
    dimension: tuple[tuple[str, int], ...]


def _one(factor: Fraction | int | str, *dimension: tuple[str, int]) -> Unit:
    return Unit(Fraction(factor), tuple(sorted(dimension)))


_LENGTH = {"m": "1", "km": "1000", "cm": "0.01", "mm": "0.001", "dm": "0.1", "nm": "1e-9",
           "in": "0.0254", "ft": "0.3048", "yd": "0.9144", "mi": "1609.344"}  # fmt: skip
_MASS = {"kg": "1", "g": "0.001", "mg": "1e-6", "t": "1000", "lb": "0.45359237",
         "oz": "0.028349523125"}  # fmt: skip
_TIME = {"s": "1", "ms": "0.001", "min": "60", "h": "3600", "day": "86400", "week": "604800",
         "month": None, "year": None}  # fmt: skip
_VOLUME = {"l": "0.001", "ml": "1e-6", "gal": "0.003785411784"}
_MONEY = {"$": ("usd", "1"), "cent": ("usd", "0.01"), "€": ("eur", "1"), "£": ("gbp", "1"),
          "¥": ("cny", "1"), "₹": ("inr", "1")}  # fmt: skip
_SPEED = (("m", 1), ("s", -1))
_OTHER = {"mph": _one("0.44704", *_SPEED), "kmh": _one(Fraction(5, 18), *_SPEED),
          "N": _one(1, ("kg", 1), ("m", 1), ("s", -2)),
          "J": _one(1, ("kg", 1), ("m", 2), ("s", -2)),
          "W": _one(1, ("kg", 1), ("m", 2), ("s", -3)), "Hz": _one(1, ("s", -1)),
          "acre": _one("4046.8564224", ("m", 2)), "ha": _one(10000, ("m", 2)),
          "degC": _one(1, ("degC", 1)), "degF": _one(1, ("degF", 1)), "K": _one(1, ("K", 1)),
          "V": _one(1, ("V", 1)), "A": _one(1, ("A", 1)), "mol": _one(1, ("mol", 1)),
          "rad": _one(1), PERCENT: _one(Fraction(1, 100), ("%", 1))}  # fmt: skip
_KNOWN: dict[str, Unit] = {
    **{name: _one(size, ("m", 1)) for name, size in _LENGTH.items()},
    **{name: _one(size, ("kg", 1)) for name, size in _MASS.items()},
    **{name: _one(size, ("s", 1)) if size else _one(1, (name, 1)) for name, size in _TIME.items()},
    **{name: _one(size, ("m", 3)) for name, size in _VOLUME.items()},
    **{name: _one(size, (which, 1)) for name, (which, size) in _MONEY.items()},
    **_OTHER,
}
_SPELLED = {
    "m": "meter metre meters metres 米",
    "km": "kilometer kilometre kilometers kilometres 千米 公里",
    "cm": "centimeter centimetre centimeters centimetres 厘米", "dm": "decimeter decimeters 分米",
    "mm": "millimeter millimetre millimeters millimetres 毫米",
    "in": "inch inches ins 英寸", "ft": "foot feet 英尺", "yd": "yard yards yds",
    "mi": "mile miles",
    "kg": "kilogram kilograms kgs 千克 公斤", "g": "gram grams gm gms 克",
    "mg": "milligram milligrams", "t": "ton tons tonne tonnes 吨", "lb": "pound pounds lbs",
    "oz": "ounce ounces", "s": "sec secs second seconds 秒", "min": "mins minute minutes 分钟",
    "h": "hr hrs hour hours 小时", "day": "days 天", "week": "weeks wk wks",
    "month": "months 个月",
    "year": "years yr yrs 年", "l": "L liter litre liters litres 升",
    "ml": "mL milliliter millilitre milliliters millilitres 毫升", "gal": "gallon gallons",
    "$": "dollar dollars usd USD 美元", "cent": "cents ¢", "€": "euro euros eur EUR 欧元",
    "£": "gbp GBP 英镑", "¥": "yuan rmb RMB cny CNY 元", "₹": "rupee rupees rs Rs INR",
    "mph": "", "kmh": "kph", "N": "newton newtons", "J": "joule joules", "W": "watt watts",
    "Hz": "hertz", "acre": "acres", "ha": "hectare hectares", "V": "volt volts",
    "rad": "radian radians rads", PERCENT: "percent percentage pct", DEGREE: "degree degrees 度",
    "K": "kelvin", "A": "ampere amperes amps", "mol": "mole moles", "degC": "celsius",
    "degF": "fahrenheit",
}  # fmt: skip
_NAMES = {name: unit for unit, names in _SPELLED.items() for name in (unit, *names.split())}
_POWERS = {"square": 2, "sq": 2, "squared": 2, "cubic": 3, "cu": 3, "cubed": 3,
           "平方": 2, "立方": 3}  # fmt: skip
_PART = re.compile(r"\^\{?(-?\d)\}?|[/·*.]|[^\W\d_]+|[$€£¥₹¢%]")
_REFUSED = frozenset(
    (
        "not", "no", "or", "and", "if", "than", "least", "most", "more", "less", "fewer", "over",
        "under", "about", "but", "when", "where", "for", "all", "any", "some", "between", "to",
        "then", "because", "since", "unless", "except", "only", "maybe", "perhaps", "this", "that",
        "is", "are", "was", "be", "it", "we", "i", "you", "they", "which", "as", "by", "has",
        "have", "so", "thus", "hence", "let", "note", "check", "或", "和", "不", "是", "因为",
        "所以",
    )
)  # fmt: skip


def unit_named(text: str) -> str | None:
    """The unit that ``text`` names, written in one way ("km^1 h^-1"); "" for any other noun;
    None when the words do not name a unit or a thing."""
    if text.strip() in ("sq", "square", "cubic"):
        return None
    stripped = text.strip().rstrip(".")
    unit = _NamedUnit()
    at = 0
    while at < len(stripped):
        if stripped[at] in " -~{}()\\,'":
            at += 1
            continue
        match = _PART.match(stripped, at)
        if match is None or match.group().lower() in _REFUSED:
            return None
        at = match.end()
        unit.add(match.group(), match.group(1))
    return unit.name()


@mutable
class _NamedUnit:
    """A unit's name, word by word. ``sign`` and ``power`` are those of the next word."""

    parts: list[tuple[str, int]] = field(factory=list)
    sign: int = 1
    power: int = 1
    known: bool = True
    words: int = 0

    def add(self, word: str, exponent: str | None) -> None:
        """Add a word or a sign; ``exponent`` is that of ^2."""
        lower = word.lower()
        if exponent:
            self._raise(int(exponent))
        elif word in ("/", "per", "每"):
            self.sign = -1
        elif word in "·*.":
            return
        elif lower in ("squared", "cubed") and self.parts:
            self._raise(_POWERS[lower])
        elif lower in _POWERS:
            self.power = _POWERS[lower]
        else:
            self.words += 1
            name = _NAMES.get(word) or _NAMES.get(lower)
            self.known = self.known and name is not None
            self.parts.append((name or word, self.sign * self.power))
            self.power = 1

    def _raise(self, exponent: int) -> None:
        if self.parts:
            name, power = self.parts[-1]
            self.parts[-1] = name, power * exponent

    def name(self) -> str | None:
        if not self.known or not self.parts:
            return NOUN if self.words <= MOST_WORDS else None
        return " ".join(f"{name}^{power}" for name, power in self.parts)


MOST_WORDS = 5
"""Of a noun with its adjectives: "different ways", "cubic feet of sand"."""


def unit(name: str) -> Unit | None:
    """What a name of :func:`unit_named` measures; None for nouns."""
    if not name:
        return None
    factor = Fraction(1)
    dimension: dict[str, int] = {}
    for part in name.split():
        base, _, power = part.rpartition("^")
        if base == DEGREE:
            dimension["deg"] = dimension.get("deg", 0) + int(power)
            continue
        known = _KNOWN[base]
        factor *= known.factor ** int(power)
        for what, exponent in known.dimension:
            dimension[what] = dimension.get(what, 0) + exponent * int(power)
    return Unit(factor, tuple(sorted((what, n) for what, n in dimension.items() if n)))
