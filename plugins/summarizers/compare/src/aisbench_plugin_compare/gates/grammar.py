"""``gsm8k.accuracy drops > 1pp``: the grammar of conditions.

::

    GATE   = FIGURE ("drops" | "rises" | "differs") [[">" | ">="] NUMBER [UNIT]] ["significantly"]
    UNIT   = "pp" | "%" | the unit of the figure, such as "ms" or "tokens/s"

``%`` is a share of the left side's value, ``pp`` percentage points of a figure that is a share.
Without a number a gate must be ``significantly``.
"""

from __future__ import annotations

import math
import re
from typing import Literal, TypeAlias

from attrs import frozen

from aisbench.api import AisbenchError

Change: TypeAlias = Literal["drops", "rises", "differs"]
Sign: TypeAlias = Literal[">", ">="]

_TOKEN = re.compile(r"\s*(?:(>=|>|<=|<|=)|(\S+?)(?=\s|>|<|=|$))")
_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e([+-]?[0-9]+))?(.*)", re.ASCII)
_EXAMPLE = (
    '"gsm8k.accuracy drops > 1pp", "ttft.p99 rises > 10 %" or "accuracy drops significantly"'
)
_CHANGES: dict[str, Change] = {"drops": "drops", "rises": "rises", "differs": "differs"}


@frozen(kw_only=True)
class Gate:
    """A condition that must not hold. ``amount`` is in ``unit``; "" is the figure's own, in which
    shares are percentage points. None: any change at all."""

    text: str
    figure: str
    change: Change
    sign: Sign = ">"
    amount: float | None = None
    unit: str = ""
    significantly: bool = False


@frozen
class _Word:
    text: str
    place: int


def parse_gate(text: str) -> Gate:
    """The gate that a text says. Raises AisbenchError with the place of what is wrong."""
    words = _words(text)
    if not words:
        raise _wrong(text, 0, "the condition is empty")
    # A figure's name may hold spaces: accuracy (strict).
    place = next((i for i, one in enumerate(words) if one.text in _CHANGES), None)
    if place == 0 or words[0].text[0] in "<>=":
        raise _wrong(text, words[0].place, "a figure is missing before it")
    if len(words) == 1:
        raise _wrong(text, len(text), "drops, rises or differs is missing")
    if place is None:
        found = words[1]
        raise _wrong(text, found.place, f"{found.text!r} is none of drops, rises, differs")
    figure = text[words[0].place : words[place].place].strip()
    change = _CHANGES[words[place].text]
    rest = words[place + 1 :]
    significantly = bool(rest) and rest[-1].text == "significantly"
    if significantly:
        rest = rest[:-1]
    if not rest:
        if not significantly:
            raise _wrong(text, len(text), "a number is missing, or significantly")
        return Gate(text=text, figure=figure, change=change, significantly=True)
    sign, rest = _sign(text, rest)
    amount, unit = _amount(text, rest)
    return Gate(
        text=text,
        figure=figure,
        change=change,
        sign=sign,
        amount=amount,
        unit=unit,
        significantly=significantly,
    )


def _words(text: str) -> list[_Word]:
    found = []
    for match in _TOKEN.finditer(text):
        word = match.group(1) or match.group(2)
        if word:
            found.append(_Word(word, match.start(1 if match.group(1) else 2)))
    return found


def _sign(text: str, rest: list[_Word]) -> tuple[Sign, list[_Word]]:
    first = rest[0]
    if first.text == ">":
        return ">", rest[1:]
    if first.text == ">=":
        return ">=", rest[1:]
    if first.text[0] in "<=":
        raise _wrong(text, first.place, f"{first.text!r} cannot be: a gate says > or >=")
    return ">", rest


def _amount(text: str, rest: list[_Word]) -> tuple[float, str]:
    if not rest:
        raise _wrong(text, len(text), "a number is missing")
    first = rest[0]
    match = _NUMBER.fullmatch(first.text)
    if match is None:
        said = "must not be negative" if first.text.startswith("-") else "is no number"
        raise _wrong(text, first.place, f"{first.text!r} {said}")
    whole, exponent, unit = match.groups()
    amount = float(f"{whole}e{exponent or 0}")
    if not math.isfinite(amount):
        raise _wrong(text, first.place, "the number is too large")
    rest = rest[1:]
    if not unit and rest:
        unit, rest = rest[0].text, rest[1:]
    if rest:
        raise _wrong(text, rest[0].place, f"{rest[0].text!r} is too much")
    if unit == "significantly" or re.fullmatch(r"[0-9.,<>=-].*", unit or "x"):
        raise _wrong(text, first.place, f"{unit!r} is no unit")
    return amount, unit


def _wrong(text: str, place: int, message: str) -> AisbenchError:
    line = text.replace("\n", " ").replace("\t", " ")
    return AisbenchError(
        f"--fail-if: {message}\n    {line}\n    {' ' * place}^",
        hint=f"write FIGURE drops|rises|differs [>|>=] NUMBER [pp|%|unit] [significantly]: "
        f"{_EXAMPLE}",
    )
