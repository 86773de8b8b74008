"""Texts are read as bfcl-eval reads them, and nothing of them is evaluated."""

from __future__ import annotations

import re
import time
import warnings
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aisbench_plugin_bfcl.calls import UnreadableCall, written_calls
from aisbench_plugin_bfcl.library import installed_version, library
from aisbench_plugin_bfcl.written_calls import read_calls

pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(not installed_version(), reason="bfcl-eval is not installed"),
]

# No operators, which theirs evaluates, nor anything that is not read at all.
SAFE = st.sampled_from(
    ["f", "a.b", "x", "1", "2.5", "'a'", '"b c"', "-", "-1", "(", ")", "[", "]", "{", "}", ",",
    ":",
     ".", " = ", "x=", "y=", " ", "\n", "None", "True", "true", "...", "f(x=1)", "g('a', 2)", "*a",
     "**k", "`", "'", "[0]", "(1,)", "not ", "{'k': 1}", "b'x'"]
)  # fmt: skip


FORMATTED = re.compile(r"f['\"]")


def theirs(text: str, form: str, *, tagged: bool = False) -> Any:
    handling: Any = library()._handling
    enums: Any = library()._enums
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return handling.default_decode_ast_prompting(text, enums.ReturnFormat(form), tagged)
        except Exception:  # noqa: BLE001 - whatever it raises, it is not a list of calls
            return None


def ours(text: str, form: str, *, tagged: bool = False) -> Any:
    try:
        return read_calls(text, form, tagged=tagged)
    except Exception:  # noqa: BLE001
        return None


@settings(max_examples=300, deadline=None)
@given(st.lists(SAFE, max_size=10).map("".join))
@example("f(x=1)")
@example("[f(1, x=g(y=2), z=h('a', 3), w=a[1:2], v=-1, u=+2, t=not True)]")
@example("`[f(x=a.b)]`")
@example("[f(x=...), a.b.c(y=None), (g)(z=true), h()(i=1), 'a'.upper(k=1)]")
@example("(f(x=1), g())")
@example("'[f(x=1)]'")
@example("[f(**{'a': 1})]")
@example("[f(x={**{'a': 1}})]")
@example("[f(x={[]: 1})]")
@example("[f(x=1, x=2)]")
@example("[f(x=-'a')]")
@example("[f(x=u'a', y=g(u'b'))]")
@example("[f(f'a')]")
@example("[]")
@example("")
def test_python_is_read_as_there(text: str) -> None:
    for body in (text, f"f(x={text})", f"[f({text})]"):
        read = ours(body, "python")
        if read is None and FORMATTED.search(body):
            continue  # would have to be evaluated: never read, whatever comes of it there
        assert repr(read) == repr(theirs(body, "python")), body


ARITHMETIC = ["1 + 2", "-1 + 2", "2 * 3.5", "'a' + 'b'", "[1] * 3", "2 ** 10", "10 / 4",
    "7 // 2 % 2",
              "(1 + 2) * -3", "1 << 4 | 1", "2 ** -1", "[1] + ['a']", "1 + 2j"]  # fmt: skip


@pytest.mark.parametrize("text", ARITHMETIC)
def test_constants_are_computed_as_there(text: str) -> None:
    assert ours(f"[f(x={text})]", "python") == theirs(f"[f(x={text})]", "python")


PIECES = {
    "json": ['"function"', '"parameters"', ":", ",", "{", "}", "[", "]", '"f"', '{"x": 1}', " ",
    "\n",
             '{"function": "f", "parameters": {"x": [1]}}', '{"function": "g", "parameters": {}}',
             "text", '{"function": 1}'],
    "verbose_xml": ["<functions>", "</functions>", "<function name='f'>", "</function>",
    "<params>",
                    "</params>", "<param name='x' value='1' type='integer'/>", "<param/>", "text",
                    "<param name='y' value='[1, \"a\"]' type='array'/>", "&amp;", "<!-- c -->",
                    "<param name='z' value='TRUE' type='boolean'/>", "<function/>",
                    "<param name='w' value='x' type='null'/>",
                    "<param name='v' value='n' type='float'/>"],
    "concise_xml": ["<functions>", "</functions>", "<function name='f'>", "</function>", "text",
                    "<param name='x' type='integer'> 1 </param>", "<param name='y'>a</param>",
                    "<param>",
                    "<param name='z' type='dict'>{'a': 1}</param>", "</param>", "\n",
                    "<param name='q'/>"],
}  # fmt: skip
TEXTS = st.sampled_from(sorted(PIECES)).flatmap(
    lambda form: st.tuples(
        st.just(form), st.lists(st.sampled_from(PIECES[form]), max_size=9).map("".join)
    )
)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(["{}", "<TOOLCALL>{}</TOOLCALL>", "x<TOOLCALL>{}"]))
def test_other_forms_are_read_as_there(case: tuple[str, str], around: str) -> None:
    form, text = case
    for body in (text, f"<functions><function name='f'>{text}</function></functions>"):
        for tagged in (False, True):
            said = around.format(body)
            assert repr(ours(said, form, tagged=tagged)) == repr(theirs(said, form, tagged=tagged))


