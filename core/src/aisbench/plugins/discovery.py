"""Finding plugins: each is imported alone, so that a broken one is a record and not a crash."""

from __future__ import annotations

import difflib
import importlib.metadata
import os
import re
import traceback
from collections.abc import Iterable
from types import ModuleType

import pluggy

from aisbench.contract import hooks
from aisbench.declared.offers import GROUP as DECLARED_GROUP
from aisbench.declared.offers import read_offers
from aisbench.plugins.catalog import HOOK_OFFERS, BrokenPlugin, Catalog, Listed
from aisbench.types.offer import Offer

GROUP = "aisbench"
DISABLE_VARIABLE = "AISBENCH_DISABLE_PLUGINS"

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(@[a-z]+(_[a-z]+)?)?\Z")
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*\Z")


def discover(disable: Iterable[str] = ()) -> Catalog:
    """Import the light module of every installed plugin, and collect its offers.

    ``disable`` holds names of entry points or distributions, to which those in the variable
    ``AISBENCH_DISABLE_PLUGINS`` (comma separated) are added.
    """
    variable = {name.strip() for name in os.environ.get(DISABLE_VARIABLE, "").split(",")} - {""}
    unwanted = variable | set(disable)
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
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
                offers = _declared_offers(entry, dist)
            else:
                offers = _offers(manager, entry, dist)
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


class _UnfitPlugin(Exception):
    """A plugin module that can be imported, and breaks the contract."""

    def __init__(self, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fix = fix


def _offers(
    manager: pluggy.PluginManager, entry: importlib.metadata.EntryPoint, dist: str
) -> list[Offer]:
    """What a plugin's module offers through its hooks."""
    module = entry.load()
    api = getattr(module, "AISBENCH_API", None)
    if api != hooks.API_VERSION:
        side = "aisbench" if isinstance(api, int) and api > hooks.API_VERSION else dist
        raise _UnfitPlugin(
            f"is written for version {api!r} of the plugin API; this aisbench has "
            f"{hooks.API_VERSION}",
            f"pip install --upgrade {side}",
        )
    _check_hook_names(manager, module)
    manager.register(module, name=f"{dist}:{entry.name}")
    offers: list[Offer] = []
    for hook, kinds in HOOK_OFFERS.items():
        for implementation in getattr(manager.hook, hook).get_hookimpls():
            if implementation.plugin is module:
                returned = implementation.function()
                if not isinstance(returned, Iterable):
                    names = " or ".join(kind.__name__ for kind in kinds)
                    raise _UnfitPlugin(f"{hook} returns {returned!r}", f"return a list of {names}")
                offers += [_checked(hook, offer) for offer in returned]
    return offers


def _declared_offers(entry: importlib.metadata.EntryPoint, dist: str) -> list[Offer]:
    """The data sets that a package declares as TOML files."""
    try:
        offers = read_offers(entry.value)
    except ValueError as error:
        fix = f"correct the file, or report it to the authors of {dist}"
        raise _UnfitPlugin(str(error), fix) from error
    return [_checked("aisbench_datasets", offer) for offer in offers]


def _check_hook_names(manager: pluggy.PluginManager, module: ModuleType) -> None:
    for name in dir(module):
        if manager.parse_hookimpl_opts(module, name) and name not in HOOK_OFFERS:
            near = difflib.get_close_matches(name, HOOK_OFFERS, 1)
            raise _UnfitPlugin(
                f"implements a hook that does not exist: {name}",
                f"rename it to {near[0]}" if near else f"hooks are {', '.join(HOOK_OFFERS)}",
            )


def _checked(hook: str, offer: object) -> Offer:
    """``offer`` itself, if it is as it must be."""
    wanted = HOOK_OFFERS[hook]
    if not isinstance(offer, wanted):
        names = " or ".join(kind.__name__ for kind in wanted)
        raise _UnfitPlugin(f"{hook} returns {offer!r}", f"return {names} objects")
    if not _NAME.match(offer.name):
        raise _UnfitPlugin(f"{hook} offers the name {offer.name!r}", "use lower-case kebab names")
    for target in (
        offer.target,
        offer.settings,
        getattr(offer, "groups", None),
        getattr(offer, "downloads", None),
    ):
        if isinstance(target, str) and not _TARGET.match(target):
            raise _UnfitPlugin(
                f"{offer.name} has the target {target!r}", 'write "module:attribute"'
            )
    if not offer.summary or "\n" in offer.summary:
        raise _UnfitPlugin(f"{offer.name} has no one-line summary", "say in one line what it is")
    return offer


def _record(
    entry: importlib.metadata.EntryPoint, dist: str, version: str, error: Exception
) -> BrokenPlugin:
    if isinstance(error, _UnfitPlugin):
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
