"""Discovery: every plugin alone, a broken one is a record."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from unit_fakes import DIST, OTHER, backend, catalog, listed, sums

from aisbench.api import BackendOffer, Capability, DatasetOffer, SummarizerOffer, Support
from aisbench.base.errors import PluginError
from aisbench.plugins.catalog import BrokenPlugin, Catalog, describe_clashes, hidden_by_core
from aisbench.plugins.discovery import discover
from aisbench.plugins.installed import known_to_core
from aisbench.plugins.targets import construct, resolve, settings_class

HEAD = "from aisbench.api import *\nfrom aisbench.api import hookimpl\nAISBENCH_API = 1\n"
GOOD = (
    HEAD
    + """
@hookimpl
def aisbench_backends():
    return [BackendOffer(name="{name}", summary="One.", target="a.b:C")]
"""
)

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a distribution ``aisbench-plugin-NAME`` whose module has the given text."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv("AISBENCH_DISABLE_PLUGINS", raising=False)
    before = set(sys.modules)

    def make(name: str, text: str, entry: str | None = None, folder: Path = tmp_path) -> None:
        module = f"unit_plugin_{name}_{tmp_path.name.replace('-', '_')}"
        info = folder / f"aisbench_plugin_{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: aisbench-plugin-{name}\nVersion: 1.0\n"
        )
        (info / "entry_points.txt").write_text(f"[aisbench]\n{entry or name} = {module}\n")
        (folder / f"{module}.py").write_text(text)

    yield make  # type: ignore[misc]
    for name in set(sys.modules) - before:
        if name.startswith("unit_plugin_"):
            del sys.modules[name]


def broken_one(name: str) -> BrokenPlugin:
    """The record of a plugin that must be broken, while others are not."""
    found = discover()
    (record,) = [one for one in found.broken if one.plugin == name]
    assert any(one.plugin == "builtin" for one in found.listed)
    assert record.dist not in found.plugins
    assert record.version == "1.0"
    return record


def test_what_is_installed_is_listed(install: Install) -> None:
    install("good", GOOD.format(name="unit-one"))
    found = discover()
    (one,) = found.named("unit-one")
    assert (one.plugin, one.dist, one.version) == ("good", "aisbench-plugin-good", "1.0")
    assert found.plugins["aisbench-plugin-good"] == "1.0"
    assert found.find(BackendOffer, "unit-one")[1] is one
    names = {one.offer.name for one in found.listed if one.plugin == "builtin"}
    assert names >= {"chat", "text", "fixed", "random", "closed", "poisson", "trace"}


@pytest.mark.parametrize(
    ("text", "reason", "fix"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero", "report it to the authors"),
        ("def", "SyntaxError: ", "report it to the authors"),
        ("import no_such_module_x", "needs the module 'no_such_module_x', which", "pip install"),
        ("", "states no AISBENCH_API; write AISBENCH_API = ", "--upgrade"),
        ("AISBENCH_API = 1.1", "states AISBENCH_API = 1.1; write", "--upgrade"),
        ("AISBENCH_API = 99", "is written for version 99.0", "pip install --upgrade aisbench"),
        (
            "AISBENCH_API = '1.99'",
            "is written for version 1.99 of the plugin API; this aisbench has ",
            "pip install --upgrade aisbench",
        ),
        (
            HEAD + "@hookimpl\ndef aisbench_backend():\n    return []\n",
            "implements a hook that does not exist: aisbench_backend",
            "rename it to aisbench_backends",
        ),
        (
            HEAD + "@hookimpl\ndef aisbench_backends():\n    return ['x']\n",
            "aisbench_backends returns 'x'",
            "return BackendOffer objects",
        ),
        (
            HEAD + "@hookimpl\ndef aisbench_backends():\n    raise ValueError('a\\nb')\n",
            "ValueError: a",
            "report it",
        ),
        (
            GOOD.format(name="Upper Case"),
            "aisbench_backends offers the name 'Upper Case'",
            "use lower-case kebab names",
        ),
        (
            GOOD.format(name="x").replace("a.b:C", "a.b.C"),
            "x has the target 'a.b.C'",
            'write "module:attribute"',
        ),
        (
            GOOD.format(name="x").replace("One.", ""),
            "x has no one-line summary",
            "say in one line what it is",
        ),
    ],
)
def test_a_broken_plugin_is_a_record(install: Install, text: str, reason: str, fix: str) -> None:
    install("bad", text)
    record = broken_one("bad")
    assert record.reason.startswith(reason)
    assert "\n" not in record.reason
    assert fix in record.fix
    assert "Traceback" in record.details
    assert not discover().named("x")


@pytest.mark.parametrize("name", ["offline", "aisbench-plugin-offline"])
def test_plugins_are_disabled_by_either_name(
    install: Install, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("offline", "raise SystemExit('never imported')")
    found = discover([name])
    assert found.disabled == (name,)
    assert found.warnings == ()
    monkeypatch.setenv("AISBENCH_DISABLE_PLUGINS", f" {name} ,,nobody")
    found = discover()
    assert found.disabled == (name,)
    assert found.warnings == ("AISBENCH_DISABLE_PLUGINS nobody: no such plugin",)


def test_a_distribution_that_is_seen_twice_counts_once(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("twice", GOOD.format(name="unit-twice"))
    second = tmp_path / "second"
    install("twice", GOOD.format(name="unit-twice"), folder=second)
    monkeypatch.syspath_prepend(str(second))
    assert len(discover().named("unit-twice")) == 1


# -- finding by name


def test_clashes_name_both_and_say_what_to_write() -> None:
    found = catalog(listed(sums(), dist=OTHER))
    with pytest.raises(PluginError) as caught:
        found.find(DatasetOffer, "sums")
    assert caught.value.message == (
        f"two plugins offer the dataset 'sums': {DIST} 1.0 and {OTHER} 1.0"
    )
    assert f"write {DIST}/sums or {OTHER}/sums" in caught.value.hint
    assert found.find(DatasetOffer, f"{OTHER}/sums")[1].dist == OTHER
    assert describe_clashes(found.listed) == [f"dataset 'sums' is offered by {DIST} and {OTHER}"]
    assert describe_clashes(catalog().listed) == []


def test_a_bare_name_is_the_own_distributions_then_cores() -> None:
    own, core = listed(sums(), dist="stranger"), listed(sums(), dist="aisbench")
    found = catalog(own, core)
    assert found.find(DatasetOffer, "sums")[1] is core
    assert found.find(DatasetOffer, "sums", "stranger")[1] is own
    assert found.find(DatasetOffer, "sums", "another")[1] is core
    assert found.find(DatasetOffer, f"{DIST}/sums", "stranger")[1].dist == DIST
    assert hidden_by_core([own, core]) == hidden_by_core([core, own]) == [own]
    assert describe_clashes([own, core]) == []
    # A clash hurts nobody who means his own.
    clashing = catalog(own)
    assert clashing.find(DatasetOffer, "sums", "stranger")[1] is own
    with pytest.raises(PluginError, match="two plugins offer"):
        clashing.find(DatasetOffer, "sums", "another")


def test_a_distribution_that_offers_a_name_twice_is_told_so() -> None:
    twice = attrs.evolve(listed(sums()), plugin="second")
    with pytest.raises(PluginError, match=rf"{DIST} 1\.0 offers the dataset 'sums' twice"):
        catalog(twice).find(DatasetOffer, "sums", DIST)


def test_summarizers_of_strangers_are_not_used_unasked() -> None:
    loud = SummarizerOffer(name="loud", summary="Loud.", target="a:B", default=True)
    found = catalog(listed(loud, dist="stranger"), listed(loud, dist=DIST.replace("-", "_")))
    names = [(one.dist, one.offer.name) for one in found.default_summarizers()]
    assert names == [(DIST.replace("-", "_"), "loud"), (DIST, "table")]
    assert [one.dist for one in found.unasked_summarizers()] == ["stranger"]


def test_what_cores_extras_bring_is_known_to_it() -> None:
    known = known_to_core()
    assert "aisbench" in known and len(known) > 5
    used = discover().default_summarizers()
    assert used and {one.dist for one in used} <= known


def test_one_name_in_two_kinds_is_no_clash() -> None:
    both = catalog(listed(backend("sums", {Capability.CHAT: Support.FULL})))
    assert both.find(DatasetOffer, "sums")[0].kind == "dataset"
    assert both.find(BackendOffer, "sums")[0].kind == "backend"
    assert len(both.named("sums")) == 2


def test_an_unknown_name_says_what_may_offer_it() -> None:
    found = attrs.evolve(
        catalog(),
        broken=(BrokenPlugin(plugin="p", dist="d", version="2", reason="no", fix="mend"),),
        disabled=("sleeping",),
    )
    with pytest.raises(PluginError) as caught:
        found.find(BackendOffer, "chaty")
    lines = str(caught.value).splitlines()
    assert lines[:5] == [
        "no installed plugin offers the backend 'chaty'",
        "  did you mean 'chatty'?",
        "  installed: chatty, still, texty",
        "  plugin 'p' (d 2) is broken and may offer it: no (see: aisbench plugins doctor)",
        "  disabled: sleeping",
    ]
    with pytest.raises(PluginError, match="installed: none"):
        Catalog(listed=(), broken=()).find(BackendOffer, "x")


def test_a_wrong_name_with_its_distribution_suggests_the_nearest() -> None:
    with pytest.raises(PluginError, match="did you mean 'chatty'"):
        catalog().find(BackendOffer, f"{DIST}/chaty")


def test_of_kind_is_sorted_by_name() -> None:
    names = [one.offer.name for one in catalog().of_kind("backend")]
    assert names == ["chatty", "still", "texty"]


# -- targets


def test_targets_are_imported_when_they_are_needed() -> None:
    one = listed(sums())
    cls = settings_class(one)
    assert cls is not None
    made = cls(path=Path("x"))
    assert construct(one, made).settings is made
    assert settings_class(attrs.evolve(one, offer=attrs.evolve(one.offer, settings=None))) is None
    with pytest.raises(PluginError, match=r"cannot be imported: .*Gone"):
        resolve("unit_fakes:Gone", one)
    with pytest.raises(PluginError, match="needs the module 'gone_module', which"):
        resolve("gone_module:X", one)


def test_the_package_of_a_name_with_its_distribution_is_told() -> None:
    """As in the suite that a run keeps, read where the package is not installed."""
    empty = Catalog(listed=(), broken=())
    with pytest.raises(PluginError, match=r"pip install aisbench-plugin-away\Z"):
        empty.find(DatasetOffer, "aisbench-plugin-away/capitals")
    with pytest.raises(PluginError, match=r"pip install aisbench-plugin-\.\.\.\Z"):
        empty.find(DatasetOffer, "capitals")
