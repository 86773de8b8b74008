"""Every distribution states what it must, so that a new one that does not is named here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from shared_metadata import Shared, compatible_range, differences, distributions, ranged

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
SHARED = Shared.read()
FOLDERS = distributions()


def project_of(folder: Path) -> dict:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_states_what_all_state(folder: Path) -> None:
    """After a change: python3 dev.py release sync"""
    assert not list(differences(folder, SHARED))


def test_every_distribution_of_dev_is_released() -> None:
    sys.path.insert(0, str(ROOT))
    try:
        import dev
    finally:
        sys.path.remove(str(ROOT))
    assert sorted(FOLDERS) == sorted(dev.packages())


TRACKER = "aisbench-plugin-tracking-"
"""Plugins that bring a vendor's client, which nobody gets unasked: each is an extra of its own."""


def test_all_brings_every_plugin() -> None:
    extras = project_of(ROOT / "core")["optional-dependencies"]
    brought: set[str] = set()

    def follow(extra: str) -> None:
        for requirement in map(Requirement, extras[extra]):
            brought.add(requirement.name)
            for further in requirement.extras if requirement.name == "aisbench" else ():
                follow(further)

    follow("all")
    assert not any(name.startswith(TRACKER) for name in brought)
    for extra in ("devices", "mlflow", "optuna", "otel", "swanlab", "wandb"):
        follow(extra)
    plugins = {project_of(folder)["name"] for folder in FOLDERS if "plugins" in folder.parts}
    assert not plugins - brought
    meta = {Requirement(text).name for text in project_of(ROOT / "meta")["dependencies"]}
    assert meta == {"aisbench"}


def test_core_alone_has_no_numpy() -> None:
    needed = {Requirement(text).name for text in project_of(ROOT / "core")["dependencies"]}
    assert not needed & {"numpy", "pyarrow", "pandas", "polars"}


@pytest.mark.parametrize(
    ("version", "inside", "outside"),
    [
        ("0.1.0", ["0.1.0", "0.1.9"], ["0.0.9", "0.2.0", "1.0"]),
        ("0.12.3", ["0.12.0"], ["0.11.9", "0.13.0"]),
        ("1.2.3", ["1.2.0", "1.9.0"], ["1.1.9", "2.0.0"]),
    ],
)
def test_the_rule_of_versions(version: str, inside: list[str], outside: list[str]) -> None:
    found = SpecifierSet(compatible_range(version))
    assert all(Version(one) in found for one in inside)
    assert not any(Version(one) in found for one in outside)


def test_only_our_own_requirements_are_ranged() -> None:
    assert ranged("aisbench", "0.3.1") == "aisbench>=0.3,<0.4"
    assert ranged("aisbench>=0.1", "0.3.1") == "aisbench>=0.3,<0.4"
    assert ranged("aisbench[a,b]>=0.1,<0.2", "0.3.1") == "aisbench[a,b]>=0.3,<0.4"
    assert ranged("aisbench-plugin-vllm-offline<2", "1.0.0") == (
        "aisbench-plugin-vllm-offline>=1.0,<2"
    )
    for theirs in ("attrs>=24.2", "aisbenchmark>=1", "tree-sitter==0.21.3; os_name == 'nt'"):
        assert ranged(theirs, "0.3.1") == theirs


def test_a_distribution_that_lacks_everything_is_named_with_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("terms", encoding="utf-8")
    folder = tmp_path / "plugins" / "evaluators" / "new"
    package = folder / "src" / "aisbench_plugin_new"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('"""New."""\n\n__version__ = "9"\n', encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\n'
        '[project]\nname = "aisbench-plugin-new"\ndynamic = ["description"]\n'
        'dependencies = ["aisbench"]\n',
        encoding="utf-8",
    )
    found = "\n".join(differences(folder, SHARED, tmp_path))
    for word in (
        "build-system", "license-files", "authors", "classifiers", "readme", "aisbench>=",
        "__version__", "LICENSE", "README.md: missing", "py.typed: missing", "requires-python",
    ):  # fmt: skip
        assert word in found, word


def test_the_page_for_authors_of_plugins_shows_the_range() -> None:
    page = (ROOT / "docs" / "authors" / "index.md").read_text(encoding="utf-8")
    assert f'"aisbench{compatible_range(SHARED.version)}"' in page
