"""Every built-in has a manifest, and it says what the code says."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import attrs

from aisbench.declared.offers import DeclaredOffer, read_package, table_of
from aisbench.plugins.discovery import discover
from aisbench.plugins.installed import installed
from aisbench.plugins.manifest import FILE
from aisbench.plugins.manifest_writing import manifests

ROOT = Path(__file__).resolve().parents[2]


def test_manifests_of_the_repository_are_true() -> None:
    """After a change: aisbench plugins manifest FOLDER, of the distribution."""
    ours = manifests([one for one in installed() if one.dist.startswith("aisbench")])
    folders = {file: file.parents[2].relative_to(ROOT) for file in ours}
    assert len(ours) >= len(list(ROOT.glob("plugins/*/*/pyproject.toml")))
    wrong = [
        f"aisbench plugins manifest {folders[file]}"
        for file, text in ours.items()
        if not file.is_file() or file.read_text(encoding="utf-8") != text
    ]
    assert not wrong, "\n".join(["run:", *wrong])


def test_no_code_of_a_built_in_is_run_to_list_it() -> None:
    code = (
        "import sys\nfrom aisbench.plugins.discovery import discover\nfound = discover()\n"
        "assert len(found.listed) > 90, found\n"
        "print([name for name in sys.modules if name.startswith(('aisbench_', 'aisbench.api', "
        "'aisbench.plugins.prob', 'pluggy', 'tomli'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_a_manifest_says_is_what_a_declaration_says() -> None:
    """An offer of a manifest has everything but its table, which is read from its file."""
    declared = [one.offer for one in discover().listed if isinstance(one.offer, DeclaredOffer)]
    assert declared
    for offer in declared:
        again = {one.name: one for one in read_package(offer.package).offers}[offer.name]
        assert offer.table is None
        assert attrs.evolve(again, table=None) == offer
        assert table_of(offer) == again.table


def test_wheels_hold_manifests(wheels: dict[str, Path]) -> None:
    for name in ("core", "repeats"):
        names = zipfile.ZipFile(wheels[name]).namelist()
        assert any(one.endswith(f"/{FILE}") for one in names), name
