"""Literals and calls are read as Python reads them, and nothing is ever run."""

from __future__ import annotations

import ast
import contextlib
import json
import sys
import time
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.literals import (
    Constant,
    LiteralError,
    parse,
    read_json,
    read_literal,
    source_of,
    value_of,
)

NAMES = st.sampled_from(["f", "x", "os", "__import__", "é", "ﬁ", "a1", "_"])
ATOMS = st.one_of(
    st.integers(), st.floats(allow_nan=False), st.text(max_size=8), st.binary(max_size=4),
    st.booleans(), st.none(), st.complex_numbers(allow_nan=False),
)  # fmt: skip
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(ATOMS, inner, max_size=3),
        st.sets(ATOMS, min_size=1, max_size=3),
    ),
    max_leaves=12,
)


@given(VALUES)
def test_what_python_writes_is_read(value: Any) -> None:
    text = repr(value)
    try:
        wanted = ast.literal_eval(text)
    except ValueError:  # inf, and complex numbers in parentheses with signs of their own
        return
    found = read_literal(text)
    assert repr(found) == repr(wanted)


STRINGS = [
    "''", '""', "'a'", "r'\\n'", "R'\\'' ", "b'\\xff'", "Rb'\\x'", "u'é'", "'a' \"b\" '''c'''",
    "'\\x41\\u00e9\\U0001F600\\N{BULLET}\\101\\7\\q\\\n'", "'''a\n'b' \\''''", "b'\\400'",
    "'\\\\'",
    "'\\r\\t\\a\\b\\f\\v'", "'a\\\r\nb'", "'''a\r\nb\rc'''", "'\\ud83d\\ude00'", "'\\\\\\''",
    "'\\N{no such name}'", "'\\x4'", "'\\U00110000'", "b'é'", "b'\\u00e9'", "'a\nb'", "'a",
    "'''a''",
    "'\\'", "ub'a'", "bb'a'", "b'a' 'b'", "'\\N{}'", "'\\N'", "'\\u12'", "r'\\'", "'a'b'c'",
    "b'\\é'",
]  # fmt: skip
NUMBERS = [
    "0", "00", "0_0", "1_000", "0x_fF", "0b1_0", "0o17", "1.", ".5", "1.5e-3", "1E5", "1e1_0",
    "5j",
    "1.5J", "01", "1__0", "1_", "0x", "0b2", "1e", "1.e", "08.5", "09", "1.2.3", "0x1e+1",
    "1e+400",
    "1if", "1_000j", "00.5", "0e0", "1..real", "1.real", "١", "²",
]  # fmt: skip
PLAIN = [
    "()", "(1,)", "1,", "1, 2", "[1,]", "{}", "{1: 2,}", "{1}", "{1, 2,}", "[,]", "(,)", "[1 2]",
    "{1: 2, 3}", "{1, 2: 3}", "...", "-1", "- - 1", "+1", "~1", "not 1", "- 'a'", "  1", "1\n",
    "\n1", "1 # c", "[1, # c\n 2]", "1\n2", "(1\n)", "1 \\\n", "\\\n1", "1;2", "{**a}", "*a",
    "[*a]",
    "(*a,)", "(*a)", "a.b", "a[1]", "a[1:2]", "a[:]", "a[::]", "a[1:2:3]", "a[1:2:3:4]", "a[]",
    "a[1,]", "a[1, 2:3]", "a[*b]", "f()", "f(,)", "f(a,)", "f(a, b=1)", "f(b=1, a)", "f(b=1, *a)",
    "f(**b, *a)", "f(**b, a=1)", "f(**b, a)", "f(a=1, a=2)", "f(1=2)", "f(a.b=1)", "f(a:=1)",
    "f(a==1)", "f(a<1)", "f(a!=1)", "f(x for x in y)", "[x for x in y]", "lambda: 1",
    "a if b else c",
    "f'{x}'", "await x", "yield", "a := 1", "a and b", "a in b", "a is b", "None.x", "True()",
    "print", "f(True=1)", "f(class=1)", "1 + 2 * 3 ** 4", "(1 + 2) * 3", "1 <<2>> 3", "a@b",
    "a + not b",
    "not a + b", "-a ** b", "a ** b ** c", "(a ** b) ** c", "(-a) ** b", "a - (b - c)",
    "a.b.c(1)[2](x=3)",
    "'a'.join(x)", "1 .real", "f(*a, *b, **c, **d)", "a\x0cb", "a$", "a?", "`a`", "a!",
    "\ufeff1", "",
    " ", "#", "()()", "(a)(b)", "[[[]]]", "{[]: 1}", "{(): ()}", "x=1", "@a", "a.1", "a. b",
    "a .b",
]  # fmt: skip
UNREAD = (ast.Lambda, ast.IfExp, ast.Compare, ast.BoolOp, ast.NamedExpr, ast.JoinedStr, ast.Await,
          ast.Yield, ast.YieldFrom, ast.ListComp, ast.SetComp, ast.DictComp,
          ast.GeneratorExp)  # fmt: skip


