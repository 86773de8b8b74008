"""Finding plugins: each is imported alone, so that a broken one is a record and not a crash."""

from __future__ import annotations

import importlib.metadata
import os
import traceback
from collections.abc import Iterable

from aisbench.declared.offers import GROUP as DECLARED_GROUP
from aisbench.declared.offers import BrokenFile, read_package
from aisbench.plugins.catalog import BrokenPlugin, Catalog, Listed
from aisbench.plugins.loading import UnfitPlugin, check_offer, offers_of_module
from aisbench.types.offer import Offer

GROUP = "aisbench"
DISABLE_VARIABLE = "AISBENCH_DISABLE_PLUGINS"


def discover(disable: Iterable[str] = ()) -> Catalog:
    """Import the light module of every installed plugin, and collect its offers.

    ``disable`` holds names of entry points or distributions, to which those in the variable
    ``AISBENCH_DISABLE_PLUGINS`` (comma separated) are added.
    """
    variable = {name.strip() for name in os.environ.get(DISABLE_VARIABLE, "").split(",")} - {""}
    unwanted = variable | set(disable)
    listed: list[Listed] = []
    broken: list[BrokenPlugin] = []
    skipped: set[str] = set()
    loaded: dict[str, str] = {}
    for entry, dist, version in _entry_points():
        if matching := unwanted & {entry.name, dist}:
            skipped |= matching
            continue
        try:
            if entry.group == DECLARED_GROUP:
                offers, files = _declared_offers(entry, dist)
                broken += [_file_record(entry, dist, version, one) for one in files]
            else:
                offers = offers_of_module(entry.load(), dist)
            listed += [
                Listed(offer=offer, plugin=entry.name, dist=dist, version=version)
                for offer in offers
            ]
            loaded[dist] = version
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is recorded
            broken.append(_record(entry, dist, version, error))
    return Catalog(
        listed=tuple(listed),
        broken=tuple(broken),
        disabled=tuple(sorted(skipped)),
        warnings=tuple(
            f"{DISABLE_VARIABLE if name in variable else '--disable-plugin'} {name}: "
            "no such plugin"
            for name in sorted(unwanted - skipped)
        ),
        plugins=loaded,
    )


def _entry_points() -> list[tuple[importlib.metadata.EntryPoint, str, str]]:
    found: dict[tuple[str, str, str], tuple[importlib.metadata.EntryPoint, str, str]] = {}
    for group in (GROUP, DECLARED_GROUP):
        for entry in importlib.metadata.entry_points(group=group):
            dist = entry.dist.name if entry.dist else "?"
            version = entry.dist.version if entry.dist else "?"
            # A distribution may stand twice on sys.path; the first is the one that is imported.
            found.setdefault((group, entry.name, dist), (entry, dist, version))
    return sorted(found.values(), key=lambda item: (item[0].name, item[1]))


def _declared_offers(
    entry: importlib.metadata.EntryPoint, dist: str
) -> tuple[list[Offer], tuple[BrokenFile, ...]]:
    """The data sets that a package declares as TOML files, and the files that declare none."""
    try:
        found = read_package(entry.value)
    except ValueError as error:
        fix = f"correct the file, or report it to the authors of {dist}"
        raise UnfitPlugin(str(error), fix) from error
    return [check_offer("aisbench_datasets", offer) for offer in found.offers], found.broken


def _file_record(
    entry: importlib.metadata.EntryPoint, dist: str, version: str, file: BrokenFile
) -> BrokenPlugin:
    return BrokenPlugin(
        plugin=f"{entry.name}/{file.name}",
        dist=dist,
        version=version,
        reason=file.reason.partition("\n")[0],
        fix=f"correct the file, or report it to the authors of {dist}",
        details=file.reason,
    )


def _record(
    entry: importlib.metadata.EntryPoint, dist: str, version: str, error: Exception
) -> BrokenPlugin:
    if isinstance(error, UnfitPlugin):
        reason, fix = error.reason, error.fix
    elif isinstance(error, ModuleNotFoundError):
        reason = f"needs the module {error.name!r}, which is not installed"
        fix = f"pip install --force-reinstall {dist}, or install {error.name!r}"
    else:
        reason = f"{type(error).__name__}: {error}"
        fix = f"report it to the authors of {dist}, or pip uninstall {dist}"
    return BrokenPlugin(
        plugin=entry.name,
        dist=dist,
        version=version,
        reason=reason.splitlines()[0],
        fix=fix,
        details="".join(traceback.format_exception(error)),
    )
