"""What a plugin offers, written down beside its code and read without importing it.

The file ``aisbench-offers.json`` lies in the package of a plugin. It is written from the code
(``aisbench plugins manifest``) and holds the checksums of the files that it was made from: when
one of them is another, the manifest is out of date, and the plugin is loaded as if it had none.
"""

from __future__ import annotations

import importlib.util
import json
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.declared.offers import SETTINGS, TARGET, DeclaredOffer
from aisbench.plugins.plain import NotPlain, from_plain
from aisbench.types.offer import Offer

FILE = "aisbench-offers.json"
FORMAT = 1
LARGEST = 16 << 20
"""Bytes of a manifest that are read at every start; one of a thousand data sets has 1 MiB."""


class StaleManifest(Exception):
    """A manifest does not say what the code offers: the message says why."""


@frozen(kw_only=True)
class ModuleOffers:
    """What a manifest says of one plugin module: its AISBENCH_API, its hooks and its offers."""

    api: object
    hooks: tuple[str, ...]
    offers: tuple[Offer, ...]


@frozen(kw_only=True)
class PackageFolder:
    """Where a package with an ``__init__.py`` lies: ``name`` is its dotted name."""

    name: str
    path: Path

    def inside(self, package: str) -> Path:
        """The folder of a package that is this one or lies in it."""
        rest = package[len(self.name) + 1 :]
        return self.path.joinpath(*rest.split(".")) if rest else self.path


def package_folder(module: str, roots: Sequence[Path] = ()) -> PackageFolder | None:
    """The first package on the way to ``module`` that has an ``__init__.py``, looked for in
    ``roots`` before all else.

    Nothing is imported for it. None for a module that is one file, or that lies in an archive.
    """
    top, *rest = module.split(".")
    try:
        spec = PathFinder.find_spec(top, [*map(str, roots)]) if roots else None
        spec = spec or importlib.util.find_spec(top)
    except Exception:  # noqa: BLE001 - finders are code of others; the import will tell
        return None
    if spec is None or spec.submodule_search_locations is None:
        return None
    folders = [Path(one) for one in spec.submodule_search_locations]
    # A name that several distributions share is a folder without __init__.py.
    for depth in range(len(rest) + 1):
        for folder in (one.joinpath(*rest[:depth]) for one in folders):
            if (folder / "__init__.py").is_file():
                return PackageFolder(name=".".join([top, *rest[:depth]]), path=folder)
    return None


def read_manifest(folder: Path) -> Mapping[str, Any] | None:
    """The manifest in a package's folder. None when there is none. Raises StaleManifest for one
    that this version cannot read."""
    try:
        with (folder / FILE).open("rb") as file:
            text = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StaleManifest(f"{FILE} cannot be read: {error.strerror}") from error
    if len(text) > LARGEST:
        raise StaleManifest(f"{FILE} is larger than {LARGEST >> 20} MiB")
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise StaleManifest(f"{FILE} is nested too deeply") from error
    except ValueError as error:
        raise StaleManifest(f"{FILE} is no JSON: {error}") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise StaleManifest(f"{FILE} has another format than {FORMAT}")
    return found


def module_offers(manifest: Mapping[str, Any], home: PackageFolder, module: str) -> ModuleOffers:
    """What a manifest says of a plugin module. Raises StaleManifest."""
    entry = _entry(manifest, "plugins", module, home)
    hooks = entry.get("hooks", [])
    if not isinstance(hooks, list):
        raise StaleManifest(f"{FILE}: hooks of {module} are no list")
    return ModuleOffers(
        api=entry.get("api"), hooks=tuple(hooks), offers=tuple(_offers(entry, None))
    )


def declared_offers(
    manifest: Mapping[str, Any], home: PackageFolder, package: str
) -> tuple[Offer, ...]:
    """The data sets that a manifest says a package declares. Raises StaleManifest."""
    entry = _entry(manifest, "declared", package, home)
    folder = home.inside(package)
    known = {Path(name).name for name in entry["files"]}
    try:
        there = {name for name in os.listdir(folder) if name.endswith(".toml")}  # noqa: PTH208 - read at every start
    except OSError as error:
        raise StaleManifest(f"{folder}: {error.strerror}") from error
    if new := sorted(there - known):
        raise StaleManifest(f"it does not know {new[0]}")
    return tuple(_offers(entry, (package, folder)))


def checksum(file: Path) -> str:
    """Tells one content of a file from another: its size and CRC-32."""
    content = file.read_bytes()
    return f"{len(content)}-{zlib.crc32(content):08x}"


def checksums(files: Iterable[Path], folder: Path) -> dict[str, str]:
    """Checksums by the paths of files inside ``folder``."""
    return {file.relative_to(folder).as_posix(): checksum(file) for file in sorted(files)}


def _entry(manifest: Mapping[str, Any], section: str, name: str, home: PackageFolder) -> Any:
    try:
        entry = manifest.get(section, {}).get(name)
        if entry is None:
            raise StaleManifest(f"it says nothing of {name}")
        for file, known in entry["files"].items():
            if checksum(home.path / file) != known:
                raise StaleManifest(f"{file} was changed after it was written")
    except OSError as error:
        raise StaleManifest(f"{error.filename}: {error.strerror}") from error
    except (KeyError, AttributeError, TypeError) as error:
        raise StaleManifest(f"{FILE} has another form than it must: {name}") from error
    return entry


def _offers(entry: Any, declared: tuple[str, Path] | None) -> Iterable[Offer]:
    try:
        for plain in entry["offers"]:
            if declared is None:
                yield from_plain(plain)
            else:
                package, home = declared
                yield from_plain(
                    plain,
                    DeclaredOffer,
                    target=TARGET,
                    settings=SETTINGS,
                    package=package,
                    place=str(home / f"{plain['name']}.toml"),
                )
    except (KeyError, TypeError, AttributeError, NotPlain) as error:
        raise StaleManifest(f"{FILE}: {error}") from error
