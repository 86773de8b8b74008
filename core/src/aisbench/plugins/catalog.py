"""Finding plugins: each is loaded alone, so a broken one is a record and not a crash."""

from __future__ import annotations

import difflib
import importlib
import importlib.metadata
import os
import re
import traceback
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, TypeVar

import pluggy
from attrs import field, frozen

from aisbench.base.errors import PluginError
from aisbench.contract import hooks
from aisbench.declared.offers import GROUP as DECLARED_GROUP
from aisbench.declared.offers import DeclaredOffer, read_offers
from aisbench.types.download import Download
from aisbench.types.offer import (
    BackendOffer,
    CommandOffer,
    DatasetOffer,
    EvaluatorOffer,
    LoadShapeOffer,
    Offer,
    PartGroup,
    PostprocessorOffer,
    ReducerOffer,
    RetrieverOffer,
    SummarizerOffer,
    TemplateOffer,
)

GROUP = "aisbench"
DISABLE_VARIABLE = "AISBENCH_DISABLE_PLUGINS"

HOOK_OFFERS: Mapping[str, tuple[type[Offer], ...]] = {
    "aisbench_backends": (BackendOffer,),
    "aisbench_datasets": (DatasetOffer,),
    "aisbench_prompts": (TemplateOffer, RetrieverOffer),
    "aisbench_evaluators": (EvaluatorOffer, ReducerOffer, PostprocessorOffer),
    "aisbench_load_shapes": (LoadShapeOffer,),
    "aisbench_summarizers": (SummarizerOffer,),
    "aisbench_commands": (CommandOffer,),
}
KINDS = tuple(offer.kind for offers in HOOK_OFFERS.values() for offer in offers)

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(@[a-z]+(_[a-z]+)?)?\Z")
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*\Z")

AnyOffer = TypeVar("AnyOffer", bound=Offer)


@frozen(kw_only=True)
class Listed:
    """An offer with where it came from."""

    offer: Offer
    plugin: str
    dist: str
    version: str


@frozen(kw_only=True)
class BrokenPlugin:
    """A plugin that could not be loaded. ``reason`` is one line, ``fix`` what to do."""

    plugin: str
    dist: str
    version: str
    reason: str
    fix: str
    details: str = ""


@frozen(kw_only=True)
class Catalog:
    """Everything that the installed plugins offer."""

    listed: tuple[Listed, ...]
    broken: tuple[BrokenPlugin, ...]
    disabled: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    plugins: Mapping[str, str] = field(factory=dict)
    """Loaded plugins: distribution -> version."""

    def of_kind(self, kind: str) -> list[Listed]:
        """All offers of a kind, by name."""
        return sorted((one for one in self.listed if one.offer.kind == kind), key=_sort_key)

    def find(self, kind: type[AnyOffer], name: str) -> tuple[AnyOffer, Listed]:
        """The offer called ``name``, or ``distribution/name`` where two plugins offer one name.

        Raises PluginError: unknown (with the nearest names), clashing, or lost with a plugin
        that is broken.
        """
        dist, _, short = name.rpartition("/")
        found = [
            one
            for one in self.listed
            if isinstance(one.offer, kind)
            and one.offer.name == short
            and (not dist or one.dist == dist)
        ]
        if len(found) > 1:
            names = " and ".join(f"{one.dist} {one.version}" for one in found)
            raise PluginError(
                f"two plugins offer the {kind.kind} {short!r}: {names}",
                hint=f"write {found[0].dist}/{short} or {found[1].dist}/{short}, "
                "or disable one with --disable-plugin",
            )
        if not found:
            raise PluginError(*self._unknown(kind, name))
        offer = found[0].offer
        assert isinstance(offer, kind)
        return offer, found[0]

    def _unknown(self, kind: type[Offer], name: str) -> tuple[str]:
        names = [one.offer.name for one in self.of_kind(kind.kind)]
        lines = [f"no installed plugin offers the {kind.kind} {name!r}"]
        if near := difflib.get_close_matches(name.rpartition("/")[2], names, 3, 0.6):
            lines.append(f"  did you mean {' or '.join(repr(one) for one in near)}?")
        lines.append(f"  installed: {', '.join(names) or 'none'}")
        lines += [
            f"  plugin {one.plugin!r} ({one.dist} {one.version}) is broken and may offer it: "
            f"{one.reason} (see: aisbench plugins doctor)"
            for one in self.broken
        ]
        if self.disabled:
            lines.append(f"  disabled: {', '.join(self.disabled)}")
        lines.append("  help: install the plugin that offers it: pip install aisbench-plugin-...")
        return ("\n".join(lines),)

    def named(self, name: str) -> list[Listed]:
        """Every offer with that name, of any kind."""
        return [one for one in self.listed if one.offer.name == name]


def _sort_key(one: Listed) -> tuple[str, str]:
    return (one.offer.name, one.dist)