@pytest.mark.parametrize(
    "text",
    [
        '[{"function": "f", "parameters": {"a": [{}]}}, {"function": "g", "parameters": {}}]',
        'Here: [{"function": "f", "parameters": {"x": "]}"}}] or [{"function": "g"}]',
        '[ {"function": "f", "parameters": {}} , {"function": "g", "parameters": {}} ] x ]',
        '{"function": "f", "parameters": {}}',
        '[[{"function": "f", "parameters": {}}]]',
    ],
)
def test_arrays_of_objects(text: str) -> None:
    assert repr(ours(text, "json")) == repr(theirs(text, "json"))


def payloads(mark: str) -> list[str]:
    run = f"__import__('os').system('touch {mark}')"
    return [
        f"[f(x={run} + 0)]", f"[f(x=0 + {run})]", f"[f(x=-{run})]", f"[f(x={run})]", f"{run}",
        f"[f(x=(lambda: {run})() + 1)]", f"[f(x=lambda: {run})]",
        f"[f(x=[{run} for _ in [1]] + [])]",
        f"[f(x=[0][{run}:] + [])]", f"[f(x=f'{{{run}}}' + '')]", f"[f(x={{0: {run}}} | {{}})]",
        f"[f(x=(y := {run}) + 1)]", f"[f(x=({run} if 1 else 0) + 1)]", f"[f(x=g(y={run} + 0))]",
        f"[f(x='%s' % {run})]", f"[f(x=(1).__class__.__base__.__subclasses__() + [{run}])]",
        f"[f(x=open({mark!r}, 'w') + 0)]", f"[f(x=exec(\"open({mark!r}, 'w')\") + 0)]",
        f"[f(x=eval(\"open({mark!r}, 'w')\") + 0)]", f"[f(x=print({run}) ** 2)]",
        f"[f(x=not {run} + 0)]", f"[f(x=~({run} + 0))]", f"[f(x=[1, {{'a': {run} + 0}}])]",
        f"[{run}(x=1)]", f"[f(x={run} @ {run})]", f"[f(x=a[{run} + 0])]", f"[f(**({run} + 0))]",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "form", ["python", "java", "javascript", "json", "verbose_xml", "concise_xml"]
)
def test_no_text_is_run(form: str, tmp_path: Any) -> None:
    mark = tmp_path / "mark"
    for text in payloads(str(mark)):
        inside = quoteattr(text)
        for said in (
            text,
            f"<functions><function name='f'><param name='x' type='list' value={inside}>"
            f"{text}</param></function></functions>",
            f'[{{"function": "f", "parameters": {{"x": {text!r}}}}}]',
        ):
            try:
                written_calls(said, form)
            except UnreadableCall as error:
                assert str(error)
        assert not mark.exists(), text


def test_the_payloads_are_live(tmp_path: Any) -> None:
    """bfcl-eval's own reader runs the first of them: that is what the others are measured by."""
    mark = tmp_path / "mark"
    assert theirs(payloads(str(mark))[0], "python") is not None
    assert mark.exists()


MANY = 100_000
ENDLESS = [
    ("python", "[" * MANY), ("python", "f(" * MANY), ("python", "[f(x=9**9**9)]"),
    ("python", "[f(x='a'*10**10)]"), ("python", "-" * MANY), ("python", "x" * 10_000_000),
    ("python", "`" * 10_000_000 + "x"), ("python", "[f(x=[[0]*10**5]*10**5)]"),
    ("json", "[" + "{}," * MANY), ("json", "[" * MANY), ("json", "[{" * MANY + "}]"),
    ("json", "[" + "{ }," * MANY + "x]"), ("json", '[{"a":' * MANY), ("json",
    "[{}" + " " * MANY + "x"),
    ("verbose_xml", "<functions>" * MANY), ("verbose_xml",
    "<functions>" + "<a>" * MANY + "</functions>"),
    ("concise_xml", "<functions>" + "<function name='f'/>" * MANY + "</functions>"),
    ("verbose_xml", "<functions><function name='f'><param name='x' type='array' value='"
     + "[" * MANY + "'/></function></functions>"),
    ("verbose_xml", "<functions><function name='f'><param name='x' type='integer' value='"
     + "9" * MANY + "'/></function></functions>"),
    ("java", "f(x=" + "-" * MANY + "1)"), ("java", "(" * MANY), ("java",
    "f(x=" + "a+" * 4000 + "a)"),
    ("javascript", "f(x=" + "a+" * 4000 + "a)"), ("javascript", "[" * 9000), ("java", "[" * 9000),
    ("javascript", "f(x=" + "(a)=>" * 1900 + "1)"), ("java", "f(x=" + "(A)" * 3000 + "b)"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "text"), ENDLESS, ids=range(len(ENDLESS)))
@pytest.mark.parametrize("tagged", [False, True])
def test_any_text_ends_soon(form: str, text: str, tagged: bool) -> None:
    begin = time.process_time()
    for said in (text, "<TOOLCALL>" * 1000 + text):
        try:
            written_calls(said, form, tagged=tagged)
        except UnreadableCall as error:
            assert len(str(error)) < 1000
    assert time.process_time() - begin < 3
