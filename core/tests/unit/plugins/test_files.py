"""Plugins that are files: what they offer, what is wrong with them, who finds their classes."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from unit_fakes import catalog

from aisbench.api import EvaluatorOffer
from aisbench.base.errors import PluginError
from aisbench.base.modules import import_file
from aisbench.plugins.files import (
    DIST,
    files_behind,
    plugin_of_file,
    set_of_file,
    with_plugin_file,
)
from aisbench.plugins.names import names_file
from aisbench.plugins.targets import construct

PLUGIN = """
from aisbench.api import EvaluatorOffer, hookimpl
import unit_file_helper
AISBENCH_API = "1.1"
@hookimpl
def aisbench_evaluators():
    return [EvaluatorOffer(name="{name}", summary="One.", target="{module}:Mine")]
class Mine:
    value = unit_file_helper.VALUE
"""
SET = """
summary = "One."
split = "test"
evaluator = "exact"
card = { task = "t", licence = "none", source = "here" }
files = { test = "rows.jsonl" }
columns = { answer = "a" }
variants.chat = { template = "chat", source = "own", prompt = { user = "{q}" } }
"""


@pytest.fixture(autouse=True)
def clean_process() -> Iterator[None]:
    """Neither modules nor their folders stay."""
    before, path = set(sys.modules), list(sys.path)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("unit_file"):
            del sys.modules[name]
    sys.path[:] = path


def write(
    folder: Path, name: str = "unit_file_one", value: str = "1", offer: str = "mine"
) -> Path:
    file = folder / f"{name}.py"
    file.write_text(PLUGIN.format(name=offer, module=name))
    (folder / "unit_file_helper.py").write_text(f"VALUE = {value}\n")
    return file


def test_a_python_file_offers_classes_of_its_own(tmp_path: Path) -> None:
    (listed,) = plugin_of_file(write(tmp_path))
    assert (listed.dist, listed.plugin, len(listed.version)) == (DIST, "unit_file_one", 12)
    assert construct(listed, None).value == 1
    assert [one.name for one in files_behind(listed)] == [
        "unit_file_one.py",
        "unit_file_helper.py",
    ]
    # The user's folder is left as it was.
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "unit_file_helper.py", "unit_file_one.py",
    ]  # fmt: skip


def test_a_changed_file_is_another_plugin_with_its_helpers(tmp_path: Path) -> None:
    before = plugin_of_file(write(tmp_path))[0]
    assert plugin_of_file(tmp_path / "unit_file_one.py")[0] == before
    # As quick and as long as an edit can be: bytecode of the same second would be taken.
    now = plugin_of_file(write(tmp_path, value="2", offer="nine"))[0]
    assert now.offer.name == "nine"
    assert now.version != before.version
    assert construct(now, None).value == 2


def where(mine: object) -> str:
    return sys.modules[type(mine).__module__].__file__ or ""


@pytest.mark.not_quick
@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_other_processes_find_the_classes(tmp_path: Path, how: str) -> None:
    file = write(tmp_path)
    mine = construct(plugin_of_file(file)[0], None)
    with multiprocessing.get_context(how).Pool(1) as pool:
        assert pool.apply(where, (mine,)) == str(file)


BROKEN = {
    "unit_file_a": ("raise ValueError('no')", r"unit_file_a.py:1: ValueError: no"),
    "unit_file_b": ("import sys\nsys.exit(3)", r"sys.exit\(3\)"),
    "unit_file_c": ("x = 1", "AISBENCH_API"),
    "unit_file_d": ("AISBENCH_API = '1.1'", "offers nothing"),
    "unit_file_e": ("import not_there_at_all", "needs the module 'not_there_at_all'"),
    "unit_file_f": ("def f(:", r"unit_file_f.py:1: SyntaxError"),
    "json": ("AISBENCH_API = '1.1'", "its name is that of another module"),
    "unit-file": ("AISBENCH_API = '1.1'", "is no module"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_with_a_python_file_is_told(tmp_path: Path, name: str) -> None:
    text, message = BROKEN[name]
    file = tmp_path / f"{name}.py"
    file.write_text(text)
    json = sys.modules["json"]
    with pytest.raises(PluginError, match=message) as told:
        plugin_of_file(file)
    assert str(tmp_path) in str(told.value)
    assert told.value.hint
    assert sys.modules["json"] is json


def test_what_is_no_file_of_the_kind_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "not.toml").write_text("x = ")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "key.toml").write_text('split = "test"')
    write(tmp_path)
    for name, message in (
        ("folder.toml", "is a folder"),
        ("pipe.toml", "no regular file"),
        ("not.toml", "Invalid value"),
        ("binary.toml", "utf-8"),
        ("key.toml", "has no summary"),
        ("missing.toml", "no such file"),
        ("unit_file_one.py", "is not a data set"),
    ):
        with pytest.raises(PluginError, match=message) as told:
            set_of_file(tmp_path / name)
        assert name in str(told.value)
    with pytest.raises(PluginError, match="is not a plugin"):
        plugin_of_file(tmp_path / "not.toml")


def test_names_that_two_offer(tmp_path: Path) -> None:
    own = with_plugin_file(catalog(), write(tmp_path, offer="exact"))
    assert own.find(EvaluatorOffer, "file/exact")[1].dist == DIST
    # The same file again is no clash, another one is.
    assert with_plugin_file(own, tmp_path / "unit_file_one.py").listed == own.listed
    with pytest.raises(PluginError, match=r"unit_file_two\.py: offers the evaluator 'exact'"):
        with_plugin_file(own, write(tmp_path, "unit_file_two", offer="exact"))
    (tmp_path / "sub").mkdir()
    with pytest.raises(PluginError, match="its name is that of another module"):
        with_plugin_file(own, write(tmp_path / "sub", offer="other"))


def test_a_toml_file_has_its_rows_beside_it_and_says_what_it_is_made_of(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(SET)
    (tmp_path / "own.toml").write_text(
        'extends = "base"\nsummary = "Two."\nevaluator = "unit_file_rule:score"\n'
        '[[evaluators]]\nparts = ["x"]\nevaluator = "unit_file_part:score"\n'
    )
    for name in ("rule", "part"):
        code = "def score(sample, answer): return True\n"
        (tmp_path / f"unit_file_{name}.py").write_text(code)
    (tmp_path / "rows.jsonl").write_text('{"q": "1?", "a": "1"}\n')
    listed = set_of_file(tmp_path / "own.toml")
    assert (listed.dist, listed.offer.name, listed.offer.summary) == (DIST, "own", "Two.")
    names = [one.name for one in files_behind(listed)]
    assert names == ["own.toml", "base.toml", "unit_file_rule.py", "unit_file_part.py"]
    from aisbench.declared.settings import DeclaredSettings

    (sample,) = construct(listed, DeclaredSettings()).samples()
    assert sample.target == "1"


@pytest.mark.parametrize(
    ("name", "is_file"),
    [
        ("./arc.toml", True), ("sets/arc.toml", True), ("/x/ARC.TOML", True), ("~/a.toml", True),
        ("C:\\sets\\arc.toml", True), ("./my.py", True), ("arc", False), ("dist/arc", False),
        ("pass@5", False), ("exact", False),
    ],
)  # fmt: skip
def test_what_is_a_path(name: str, is_file: bool) -> None:
    assert names_file(name) is is_file


def test_a_module_may_replace_itself(tmp_path: Path) -> None:
    file = tmp_path / "unit_file_self.py"
    file.write_text("import sys, types\nsys.modules[__name__] = types.SimpleNamespace(x=3)\n")
    assert import_file(file).x == 3  # type: ignore[attr-defined]
