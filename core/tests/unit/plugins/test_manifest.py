"""Manifests: read without importing, and only while they say what the code says."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aisbench.api import (
    BackendOffer,
    Capability,
    Card,
    DatasetOffer,
    Download,
    Offer,
    PartGroup,
    ReducerOffer,
    Support,
    TemplateOffer,
)
from aisbench.base.errors import PluginError
from aisbench.plugins.catalog import Catalog
from aisbench.plugins.discovery import discover
from aisbench.plugins.manifest import FILE, LARGEST, package_folder
from aisbench.plugins.manifest_writing import manifests_of
from aisbench.plugins.plain import NotPlain, from_plain, to_plain

MODULE = """
from aisbench.api import ReducerOffer, hookimpl
from .names import NAME
AISBENCH_API = "1.0"
{at_import}

@hookimpl
def aisbench_evaluators():
    return [ReducerOffer(name=NAME, summary="Reduces.", target="a:B")]
"""
SET = """
summary = "A set."
evaluator = "exact"
[card]
task = "questions"
rows = {{ test = {rows} }}
[columns]
answer = "a"
[files]
test = "test.jsonl"
[variants.plain]
template = "text"
source = "own"
prompt.question = "{{q}}"
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with a plugin and declared sets, installed; it stops the test when imported
    after its manifest was written."""
    name = f"unit_manifest_{tmp_path.name.replace('-', '_')}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "names.py").write_text('NAME = "unit-mean"\n')
    (folder / "plugin.py").write_text(MODULE.format(at_import=""))
    (folder / "unit-set.toml").write_text(SET.format(rows=3))
    (folder / "_common.toml").write_text("")
    info = tmp_path / "unit_manifest-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: unit-manifest\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        f"[aisbench]\nunit = {name}.plugin\n[aisbench.declared]\nunit = {name}\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for module in [one for one in sys.modules if one.startswith(name)]:
        del sys.modules[module]


def write(package: Path) -> None:
    for file, text in manifests_of("unit_manifest").items():
        assert file == package / FILE
        file.write_text(text)


def own(found: Catalog) -> dict[str, Offer]:
    assert not found.broken
    return {one.offer.name: one.offer for one in found.listed if one.dist == "unit-manifest"}


def notes(found: Catalog) -> list[str]:
    return [note.text for note in found.notes if note.dist == "unit-manifest"]


def test_offers_are_the_same_with_and_without(package: Path) -> None:
    without = own(discover())
    assert set(without) == {"unit-mean", "unit-set"}
    write(package)
    found = discover()
    assert notes(found) == []
    within = own(found)
    assert within["unit-mean"] == without["unit-mean"]
    for name in ("summary", "card", "evaluator", "target", "settings", "place", "package"):
        assert getattr(within["unit-set"], name) == getattr(without["unit-set"], name)


def test_nothing_is_imported_and_no_declaration_is_read(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(package)
    monkeypatch.setattr("subprocess.run", None)
    monkeypatch.setattr("tomli.loads", None)
    assert set(own(discover())) == {"unit-mean", "unit-set"}
    assert not [name for name in sys.modules if name.startswith(package.name)]


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("plugin.py", "plugin.py was changed"),
        ("names.py", "names.py was changed"),
        ("unit-set.toml", "unit-set.toml was changed"),
        ("_common.toml", "_common.toml was changed"),
        ("new-set.toml", "it does not know new-set.toml"),
        (FILE, "aisbench-offers.json is no JSON"),
    ],
)
def test_one_that_is_out_of_date_is_not_used(package: Path, file: str, told: str) -> None:
    write(package)
    texts = {
        "names.py": 'NAME = "unit-sums"\n',  # as long as before
        "new-set.toml": SET.format(rows=5),
        FILE: "{",
    }
    path = package / file
    before = path.read_text() if path.exists() else ""
    path.write_text(texts.get(file) or before + "\n# changed\n")
    # Python knows compiled files by size and second alone.
    os.utime(path, (path.stat().st_mtime + 10,) * 2)
    found = discover()
    assert any(told in note for note in notes(found)), found.notes
    offers = own(found)
    assert ("unit-sums" in offers) == (file == "names.py")
    assert ("new-set" in offers) == (file == "new-set.toml")
    assert "unit-set" in offers


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ("[" * 200_000, "nested too deeply"),
        (" " * LARGEST + "{}", "larger than 16 MiB"),
        ("[]", "another format"),
        ('{"format": 1, "plugins": []}', "another form"),
        ('{"format": 1, "plugins": {"PLUGIN": {"files": {}, "hooks": 5}}}', "hooks of PLUGIN"),
        ('{"format": 1, "plugins": {"PLUGIN": {"files": {}, "offers": ["x"]}}}', "is no offer"),
        ('{"format": 1, "plugins": {"PLUGIN": {"files": {}, "offers": 5}}}', "not iterable"),
    ],
    ids=["deep", "large", "list", "plugins", "hooks", "offers", "number"],
)
def test_whatever_a_manifest_holds_the_code_is_asked(
    package: Path, manifest: str, told: str
) -> None:
    module = f"{package.name}.plugin"
    (package / FILE).write_text(manifest.replace("PLUGIN", module))
    found = discover()
    assert any(told.replace("PLUGIN", module) in note for note in notes(found)), notes(found)
    assert set(own(found)) == {"unit-mean", "unit-set"}


@pytest.mark.parametrize(
    ("api", "reason"),
    [("1.99", "is written for version 1.99"), (None, "states no AISBENCH_API")],
)
def test_the_version_of_the_contract_is_checked(package: Path, api: object, reason: str) -> None:
    write(package)
    document = json.loads((package / FILE).read_text())
    document["plugins"][f"{package.name}.plugin"]["api"] = api
    (package / FILE).write_text(json.dumps(document))
    (broken,) = [one for one in discover().broken if one.dist == "unit-manifest"]
    assert broken.reason.startswith(reason)


def test_what_a_newer_aisbench_wrote_is_not_guessed(package: Path) -> None:
    write(package)
    document = json.loads((package / FILE).read_text())
    document["plugins"][f"{package.name}.plugin"]["offers"][0]["colour"] = "red"
    (package / FILE).write_text(json.dumps(document))
    found = discover()
    assert "the attribute 'colour', which this aisbench lacks" in " ".join(notes(found))
    assert "unit-mean" in own(found)


def test_a_project_that_is_not_installed_gets_its_manifest(tmp_path: Path) -> None:
    package = tmp_path / "src" / "unit_project"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "names.py").write_text('NAME = "unit-own"\n')
    (package / "plugin.py").write_text(MODULE.format(at_import=""))
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "unit-project"\n'
        '[project.entry-points.aisbench]\nown = "unit_project.plugin"\n'
    )
    ((file, text),) = manifests_of(str(tmp_path)).items()
    assert file == package / FILE
    entry = json.loads(text)["plugins"]["unit_project.plugin"]
    assert entry["api"] == "1.0"
    assert entry["offers"] == [
        {"kind": "reducer", "name": "unit-own", "summary": "Reduces.", "target": "a:B"}
    ]
    assert sorted(entry["files"]) == ["__init__.py", "names.py", "plugin.py"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("plugin.py", "1 / 0"), "ZeroDivisionError"),
        (("unit-set.toml", "summary = 3"), "summary"),
    ],
)
def test_what_is_broken_gets_no_manifest(
    package: Path, change: tuple[str, str], told: str
) -> None:
    (package / change[0]).write_text(change[1])
    with pytest.raises(PluginError, match=told):
        manifests_of("unit-manifest")


def test_one_broken_declaration_takes_only_itself_away(package: Path) -> None:
    (package / "bad-set.toml").write_text("summary = ")
    found = discover()
    (broken,) = [one for one in found.broken if one.dist == "unit-manifest"]
    assert broken.plugin == "unit/bad-set" and "bad-set.toml" in broken.reason
    names = {one.offer.name for one in found.listed if one.dist == "unit-manifest"}
    assert names == {"unit-mean", "unit-set"}


def test_a_shared_name_is_no_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "unit_shared" / "inner").mkdir(parents=True)
    (tmp_path / "unit_shared" / "inner" / "__init__.py").write_text("raise SystemExit")
    (tmp_path / "unit_single.py").write_text("raise SystemExit")
    monkeypatch.syspath_prepend(str(tmp_path))
    home = package_folder("unit_shared.inner.sets.more")
    assert home is not None and home.name == "unit_shared.inner"
    assert home.inside("unit_shared.inner.sets.more") == home.path / "sets" / "more"
    assert home.inside("unit_shared.inner") == home.path
    assert package_folder("unit_single") is None
    assert package_folder("unit_nowhere.plugin") is None


OFFERS = (
    BackendOffer(
        name="b", summary="B.", target="a:B", capabilities={Capability.CHAT: Support.DEPENDS}
    ),
    TemplateOffer(
        name="t",
        summary="T.",
        target="a:B",
        form=Capability.TEXT,
        needs=frozenset({Capability.LOGPROBS, Capability.USAGE}),
    ),
    DatasetOffer(
        name="d",
        summary="D.",
        target="a:B",
        metrics=("one", "two"),
        needs=frozenset({Capability.IMAGES}),
        downloads=(Download(url="u", filename="f", sha256="0"),),
        groups=(PartGroup(name="g", members=("x",), mean="members", weights=(0.5,)),),
        card=Card(task="t", rows={"test": 3}, languages=("en", "zh")),
    ),
    DatasetOffer(name="n", summary="N.", target="a:B", downloads="a:D", groups="a:G"),
)


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.name)
def test_an_offer_is_the_same_when_it_comes_back(offer: Offer) -> None:
    again = from_plain(json.loads(json.dumps(to_plain(offer))))
    assert again == offer
    assert repr(again) == repr(offer)


def test_what_is_no_plain_data_is_refused() -> None:
    with pytest.raises(NotPlain, match=r"d\.card is <object"):
        to_plain(DatasetOffer(name="d", summary="D.", target="a:B", card=object()))  # type: ignore[arg-type]

    class Own(ReducerOffer):
        """A class of a plugin's."""

    with pytest.raises(NotPlain, match="a class of the plugin's own"):
        to_plain(Own(name="r", summary="R.", target="a:B"))
    for wrong in (
        {"kind": "none", "name": "x"},
        {"kind": "reducer", "name": "x"},
        {"kind": "dataset", "name": "x", "summary": "S", "target": "a:B", "needs": ["flying"]},
        {"kind": "dataset", "name": "x", "summary": "S", "target": "a:B", "metrics": {"a": 1}},
        [],
    ):
        with pytest.raises(NotPlain):
            from_plain(wrong)
