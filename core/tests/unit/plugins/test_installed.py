"""Entry points are found as importlib.metadata finds them."""

from __future__ import annotations

import importlib.metadata
import sys
import zipfile
from pathlib import Path

import pytest

from aisbench.plugins.installed import GROUP, Installed, installed


def asked() -> set[Installed]:
    return {
        Installed(
            group=group,
            name=one.name,
            value=one.value,
            dist=one.dist.name,
            version=one.dist.version,
        )
        for group in (GROUP, "aisbench.declared")
        for one in importlib.metadata.entry_points(group=group)
        if one.dist is not None
    }


def info(folder: Path, name: str, points: str, version: str = "1.0", end: str = "dist") -> None:
    place = folder / f"{name}-{version}.{end}-info"
    place.mkdir(parents=True)
    (place / ("METADATA" if end == "dist" else "PKG-INFO")).write_text(
        f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n\nName: x\n"
    )
    (place / "entry_points.txt").write_text(points)


def test_all_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(installed()) == asked() and len(asked()) > 20
    first, second = tmp_path / "first", tmp_path / "second"
    info(first, "unit_one", "# words\n[console_scripts]\na=b:c\n[aisbench]\n x = one.plugin \n")
    info(first, "unit_old", "[aisbench]\nx=old.plugin\n", end="egg")
    # The second of one name is hidden by the first, with all its entry points.
    info(second, "unit_one", "[aisbench]\ny = other.plugin\n", version="2.0")
    info(second, "unit_two", "[aisbench.declared]\nx = two\n[aisbench]\nx = two.plugin\n")
    (first / "unit_three.egg-info").write_text("Name: unit-three\n")
    for folder in (second, first, tmp_path / "missing"):
        monkeypatch.syspath_prepend(str(folder))
    found = set(installed())
    assert found == asked()
    ours = {(one.dist, one.name, one.value) for one in found if one.dist.startswith("unit-")}
    assert ours == {
        ("unit-one", "x", "one.plugin"),
        ("unit-old", "x", "old.plugin"),
        ("unit-two", "x", "two"),
        ("unit-two", "x", "two.plugin"),
    }


def test_those_in_archives_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "plugins.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("unit_zip-1.0.dist-info/METADATA", "Name: unit-zip\nVersion: 1.0\n")
        made.writestr("unit_zip-1.0.dist-info/entry_points.txt", "[aisbench]\nz = unit_zip\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(archive)])
    assert set(installed()) == asked()
    assert "unit-zip" in {one.dist for one in installed()}
