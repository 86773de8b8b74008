"""Splitting undressed mathematics into tokens. Pure; linear."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal

import attrs
from attrs import frozen

from aisbench_plugin_math.nodes import Number, UnreadableMath

MOST_TOKENS = 600
MOST_DIGITS = 4000
"""Python itself refuses to read longer numbers."""
LARGEST_EXPONENT = 400
"""Of 10, in scientific notation; beyond it nothing is measured."""

Kind = Literal["number", "name", "function", "command", "sign", "word", "end"]
ONE_ARGUMENT = frozenset(
    (
        "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "sech", "csch",
        "arcsin", "arccos", "arctan", "arccot", "arcsec", "arccsc", "asin", "acos", "atan", "ln",
        "log", "lg", "exp", "floor", "ceil", "abs", "cbrt", "factorial", "arg",
    )
)  # fmt: skip
FUNCTIONS = ONE_ARGUMENT | {"sqrt", "gcd", "lcm", "max", "min", "det", "binom"}
_GREEK = frozenset(
    (
        "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta",
        "vartheta", "iota", "kappa", "lambda", "mu", "nu", "xi", "rho", "sigma", "tau", "upsilon",
        "phi", "varphi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Sigma",
        "Phi", "Psi", "Omega", "ell",
    )
)  # fmt: skip
_CONSTANTS = {"pi": "pi", "infty": "inf", "infinity": "inf", "inf": "inf", "oo": "inf",
              "imath": "i"}  # fmt: skip
_SIGNS = {
    "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=", "geqslant": ">=",
    "lt": "<", "gt": ">", "ne": "!=", "neq": "!=", "approx": "~", "thickapprox": "~", "simeq": "~",
    "cdot": "*", "times": "*", "ast": "*", "div": "/", "pm": "±", "mp": "∓", "in": "in",
    "cup": "cup", "cap": "cap", "setminus": "less", "backslash": "less", "lor": "or", "vee": "or",
    "land": "and", "wedge": "and", "langle": "<<", "rangle": ">>", "lvert": "|", "rvert": "|",
    "vert": "|", "mid": "|", "lfloor": "lfloor", "rfloor": "rfloor", "lceil": "lceil",
    "rceil": "rceil", "colon": ":", "ldots": "...", "dots": "...", "cdots": "...", "dotsc": "...",
    "lbrace": "\\{", "rbrace": "\\}", "lbrack": "[", "rbrack": "]", "lparen": "(", "rparen": ")",
    "prime": "'", "degree": "degree", "dollar": "dollar", "implies": "=>", "Rightarrow": "=>",
    "to": "=>", "rightarrow": "=>", "equiv": "equiv", "circ": "circ", "bmod": "mod",
    "triangle": "triangle", "angle": "angle", "percent": "%",
}  # fmt: skip
_COMPARED = re.compile(r"<=|>=|!=|==|=>|->|\*\*|\.\.\.+")
_COMPARED_AS = {"==": "=", "**": "^", "->": "=>"}
_SPACE = re.compile(r"(?:\s|~|\\[,;:>! ])+")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_LETTERS = re.compile(r"[A-Za-z]+")
_TEXT = re.compile(r"\\text\s*\{([^{}]*)\}")
_DIGITS = re.compile(r"\d+")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?!\d)")
_SCIENCE = re.compile(r"[eE]([+-]?\d{1,4})(?![\d.A-Za-z])")
_REPEATING = re.compile(
    r"\\(?:overline|bar|dot)\s*(?:\{\s*(\d+)\s*\}|(\d))((?:\d*\\dot\s*(?:\{\s*\d\s*\}|\d))?)"
)
_ELLIPSIS = re.compile(r"\s*(?:\.\.\.+|\\(?:ldots|dots|cdots)(?![A-Za-z]))")


@frozen
class MathToken:
    """``value`` is the sign, name or content; a number carries what was read."""

    kind: Kind
    value: str
    spaced: bool = False
    """Whether a blank stands before it."""
    number: Number | None = None
    upright: bool = False
    r"""Whether it stands in ``\text{...}``: a letter there may be a unit."""


def tokens(text: str, *, grouped: bool) -> list[MathToken]:
    """Of ``text``, which is undressed. ``grouped``: "1,234" outside brackets is one number.

    Raises UnreadableMath for what no mathematics is made of, and for more than is looked at.
    """
    made: list[MathToken] = []
    at, depth, spaced = 0, 0, False
    while at < len(text):
        blank = _SPACE.match(text, at)
        if blank:
            at, spaced = blank.end(), True
            continue
        content = _TEXT.match(text, at)
        if content:
            # What stands in it is read like all else: "6 and 8", "(C)", "x = 5".
            inner = tokens(content.group(1), grouped=grouped)[:-1]
            made += [attrs.evolve(one, upright=True) for one in inner]
            at, spaced = content.end(), content.group(1).endswith(" ")
            if len(made) > MOST_TOKENS:
                raise UnreadableMath("is longer than an answer")
            continue
        token, at = _next(text, at, spaced, grouped and depth == 0)
        if token is not None:
            if token.kind == "sign":
                depth += token.value in ("(", "[", "\\{", "<<")
                depth -= token.value in (")", "]", "\\}", ">>")
            made.append(token)
            if len(made) > MOST_TOKENS:
                raise UnreadableMath("is longer than an answer")
        spaced = False
    made.append(MathToken("end", "", spaced))
    return made


def _next(text: str, at: int, spaced: bool, grouped: bool) -> tuple[MathToken | None, int]:
    character = text[at]
    if character.isdigit() or (character == "." and _fractional(text, at)):
        number, end = _number(text, at, grouped)
        return MathToken("number", text[at:end], spaced, number), end
    if character == "\\":
        return _command(text, at, spaced)
    if character.isascii() and character.isalpha():
        letters = _LETTERS.match(text, at)
        assert letters is not None
        return _word(letters.group(), spaced), letters.end()
    if not character.isascii() and character.isalpha():
        end = at + 1
        while end < len(text) and text[end].isalpha() and not text[end].isascii():
            end += 1
        return MathToken("word", text[at:end], spaced), end
    return _sign(text, at, spaced)


def _sign(text: str, at: int, spaced: bool) -> tuple[MathToken, int]:
    character = text[at]
    sign = _COMPARED.match(text, at)
    if sign and (sign.group() != "!=" or spaced or not at):
        value = "..." if sign.group()[0] == "." else sign.group()
        return MathToken("sign", _COMPARED_AS.get(value, value), spaced), sign.end()
    if character == ".":
        # A full stop, also at the end of a number: "9."
        return MathToken("sign", ".", spaced), at + 1
    if character in "€£¥₹¢":
        return MathToken("word", character, spaced), at + 1
    if character in "+-*/^_=<>()[]{}|,;:!%'&":
        return MathToken("sign", character, spaced), at + 1
    raise UnreadableMath(f"holds {character!r}")


def _fractional(text: str, at: int) -> bool:
    return bool(_DIGITS.match(text, at + 1) or _REPEATING.match(text, at + 1))


def _number(text: str, at: int, grouped: bool) -> tuple[Number, int]:
    whole = (_GROUPED.match(text, at) if grouped else None) or _DIGITS.match(text, at)
    end = whole.end() if whole else at
    digits = whole.group().replace(",", "") if whole else "0"
    decimals, repeated = "", ""
    pointed = text[end : end + 1] == "." and _fractional(text, end)
    if pointed:
        decimals, repeated, end = _decimals(text, end + 1)
    if len(digits) + len(decimals) + len(repeated) > MOST_DIGITS:
        raise UnreadableMath("holds a number of thousands of digits")
    value = Fraction(int(digits + decimals), 10 ** len(decimals))
    places: int | None = len(decimals) if pointed else None
    if repeated:
        nines = (10 ** len(repeated) - 1) * 10 ** len(decimals)
        return Number(value + Fraction(int(repeated), nines)), end
    science = _SCIENCE.match(text, end)
    if science:
        exponent = int(science.group(1))
        if abs(exponent) > LARGEST_EXPONENT:
            raise UnreadableMath("holds a number too large or small to be measured")
        value *= Fraction(10) ** exponent
        places = (places or 0) - exponent
        end = science.end()
    return Number(value, places), end


def _decimals(text: str, at: int) -> tuple[str, str, int]:
    """The digits behind a point at ``at``, those that repeat behind them, and where they end."""
    fraction = _DIGITS.match(text, at)
    decimals = fraction.group() if fraction else ""
    end = fraction.end() if fraction else at
    repeating = _REPEATING.match(text, end)
    if repeating:
        first = repeating.group(1) or repeating.group(2)
        return decimals, first + re.sub(r"\D", "", repeating.group(3)), repeating.end()
    more = _ELLIPSIS.match(text, end)
    if more and not text[more.end() : more.end() + 1].isdigit():
        return (*_continued(decimals), more.end())
    return decimals, "", end


def _continued(decimals: str) -> tuple[str, str]:
    """Decimals before "...": what repeats, where it is plain: 0.333..., 0.1666..., 0.1212..."""
    for length in range(1, len(decimals) // 2 + 1):
        last = decimals[-length:]
        times = 3 if length == 1 else 2
        if decimals.endswith(last * times):
            start = decimals[: -length * times]
            while start.endswith(last):
                start = start[:-length]
            return start, last
    return decimals, ""


def _command(text: str, at: int, spaced: bool) -> tuple[MathToken | None, int]:
    match = _COMMAND.match(text, at)
    if match is None:
        escaped = text[at + 1 : at + 2]
        if escaped in ("{", "}"):
            return MathToken("sign", "\\" + escaped, spaced), at + 2
        if escaped in ("|",):
            return MathToken("sign", "|", spaced), at + 2
        if escaped in ("(", ")", "[", "]"):
            # The delimiters of a formula.
            return None, at + 2
        if escaped == "\\":
            return MathToken("sign", "\\\\", spaced), at + 2
        if escaped in ("#", "&", "_"):
            return MathToken("sign", escaped, spaced), at + 2
        raise UnreadableMath(f"holds \\{escaped}")
    name, end = match.group(1), match.end()
    if name in _CONSTANTS:
        return MathToken("name", _CONSTANTS[name], spaced), end
    if name in FUNCTIONS and name not in ("sqrt", "binom"):
        return MathToken("function", name, spaced), end
    if name in _GREEK:
        return MathToken("name", name, spaced), end
    if name in _SIGNS:
        return MathToken("sign", _SIGNS[name], spaced), end
    return MathToken("command", name, spaced), end


def _word(letters: str, spaced: bool) -> MathToken:
    if letters in _CONSTANTS:
        return MathToken("name", _CONSTANTS[letters], spaced)
    if letters in FUNCTIONS:
        return MathToken("function", letters, spaced)
    if letters in ("and", "or", "mod"):
        return MathToken("sign", letters, spaced)
    return MathToken("name" if len(letters) == 1 else "word", letters, spaced)
