"""What words mean that stand for mathematics: "no solution", "all real numbers", "three". Pure."""

from __future__ import annotations

from fractions import Fraction

from aisbench_plugin_math.nodes import KnownSet, Node, Number, Words

INTRODUCTIONS = frozenset(
    {
        "answer", "the answer is", "answer is", "final answer", "the final answer is", "is",
        "approximately", "approx", "about", "exactly", "therefore", "thus", "so", "hence",
        "result", "the result is", "答案", "答案是", "答案为", "答案等于", "最终答案",
        "约", "大约", "约为", "因此", "所以", "即", "共", "一共", "总共", "共有", "一共有",
        "总共有", "有",
        "为", "是", "等于",
    }
)  # fmt: skip
"""May stand before a value, and add nothing to it."""
_EMPTY = frozenset(
    {
        "no solution", "no solutions", "no real solution", "no real solutions", "none",
        "empty set", "the empty set", "no such values", "no such value", "no values",
        "no real roots", "no roots", "there is no solution", "there are no solutions",
        "there are no real solutions", "无解", "空集", "没有解", "无实数解",
        "方程无解", "不等式无解",
    }
)  # fmt: skip
_UNDEFINED = frozenset(
    {
        "dne", "does not exist", "undefined", "not defined", "limit does not exist",
        "the limit does not exist", "不存在", "无意义", "极限不存在",
    }
)  # fmt: skip
_INFINITELY = frozenset(
    {
        "infinitely many", "infinitely many solutions", "infinite solutions",
        "there are infinitely many solutions", "无数个", "无穷多个",
        "无穷多", "无数个解", "无穷多个解",
    }
)  # fmt: skip
_REAL = frozenset(
    {
        "all real numbers", "all reals", "all real values", "the real numbers", "real numbers",
        "the set of all real numbers", "全体实数", "所有实数", "任意实数", "一切实数", "实数集",
    }
)  # fmt: skip
_NUMERALS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen", "twenty",
)  # fmt: skip
_CHINESE = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2}
_CHINESE_UNITS = {"十": 10, "百": 100, "千": 1000}


def meant(text: str) -> Node:
    """Of words in small letters with single blanks."""
    if text in _EMPTY:
        return KnownSet("empty")
    if text in _REAL:
        return KnownSet("R")
    if text in _UNDEFINED:
        return Words("undefined")
    if text in _INFINITELY:
        return Words("infinitely many")
    if text in _NUMERALS:
        return Number(Fraction(_NUMERALS.index(text)))
    if not text.isascii():
        value = _chinese_value(text)
        if value is not None:
            return Number(value)
    return Words(text)


def _chinese_value(text: str) -> Fraction | None:
    bottom, parted, top = text.partition("分之")
    if parted:
        parts = _chinese_integer(top), _chinese_integer(bottom)
        if parts[0] is None or not parts[1]:
            return None
        return Fraction(parts[0], parts[1])
    whole = _chinese_integer(bottom)
    return None if whole is None else Fraction(whole)


def _chinese_integer(text: str) -> int | None:
    """Below ten thousand."""
    total, digit = 0, None
    for character in text:
        if character in _CHINESE:
            if digit:
                return None
            digit = _CHINESE[character]
        elif character in _CHINESE_UNITS:
            total += (1 if digit is None else digit) * _CHINESE_UNITS[character]
            digit = None
        else:
            return None
    return total + (digit or 0) if text else None
