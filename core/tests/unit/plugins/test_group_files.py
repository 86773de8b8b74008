"""Files of ready-made groups: found by name in packages, or by path."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from aisbench.base.errors import PluginError
from aisbench.plugins.group_files import group_files, read_group_file

TEXT = 'summary = "Two sets."\nsource = "here"\n[groups.two]\nmembers = ["a", "b"]\n'


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that brings groups, installed; it must not be imported for them."""
    folder = tmp_path / "unit_group_files"
    (folder / "ready").mkdir(parents=True)
    for one in (folder, folder / "ready"):
        (one / "__init__.py").write_text("raise RuntimeError", encoding="utf-8")
    (folder / "ready" / "unit-two.toml").write_text(TEXT, encoding="utf-8")
    info = tmp_path / "unit_group_files-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: unit\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[aisbench.groups]\nu = unit_group_files.ready\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


def test_a_package_brings_them_without_being_imported(package: Path, tmp_path: Path) -> None:
    assert group_files()["unit-two"] == package / "ready" / "unit-two.toml"
    tables, place = read_group_file("unit-two", tmp_path)
    assert tables["groups"]["two"]["members"] == ["a", "b"]
    assert place.name == "unit-two.toml"
    assert "unit_group_files" not in sys.modules


def test_a_suite_may_name_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(TEXT, encoding="utf-8")
    assert read_group_file("./mine.toml", tmp_path)[0]["source"] == "here"


@pytest.mark.parametrize(
    ("name", "says"),
    [("unit-non", "no installed package brings"), ("./no.toml", "no.toml"), ("./bad.toml", "bad")],
)
def test_what_is_not_there_or_no_toml_is_told(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "bad.toml").write_text("a =", encoding="utf-8")
    with pytest.raises(PluginError, match=says):
        read_group_file(name, tmp_path)