def tree_of(text: str) -> ast.expr | None:
    """Python's own tree, where it is of kinds that are read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return None
    return None if any(isinstance(node, UNREAD) for node in ast.walk(tree)) else tree


# Read here and not there: blanks before the first word do not matter, and a name in parentheses
# may name an argument. Python 3.10 knows no stars in an index yet.
MORE = {"  1", "1 \\\n", "\n1", "f((a)=1)", "a[*b]"}
# Deprecated there, and no number here.
LESS = {"1if", "1..real", "\ufeff1"}


@pytest.mark.parametrize("text", [*STRINGS, *NUMBERS, *PLAIN])
def test_the_same_tree_as_pythons(text: str) -> None:
    compare(text)


def compare(text: str) -> None:
    wanted = tree_of(text)
    try:
        found = source_of(parse(text))
    except LiteralError:
        assert wanted is None or text in LESS
        return
    if wanted is None:
        assert text in MORE
    elif sys.version_info[:2] == (3, 11):  # other versions put other parentheses
        assert found == ast.unparse(wanted)
    else:
        assert ast.dump(ast.parse(found)) == ast.dump(ast.parse(ast.unparse(wanted)))


PIECES = st.sampled_from(
    ["f", "x", "1", "2.5", "'a'", "b'c'", "-", "+", "*", "**", "/", "//", "%", "@", "~", "not ",
    "|",
     "<<", "(", ")", "[", "]", "{", "}", ",", ":", ".", "=", "...", " ", "None", "r'\\'", "f'{x}'",
     "lambda: 0", " if ", " for ", "==", "u'd'", "x=", "*y", "**z", "\n", "# c\n", "\\\n"]
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=9).map("".join))
def test_the_same_tree_of_any_words(text: str) -> None:
    try:
        found = source_of(parse(text))
    except LiteralError:
        return
    wanted = tree_of(text)
    if wanted is not None and sys.version_info[:2] == (3, 11):
        assert found == ast.unparse(wanted)


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=9).map("".join))
def test_what_python_reads_is_read(text: str) -> None:
    if tree_of(text) is not None:
        parse(text)


@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    for body in (text, f"[{text}]", f"f(x={text})", f"f(x='{text}')"):
        try:
            value_of(parse(body))
        except LiteralError as error:
            assert str(error)


NUMERIC = st.integers(-50, 50) | st.floats(-5, 5) | st.booleans()


@given(
    NUMERIC,
    st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^"]),
    NUMERIC,
)
def test_arithmetic_is_pythons(left: Any, sign: str, right: Any) -> None:
    text = f"({left!r}) {sign} ({right!r})"
    try:
        wanted = eval(text)  # of our own two numbers
    except (TypeError, ArithmeticError, ValueError):
        with pytest.raises(LiteralError):
            read_literal(text)
        return
    assert repr(read_literal(text)) == repr(wanted)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a' + 'b'", "ab"),
        ("[1] + [2]", [1, 2]),
        ("(1,) * 2", (1, 1)),
        ("3 * 'ab'", "ababab"),
        ("[0] * -1", []),
        ("2 ** 64", 2**64),
        ("2 ** -1", 0.5),
        ("1 + 2j", 1 + 2j),
        ("not 0", True),
        ("-True", -1),
        ("{'a': -1, 'b': [None, ...]}", {"a": -1, "b": [None, ...]}),
    ],
)
def test_values(text: str, value: Any) -> None:
    assert read_literal(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9", "9**9**9**9", "2**14001", "1<<10**9", "10**4000*10**4000", "'a'*10**10",
        "[0]*10**9", "[[0]*1000]*1000", "'a'*1000*1000", "9.0**999", "1/0", "1%0", "0**-1",
        "'%d' % 5", "'%1000000000d' % 5", "'a' + 1", "[1] + (1,)", "-'a'", "~1.5", "1 @ 2",
        "__import__('os').system('id')", "x", "f()", "a.b", "{[]: 1}", "{{}}", "{**{}}", "*a, 1",
        "9" * 4301, "0x" + "f" * 4300, "1e" + "9" * 5000, "9" * 4000 + "*" + "9" * 4000,
    ],
)  # fmt: skip
def test_what_is_no_literal(text: str) -> None:
    with pytest.raises(LiteralError):
        read_literal(text)


HUGE = 200_000
ENDLESS = [
    "[" * 100_000, "(" * 101 + ")" * 101, "-" * 1000 + "1", "not " * 1000 + "1", "~" * 10**6,
    "f(" * 1000, "f" + "()" * 1000, "a" + ".b" * 1000, "a" + "[0]" * 1000, "{" * 10**6,
    "1" + "**1" * 1000, "1" + "+1" * 1000, "1" * 10**6, "'" + "a" * 10**6, "'" + "\\" * 10**6,
    "'''" + "'\\" * 50_000, "[" + "1," * (HUGE // 2 - 2) + "]", "'a'" * (HUGE // 3),
    " " * HUGE, "#" * HUGE, "\\\n" * (HUGE // 2), "\n" * HUGE, "1_" * (HUGE // 2), "." * HUGE,
    "x" * HUGE, "é" * HUGE, "'\\N{" * (HUGE // 5), "[" + "[]+" * 300 + "[]]",
    "r'" + "\\'" * 90_000,
    "[" + ",".join(["'a'*90000"] * 40) + "]", "[" + ",".join(["9**4000"] * 20_000) + "]",
    "b'\\x" * 40_000, "{" + "1:1," * 40_000 + "}", "[" + "x " * 90_000, "0x" * 90_000,
]  # fmt: skip


@pytest.mark.parametrize("text", ENDLESS, ids=range(len(ENDLESS)))
def test_any_text_ends_soon(text: str) -> None:
    begin = time.process_time()
    with contextlib.suppress(LiteralError):
        value_of(parse(text))
    assert time.process_time() - begin < 2


def test_messages_say_what_is_in_the_way() -> None:
    for text, message in (
        ("f(x=lambda: 0)", "'lambda' is not read"),
        ("f(x=(1", "the end where ')' should be"),
        ("f'{x}'", "formatted string"),
        ("a == b", "'==' is not read"),
        ("[" * 200, "nested deeper than 100"),
        ("\ud800", "is not read"),
        ("'\ud800'", "surrogate"),
        ("1\0", "NUL"),
        ("", "it is empty"),
    ):
        with pytest.raises(LiteralError, match=message.replace("(", r"\(").replace(")", r"\)")):
            parse(text)


def test_the_kind_of_a_string_is_kept() -> None:
    assert parse("u'a'") == Constant("a", "u")
    assert source_of(parse("f(u'a')")) == "f(u'a')"


def test_json() -> None:
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    assert read_json(json.dumps(deep)) == deep
    assert read_json('["[[{", "\\"[", {"a": "}"}]') == ["[[{", '"[', {"a": "}"}]
    many = json.dumps([["[" * 50, {}]] * 400)
    assert read_json(many) == json.loads(many)
    for text in ("", "{",
    json.dumps([deep]), "[" * 10**6, "9" * 4301, '{"a":' * 10**5, '"' + "[" * 10**5,
                 " " * 2_000_001, "nul", '"\\'):  # fmt: skip
        with pytest.raises(LiteralError):
            read_json(text)
