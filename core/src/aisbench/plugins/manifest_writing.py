"""Writing manifests from the code: of an installed distribution, or of a project's folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli

from aisbench.base.errors import PluginError
from aisbench.declared.offers import GROUP as DECLARED_GROUP
from aisbench.declared.offers import read_package
from aisbench.plugins.catalog import normal
from aisbench.plugins.faults import fault_record
from aisbench.plugins.importing import time_limit
from aisbench.plugins.installed import GROUP, Installed, installed
from aisbench.plugins.manifest import FILE, FORMAT, PackageFolder, checksums, package_folder
from aisbench.plugins.plain import NotPlain, to_plain
from aisbench.plugins.probing import probe
from aisbench.types.offer import DatasetOffer

ABOUT = "Written by `aisbench plugins manifest` from the code, so that it need not be imported."


def manifests_of(what: str) -> dict[Path, str]:
    """The manifests of an installed distribution, or of the project in a folder: file -> text.

    Raises PluginError for what is neither, and for a plugin that cannot be used.
    """
    if Path(what).is_dir():
        return manifests(_of_project(Path(what).resolve()), _roots(Path(what).resolve()))
    found = [one for one in installed() if normal(one.dist) == normal(what)]
    if not found:
        raise PluginError(
            f"{what!r} is no installed plugin and no folder",
            hint="aisbench plugins list names the distributions; or give the folder that holds "
            "the plugin's pyproject.toml",
        )
    return manifests(found)


def _roots(project: Path) -> Sequence[Path]:
    return [root for root in (project / "src", project) if root.is_dir()]


def _of_project(folder: Path) -> list[Installed]:
    """The plugins that a pyproject.toml declares."""
    file = folder / "pyproject.toml"
    try:
        project: Any = tomli.loads(file.read_text(encoding="utf-8")).get("project", {})
    except OSError as error:
        raise PluginError(
            f"{file}: {error.strerror}", hint="give the folder of a plugin's pyproject.toml"
        ) from error
    except ValueError as error:
        raise PluginError(f"{file}: {error}") from error
    points: Any = project.get("entry-points", {})
    found = [
        Installed(group=group, name=name, value=value, dist=project.get("name", "?"), version="?")
        for group in (GROUP, DECLARED_GROUP)
        for name, value in points.get(group, {}).items()
    ]
    if not found:
        raise PluginError(
            f"{file}: declares no plugin",
            hint=f"an entry point stands under [project.entry-points.{GROUP}] or "
            f'[project.entry-points."{DECLARED_GROUP}"]',
        )
    return found


def manifests(plugins: Sequence[Installed], roots: Sequence[Path] = ()) -> dict[Path, str]:
    """The manifests of ``plugins``, which are looked for in ``roots`` before sys.path: file ->
    text. Raises PluginError for a plugin that cannot be used."""
    made: dict[Path, dict[str, Any]] = {}
    for home, section, one, entry in _entries(plugins, roots):
        empty = {"about": ABOUT, "format": FORMAT, "plugins": {}, "declared": {}}
        manifest = made.setdefault(home.path / FILE, empty)
        manifest[section][one.value] = entry
    return {
        file: json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
        for file, manifest in made.items()
    }


def _entries(
    plugins: Sequence[Installed], roots: Sequence[Path]
) -> Iterable[tuple[PackageFolder, str, Installed, Mapping[str, Any]]]:
    modules = [one for one in plugins if not one.declared]
    asked = [{"value": one.value, "dist": one.dist} for one in modules]
    path = [*map(str, roots), *sys.path]
    answers = probe(asked, time_limit(), path) if asked else []
    if answers is None:
        raise PluginError("no process can be started to import the plugin in")
    for one, answer in zip(modules, answers, strict=True):
        home = _home(one, roots)
        if answer.fault is not None:
            record = fault_record(one, answer.fault)
            raise PluginError(f"{one.value}: {record.reason}", hint=record.fix)
        if answer.entry is None:
            raise PluginError(
                f"{one.value}: {answer.not_plain}",
                hint="offer objects of the classes of aisbench.api, with plain values",
            )
        yield home, "plugins", one, answer.entry
    for one in plugins:
        if one.declared:
            home = _home(one, roots)
            yield home, "declared", one, _declared(one, home)


def _home(one: Installed, roots: Sequence[Path]) -> PackageFolder:
    home = package_folder(one.value.partition(":")[0], roots)
    if home is None:
        raise PluginError(
            f"{one.value} lies in no package: {FILE} has no place",
            hint="make a folder with an __init__.py of it, or do without a manifest",
        )
    return home


def _declared(one: Installed, home: PackageFolder) -> Mapping[str, Any]:
    folder = home.inside(one.value)
    try:
        found = read_package(one.value, folder)
    except (ValueError, OSError) as error:
        raise PluginError(str(error)) from error
    if found.broken:
        raise PluginError("\n".join(file.reason for file in found.broken))
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    try:
        offers = [to_plain(offer, DatasetOffer) for offer in found.offers]
    except NotPlain as error:
        raise PluginError(f"{one.value}: {error}") from error
    for offer in offers:  # core's own, which later versions may have elsewhere
        del offer["target"], offer["settings"]
    return {"files": checksums(files, home.path), "offers": offers}