def discover(disable: Iterable[str] = ()) -> Catalog:
    """Load every installed plugin's light module and collect its offers.

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
            load = _load_declared if entry.group == DECLARED_GROUP else _load
            listed += load(manager, entry, dist, version)
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
            # One distribution can be seen twice on sys.path; the first is the one imported.
            found.setdefault((group, entry.name, dist), (entry, dist, version))
    return sorted(found.values(), key=lambda item: (item[0].name, item[1]))


class _UnfitPlugin(Exception):
    """A plugin module that loads and breaks the contract."""

    def __init__(self, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fix = fix


def _load(
    manager: pluggy.PluginManager,
    entry: importlib.metadata.EntryPoint,
    dist: str,
    version: str,
) -> list[Listed]:
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
    offers: list[Listed] = []
    for hook in HOOK_OFFERS:
        for implementation in getattr(manager.hook, hook).get_hookimpls():
            if implementation.plugin is module:
                offered = implementation.function()
                if not isinstance(offered, Iterable):
                    names = " or ".join(kind.__name__ for kind in HOOK_OFFERS[hook])
                    raise _UnfitPlugin(f"{hook} returns {offered!r}", f"return a list of {names}")
                for offer in offered:
                    _check_offer(hook, offer)
                    offers.append(
                        Listed(offer=offer, plugin=entry.name, dist=dist, version=version)
                    )
    return offers


def _load_declared(
    manager: pluggy.PluginManager,
    entry: importlib.metadata.EntryPoint,
    dist: str,
    version: str,
) -> list[Listed]:
    offers: list[Listed] = []
    try:
        found = read_offers(entry.value)
    except ValueError as error:
        raise _UnfitPlugin(
            str(error), f"mend the file, or report it to the authors of {dist}"
        ) from error
    for offer in found:
        _check_offer("aisbench_datasets", offer)
        offers.append(Listed(offer=offer, plugin=entry.name, dist=dist, version=version))
    return offers


def _check_hook_names(manager: pluggy.PluginManager, module: ModuleType) -> None:
    for name in dir(module):
        if manager.parse_hookimpl_opts(module, name) and name not in HOOK_OFFERS:
            near = difflib.get_close_matches(name, HOOK_OFFERS, 1)
            raise _UnfitPlugin(
                f"implements a hook that does not exist: {name}",
                f"rename it to {near[0]}" if near else f"hooks are {', '.join(HOOK_OFFERS)}",
            )


def _check_offer(hook: str, offer: object) -> None:
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


def resolve(target: str, listed: Listed) -> Any:
    """Import what ``"module:attribute"`` names. Raises PluginError saying why it cannot be."""
    module_name, _, attribute = target.partition(":")
    try:
        return getattr(importlib.import_module(module_name), attribute)
    except ModuleNotFoundError as error:
        raise PluginError(
            f"{listed.offer.kind} {listed.offer.name!r} of {listed.dist} needs the module "
            f"{error.name!r}, which is not installed",
            hint=f"pip install --upgrade {listed.dist}",
        ) from error
    except (ImportError, AttributeError) as error:
        raise PluginError(
            f"{listed.offer.kind} {listed.offer.name!r} of {listed.dist} {listed.version} "
            f"cannot be imported: {error}",
            hint="aisbench plugins doctor tells more",
        ) from error


def construct(listed: Listed, settings: object | None) -> Any:
    """The object that an offer describes, made with its settings."""
    target = resolve(listed.offer.target, listed)
    if isinstance(listed.offer, DeclaredOffer):
        return target(listed.offer, settings)
    return target(settings) if listed.offer.settings else target()


def settings_class(listed: Listed) -> type | None:
    """The settings class of an offer, or None."""
    if listed.offer.settings is None:
        return None
    found: type = resolve(listed.offer.settings, listed)
    return found


def groups_of(listed: Listed) -> tuple[PartGroup, ...]:
    """The groups of parts that a data set reports."""
    assert isinstance(listed.offer, DatasetOffer)
    found = listed.offer.groups
    return tuple(resolve(found, listed)) if isinstance(found, str) else found or ()


def downloads_of(listed: Listed) -> tuple[Download, ...]:
    """The files of a data set that can be fetched."""
    assert isinstance(listed.offer, DatasetOffer)
    found = listed.offer.downloads
    return tuple(resolve(found, listed)) if isinstance(found, str) else found or ()


def describe_clashes(listed: Sequence[Listed]) -> list[str]:
    """One sentence for each name that two plugins offer in one kind."""
    seen: dict[tuple[str, str], Listed] = {}
    clashes = []
    for one in listed:
        first = seen.setdefault((one.offer.kind, one.offer.name), one)
        if first is not one:
            clashes.append(
                f"{one.offer.kind} {one.offer.name!r} is offered by {first.dist} and {one.dist}"
            )
    return clashes
