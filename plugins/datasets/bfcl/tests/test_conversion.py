"""Collections of Java and JavaScript are converted as bfcl-eval converts them, and soon."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aisbench_plugin_bfcl.library import installed_version, library

pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(not installed_version(), reason="bfcl-eval is not installed"),
]

JAVA = ["new ArrayList<>(Arrays.asList(", "new ArrayList<Integer>() {{", "new ArrayList<>()",
    "add(",
        "new int[]{", "new  String[] {", "new HashMap<String, Integer>() {{", "new HashMap<>()",
        "{",
        'put("', '", ',
        '",', ")", "}", "}}", "{{", ";", " ", "\n", ",", '"a"', "'c'", "1", "-2L", "1.5f",
        "true", ":", "))", "new ", ">"]  # fmt: skip
SCRIPT = ["[", "]", "[[", "]]", ",", " ", "\n", "1", "'a'", '"b"', "true", "new Array(",
    "new  Array( [",
          ")", "{", "}", ":", "'k': ", "k:", "2.5", "[1, 2]", "],[", "], [", "])", "{}",
          "x"]  # fmt: skip
KINDS = [
    "integer",
    "String",
    "char",
    "boolean",
    "long",
    "float",
    "Array",
    "ArrayList",
    "any",
    None,
    "?",
]
NESTED = ["integer", "String", "Boolean", "float", "array", "dict", "any", None, "?"]


def outcome(convert: Any, *arguments: Any) -> Any:
    try:
        return convert(*arguments)
    except Exception as error:  # noqa: BLE001 - both fail, or none
        return type(error)


def both(language: str) -> tuple[Any, Any]:
    shared: Any = library()
    ours = vars(shared._ast)[f"{language}_type_converter"]
    return ours, ours._plain


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from(JAVA), max_size=9).map("".join),
    st.sampled_from(["Array", "ArrayList", "HashMap"]),
    st.sampled_from(KINDS),
)
@example("new ArrayList<>() {{ }}", "ArrayList", None)
@example("new ArrayList<>() {{}}", "ArrayList", None)
@example("new ArrayList<Integer>() {{ add(1); add(2); }} }}", "ArrayList", "integer")
@example('new HashMap<>() {{ put("a", 1); put("b",\n"c)"); }}', "HashMap", None)
@example('new HashMap<A<B>, C>() { put("a", "b", 2) }', "HashMap", None)
@example(
    "new ArrayList<>(Arrays.asList(\n1))new ArrayList<>(Arrays.asList(2)))", "ArrayList", None
)
def test_java(value: str, kind: str, nested: str | None) -> None:
    ours, theirs = both("java")
    assert repr(outcome(ours, value, kind, nested)) == repr(outcome(theirs, value, kind, nested))


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from(SCRIPT), max_size=9).map("".join),
    st.sampled_from(["array", "dict"]),
    st.sampled_from(NESTED),
)
@example("[[1, 2], [3, 'a']]", "array", "array")
@example("new Array([1], [2])", "array", None)
@example("[[1], [2] x, [3]]", "array", None)
@example("{a: 1, b: [1, 2], 'c': 'd, e', f:g:h}", "dict", None)
@example("{a: 1,  : 2}", "dict", None)
@example("{:a: 1}", "dict", None)
def test_javascript(value: str, kind: str, nested: str | None) -> None:
    ours, theirs = both("js")
    assert repr(outcome(ours, value, kind, nested)) == repr(outcome(theirs, value, kind, nested))


ENDLESS = [
    "new HashMap<>() {" + " " * 19_000, "new HashMap<" * 1600,
    "new HashMap<>() {{" + 'put("", ' * 2000,
    'put("' * 3000, "new HashMap<>() {{" + 'put("a",\n' * 2000 + "}}",
    "new HashMap<>() {{" + '",' * 9000 + "}}",
    "new ArrayList<>(Arrays.asList(" * 600, "new ArrayList<>() {{" + "add(" * 4000 + "\n}}",
    "new ArrayList<>() {{" + " " * 19_000, "new int[]{" * 1900, "[[" + "],[" * 6000,
    "[" + "[],[" * 4000,
    "new Array(" + "[]," * 6000, "{" + "a" * 19_000 + "}", "{" + ":" * 19_000 + "}",
    "{" + "a:," * 6000 + "}",
    "{" + "a:b" + ", " * 9000 + "}", "[" * 20_000, "{" + "k: [1]," * 2500 + "}",
    "[" * 10_000_000, "9" * 20_000,
]  # fmt: skip


@pytest.mark.parametrize("value", ENDLESS, ids=range(len(ENDLESS)))
def test_any_value_ends_soon(value: str) -> None:
    begin = time.process_time()
    for kind in ("Array", "ArrayList", "HashMap"):
        outcome(both("java")[0], value, kind, None)
    for kind in ("array", "dict"):
        outcome(both("js")[0], value, kind, "array")
    assert time.process_time() - begin < 2
