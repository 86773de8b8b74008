"""Finding plugins: what they offer is read from their manifests, and no code of theirs is run.

Those without a manifest are imported in a process of their own. A broken one is a record, and
takes no other with it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import define, field

from aisbench.contract.deprecations import used_by
from aisbench.declared.offers import read_package
from aisbench.plugins.catalog import (
    HOOK_OFFERS,
    BrokenPlugin,
    Catalog,
    Listed,
    PluginNote,
)
from aisbench.plugins.faults import fault_of, fault_record
from aisbench.plugins.importing import guarded, time_limit
from aisbench.plugins.installed import Installed, installed, known_to_core
from aisbench.plugins.loading import UnfitPlugin, check_api, check_offer
from aisbench.plugins.manifest import (
    PackageFolder,
    StaleManifest,
    declared_offers,
    module_offers,
    package_folder,
    read_manifest,
)
from aisbench.plugins.plain import from_plain
from aisbench.types.offer import Offer

DISABLE_VARIABLE = "AISBENCH_DISABLE_PLUGINS"

_HOOK_OF = {cls.kind: hook for hook, offered in HOOK_OFFERS.items() for cls in offered}


def discover(disable: Iterable[str] = ()) -> Catalog:
    """Collect the offers of every installed plugin.

    ``disable`` holds names of entry points or distributions, to which those in the variable
    ``AISBENCH_DISABLE_PLUGINS`` (comma separated) are added.
    """
    variable = {name.strip() for name in os.environ.get(DISABLE_VARIABLE, "").split(",")} - {""}
    unwanted = variable | set(disable)
    skipped: set[str] = set()
    found = _Discovery()
    for one in installed():
        if matching := unwanted & {one.name, one.dist}:
            skipped |= matching
        else:
            found.add(one)
    found.finish()
    return Catalog(
        listed=tuple(sorted(found.listed, key=lambda one: (one.plugin, one.dist))),
        broken=tuple(sorted(found.broken, key=lambda one: (one.plugin, one.dist))),
        notes=tuple(found.notes),
        known=known_to_core(),
        disabled=tuple(sorted(skipped)),
        warnings=tuple(
            f"{DISABLE_VARIABLE if name in variable else '--disable-plugin'} {name}: "
            "no such plugin"
            for name in sorted(unwanted - skipped)
        ),
        plugins=found.loaded,
    )


@define
class _Discovery:
    """What has been found so far."""

    listed: list[Listed] = field(init=False, factory=list)
    broken: list[BrokenPlugin] = field(init=False, factory=list)
    notes: list[PluginNote] = field(init=False, factory=list)
    loaded: dict[str, str] = field(init=False, factory=dict)
    _asked: list[Installed] = field(init=False, factory=list)
    """Modules without a manifest that is true: they are asked together, as a process has its
    price."""
    _manifests: dict[PackageFolder, Mapping[str, Any] | None] = field(init=False, factory=dict)

    def add(self, one: Installed) -> None:
        """Read what a plugin offers, if that can be done without importing it."""
        home = package_folder(one.value.partition(":")[0])
        try:
            manifest = self._manifest(home)
        except StaleManifest as error:
            manifest = None
            self._stale(one, error)
        try:
            if one.declared:
                self._add_declared(one, home, manifest)
            elif manifest is None or home is None:
                self._asked.append(one)
            else:
                self._add_manifest(one, home, manifest)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is recorded
            self.broken.append(fault_record(one, fault_of(error)))

    def finish(self) -> None:
        """Import, in another process, the modules that must be."""
        if not self._asked:
            return
        from aisbench.plugins.probing import probe

        limit = time_limit()
        plugins = [{"value": one.value, "dist": one.dist} for one in self._asked]
        answers = probe(plugins, limit)
        for number, one in enumerate(self._asked):
            answer = answers[number] if answers is not None else None
            try:
                if answer is None or answer.not_plain:
                    self._import(one, limit)
                elif answer.fault is not None:
                    self.broken.append(fault_record(one, answer.fault))
                else:
                    entry: Any = answer.entry
                    offers = [from_plain(plain) for plain in entry["offers"]]
                    self._take(one, offers, entry["hooks"])
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is recorded
                self.broken.append(fault_record(one, fault_of(error)))
            for note in answer.notes if answer is not None else ():
                self._note(one, note)

    def _manifest(self, home: PackageFolder | None) -> Mapping[str, Any] | None:
        if home is None:
            return None
        if home not in self._manifests:
            self._manifests[home] = None
            self._manifests[home] = read_manifest(home.path)
        return self._manifests[home]

    def _add_manifest(
        self, one: Installed, home: PackageFolder, manifest: Mapping[str, Any]
    ) -> None:
        try:
            found = module_offers(manifest, home, one.value)
        except StaleManifest as error:
            self._stale(one, error)
            self._asked.append(one)
            return
        check_api(found.api, one.dist)
        for offer in found.offers:
            check_offer(_HOOK_OF[offer.kind], offer)
        self._take(one, found.offers, found.hooks)

    def _add_declared(
        self, one: Installed, home: PackageFolder | None, manifest: Mapping[str, Any] | None
    ) -> None:
        """The data sets that a package declares as TOML files, and the files that declare none."""
        if home is not None and manifest is not None:
            try:
                offers = declared_offers(manifest, home, one.value)
            except StaleManifest as error:
                self._stale(one, error)
            else:
                for offer in offers:
                    check_offer("aisbench_datasets", offer)
                self._take(one, offers, ())
                return
        try:
            if home is not None:
                found = read_package(one.value, home.inside(one.value))
            else:
                found = guarded(lambda: read_package(one.value), time_limit())
        except ValueError as error:
            raise UnfitPlugin(str(error), _correct(one)) from error
        for file in found.broken:
            self.broken.append(
                BrokenPlugin(
                    plugin=f"{one.name}/{file.name}",
                    dist=one.dist,
                    version=one.version,
                    reason=file.reason.partition("\n")[0],
                    fix=_correct(one),
                    details=file.reason,
                )
            )
        self._take(one, found.offers, ())

    def _import(self, one: Installed, limit: float) -> None:
        """Import a module in this process: its offers are no plain data, or there is no other."""
        from importlib.metadata import EntryPoint

        from aisbench.plugins.loading import hooks_of, offers_of_module

        entry = EntryPoint(one.name, one.value, one.group)

        def load() -> tuple[list[Offer], list[str]]:
            module = entry.load()
            return offers_of_module(module, one.dist), hooks_of(module)

        self._take(one, *guarded(load, limit))

    def _take(self, one: Installed, offers: Iterable[Offer], hooks: Iterable[str]) -> None:
        offers = list(offers)
        self.listed += [
            Listed(offer=offer, plugin=one.name, dist=one.dist, version=one.version)
            for offer in offers
        ]
        self.loaded[one.dist] = one.version
        for told in used_by(set(hooks), offers):
            self._note(one, f"it {told}")

    def _stale(self, one: Installed, error: StaleManifest) -> None:
        self._note(
            one,
            f"its manifest is out of date, and not used: {error} "
            f"(authors: aisbench plugins manifest {one.dist})",
        )

    def _note(self, one: Installed, text: str) -> None:
        self.notes.append(
            PluginNote(plugin=one.name, dist=one.dist, version=one.version, text=text)
        )


def _correct(one: Installed) -> str:
    return f"correct the file, or report it to the authors of {one.dist}"
