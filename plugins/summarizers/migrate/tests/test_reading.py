"""Python configs are read as data: nothing is executed, and nothing crashes."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.api import DataError
from aisbench_plugin_migrate.shell import commands_in
from aisbench_plugin_migrate.static.files import Reader
from aisbench_plugin_migrate.static.frame import Budget, Frame
from aisbench_plugin_migrate.static.statements import StatementReader
from aisbench_plugin_migrate.static.values import Imported, Node, Unread, plain, readable


def names_of(source: str, budget: Budget | None = None) -> dict[str, Any]:
    """The names of a file with that source, which imports nothing."""
    frame = Frame("config.py", budget or Budget())
    StatementReader(frame, lambda node, scope: None).read(ast.parse(source).body)
    return frame.names


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = dict(a=1, b=[2, 3.5], c=None)", {"a": 1, "b": [2, 3.5], "c": None}),
        ("x = {'a': -1, **dict(b=2)}", {"a": -1, "b": 2}),
        ("a = [1]\nx = a + [2] + [*a]", [1, 2, 1]),
        ("x = [n * 2 for n in range(4) if n % 2]", [2, 6]),
        ("x = {k: v for k, v in dict(a=1).items()}", {"a": 1}),
        ("s = 'val'\nx = f'ceval-{s}_{1}'", "ceval-val_1"),
        ("x = 'a' + 'b' if 1 < 2 else 'c'", "ab"),
        (
            "x = []\nfor n in ['p', 'q']:\n    if n == 'q':\n        continue\n    x.append(n)",
            ["p"],
        ),
        ("x = [1]\nx += [2]\nx.extend((3,))", [1, 2, 3]),
        ("x = [dict(r=dict())]\nx[0]['r']['t'] = '[0:8]'", [{"r": {"t": "[0:8]"}}]),
        ("import os.path as osp\nx = osp.join('a', 'b.jsonl')", "a/b.jsonl"),
        ("import os\nx = os.path.join('a', 'b')", "a/b"),
        (
            "a_s = [1]\nb_s = [2]\nx = sum([v for k, v in locals().items() if k[1:] == '_s'], [])",
            [1, 2],
        ),
        ("x = dict[str, int](a=1)", {"a": 1}),
        ("x = '%s-%d' % ('a', 3)", "a-3"),
        ("x = 'a{}b{c}'.format(1, c=2)", "a1b2"),
        ("x = 1280 * 28 * 28", 1003520),
        ("try:\n    x = 1\nexcept Exception:\n    x = 2", 1),
        ("a, (b, c) = 1, (2, 3)\nx = [c, b, a]", [3, 2, 1]),
    ],
)
def test_plain_data(source: str, expected: object) -> None:
    assert plain(names_of(source)["x"]) == expected


def test_a_shared_dictionary_is_one_dictionary() -> None:
    names = names_of("a = dict(n=1)\nx = [a]\na['n'] = 2")

    assert plain(names["x"]) == [{"n": 2}]


def test_places_are_those_of_the_keys() -> None:
    names = names_of("x = dict(\n    a=1,\n    b=2,\n)\nx['c'] = 3")

    node = names["x"]
    assert isinstance(node, Node)
    assert [node.where(key).line for key in "abc"] == [2, 3, 5]


def test_classes_are_names() -> None:
    names = names_of("from a.b import C\nimport torch\nx = [C, torch.float16]")

    assert names["x"] == [Imported("a.b.C"), Imported("torch.float16")]


@pytest.mark.parametrize(
    "expression",
    [
        "open('f').read()",
        "eval('1')",
        "__import__('os').getcwd()",
        "f()",
        "lambda: 1",
        "unknown",
        "10 ** 10 ** 10",
        "'a' * 10 ** 9",
        "[0] * 10 ** 9",
        "'%1000000000d' % 1",
        "1 / 0",
        "[][3]",
        "{}['a']",
        "{[]: 1}",
        "(yield)",
        "x[0]",
        "range(10 ** 12)",
        "f'{1:1000000000d}'",
        "'{0.__class__}'.format(1)",
        "().__class__.__bases__",
        "int('9' * 5000)",
        "b'bytes'",
        "1j",
        "await_",
        "{**[]}",
        "sorted([1, 'a'])",
        "'a'.join(['b' * 199_999] * 1000)",
        "sum([[0] * 100_000] * 1000, [])",
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_is_read(expression: str) -> None:
    names = names_of(f"y = {expression}\nz = dict(a={expression}, b=1)")

    assert isinstance(names["y"], Unread)
    assert isinstance(names["z"], Unread) or plain(names["z"])["b"] == 1


def test_an_environment_variable_is_known_by_its_name() -> None:
    names = names_of("import os\nx = os.environ['KEY']\ny = os.getenv('OTHER', 'd')")

    assert [names["x"].variable, names["y"].variable] == ["KEY", "OTHER"]


def test_nothing_is_executed(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    path = tmp_path / "config.py"
    path.write_text(
        f"import os, subprocess, pathlib\n"
        f"os.system('touch {mark}')\n"
        f"subprocess.run(['touch', '{mark}'])\n"
        f"pathlib.Path('{mark}').touch()\n"
        f"x = [open('{mark}', 'w') for _ in range(3)]\n"
        f"class A:\n    y = open('{mark}', 'w')\n"
        f"def f():\n    open('{mark}', 'w')\n"
        f"f()\nA()\n@f\ndef g(): pass\n"
        f"models = [dict(abbr='m')]\n"
    )

    names = Reader((), lambda stem, name, place: None).read(path)

    assert not mark.exists()
    assert plain(names["models"]) == [{"abbr": "m"}]


def test_endless_work_ends() -> None:
    source = "x = [a for a in range(9999) for b in range(9999) for c in range(9999)]"

    with pytest.raises(DataError, match="more than"):
        names_of(source, Budget(steps=20_000))


def test_a_while_loop_is_not_followed() -> None:
    names = names_of("x = 1\nwhile True:\n    x = 2\ny = 3")

    assert isinstance(names["x"], Unread)
    assert names["y"] == 3


def test_imports_are_followed_as_files(tmp_path: Path) -> None:
    inner = tmp_path / "datasets" / "gsm8k"
    inner.mkdir(parents=True)
    (inner / "mine.py").write_text("my_datasets = [dict(abbr='mine')]\n")
    top = tmp_path / "top.py"
    top.write_text(
        "from mmengine.config import read_base\n"
        "with read_base():\n"
        "    from .datasets.gsm8k.mine import my_datasets as one\n"
        "    from datasets.gsm8k.mine import *\n"
        "    from nowhere.at_all import other\n"
        "datasets = one + my_datasets\n"
    )

    names = Reader((tmp_path,), lambda stem, name, place: None).read(top)

    assert [plain(one) for one in names["datasets"]] == [{"abbr": "mine"}] * 2
    assert isinstance(names["other"], Unread)


def test_circular_imports_end(tmp_path: Path) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / f"{one}.py").write_text(
            f"from mmengine.config import read_base\nwith read_base():\n"
            f"    from .{other} import x\nx = 1\n"
        )

    assert Reader((), lambda stem, name, place: None).read(tmp_path / "a.py")["x"] == 1


@pytest.mark.parametrize(
    "text", [b"x = (", b"\x00", b"\xff\xfe", b"x = " + b"(" * 5000, b"a" * 5_000_000]
)
def test_what_is_no_python_is_an_error(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "bad.py"
    path.write_bytes(text)

    with pytest.raises(DataError):
        Reader((), lambda stem, name, place: None).read(path)


EXPRESSIONS = st.recursive(
    st.sampled_from(["1", "-2.5", "'a'", "None", "True", "x", "y", "[]", "{}", "os.sep", "b''"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.tuples(inner, inner).map(lambda pair: f"dict(a={pair[0]}, **{pair[1]})"),
        st.tuples(inner, st.sampled_from("+-*/%@|&^"), inner).map(" ".join),
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]}[{pair[1]}]"),
        st.tuples(inner, inner).map(lambda pair: f"[{pair[0]} for x in {pair[1]} if x]"),
        st.tuples(inner, inner).map(lambda pair: f"{{{pair[0]}: {pair[1]}}}"),
        st.tuples(
            inner, st.sampled_from(["keys", "append", "join", "format", "pop", "zz"]), inner
        ).map(lambda one: f"({one[0]}).{one[1]}({one[2]})"),
        st.tuples(
            st.sampled_from(["len", "sum", "sorted", "list", "int", "zip", "max", "dict"]), inner
        ).map(lambda one: f"{one[0]}({one[1]})"),
        inner.map(lambda one: f"(lambda *a, **k: {one})"),
        inner.map(lambda one: f"({one} if {one} else {one})"),
    ),
    max_leaves=12,
)
STATEMENTS = st.one_of(
    EXPRESSIONS.map(lambda one: f"x = {one}"),
    EXPRESSIONS.map(lambda one: f"y += {one}"),
    EXPRESSIONS.map(lambda one: f"x[{one}] = {one}"),
    EXPRESSIONS.map(lambda one: f"for z in {one}:\n    x = z"),
    EXPRESSIONS.map(lambda one: f"if {one}:\n    y = 1\nelse:\n    y = 2"),
    EXPRESSIONS.map(lambda one: f"{one}"),
    st.sampled_from(["del x", "import os", "break", "x, y = y, x", "x: int = 3", "global q"]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STATEMENTS, max_size=8))
def test_no_python_crashes_the_reader(statements: list[str]) -> None:
    source = "\n".join(["x = [dict(a=1)]", "y = 'b'", *statements])
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    frame = Frame("config.py", Budget(steps=20_000))
    try:
        StatementReader(frame, lambda node, scope: None).read(tree.body)
    except DataError:
        return
    except Exception as error:
        if type(error).__name__ == "Interrupted":  # a break outside of a loop, which Reader tells
            return
        raise
    for value in frame.names.values():
        readable(value)
        plain(value)


def test_real_python_is_read_without_crashing(tmp_path: Path) -> None:
    """The standard library's modules are odder than any config."""
    for path in sorted(Path(ast.__file__).parent.glob("[a-d]*.py")):
        try:
            Reader((), lambda stem, name, place: None).read(path)
        except DataError:
            continue


SCRIPT = """
MODEL=${1:-Qwen/Q}
RATES=(1 2)
ARGS=(
  --model "$MODEL"   # the model
  --num-prompts 3
)
for c in "${RATES[@]}"; do
  docker exec box vllm bench serve "${ARGS[@]}" --request-rate $((c * 10)) > log_$c.txt 2>&1
done
evalscope eval --model m --api-url http://h/v1 --datasets arc --dataset-args '{"arc":
   {"few_shot_num": 0}}' \\
  --limit 5
lm_eval --model hf --tasks x --seed $SEED --output_path $(date +%F | tr - _)/x --limit 2
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_scripts(end: str) -> None:
    found = commands_in(SCRIPT.replace("\n", end))

    first = ("bench", "serve", "--model", "Qwen/Q", "--num-prompts", "3", "--request-rate", "10")
    assert found[0].words == first
    assert [one.words[-1] for one in found] == ["10", "20", "5", "2"]
    assert found[2].words[8].split() == ['{"arc":', '{"few_shot_num":', "0}}"]
    assert found[3].words[5:7] == ("$SEED", "--output_path")
