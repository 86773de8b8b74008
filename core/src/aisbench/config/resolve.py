"""Finding the components that a suite names, checking their settings, and collecting problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import attrs

from aisbench.base.errors import PluginError, Problem
from aisbench.config.foreign import Place, advice
from aisbench.config.named_files import set_in_suite
from aisbench.config.own_parts import NO_DEFAULTS, Defaults
from aisbench.config.plan import Component
from aisbench.config.source import Source
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.plugins.names import names_file
from aisbench.plugins.targets import construct, named, settings_class
from aisbench.settings.convert import structure
from aisbench.settings.keys import KeyPath, dotted
from aisbench.settings.problems import NO_KEY, Problems, nearest
from aisbench.types.offer import DatasetOffer, Offer

AnyOffer = TypeVar("AnyOffer", bound=Offer)

_PLACES: Mapping[str | int, Place] = {"models": "model", "datasets": "dataset"}


class ComponentMaker:
    """Makes the components of one suite."""

    def __init__(self, source: Source, catalog: Catalog) -> None:
        self.source = source
        self.catalog = catalog
        self.problems: list[Problem] = []

    def add(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Note a problem, once."""
        if message == NO_KEY and (instead := advice(*_place(path))):
            hint = instead
        problem = Problem(path=path, message=message, hint=hint)
        if problem not in self.problems:
            self.problems.append(problem)

    def add_all(self, path: KeyPath, problems: Iterable[Problem]) -> None:
        """Note problems whose paths are relative to ``path``."""
        for problem in problems:
            self.add((*path, *problem.path), problem.message, problem.hint)

    def find(
        self,
        path: KeyPath,
        name: str,
        kind: type[AnyOffer],
        named_by: str = "",
        where: str = "",
    ) -> tuple[AnyOffer, Listed] | None:
        """The offer that ``name`` at ``path`` means; a data set may be the path of a file.
        ``named_by`` is the distribution that names it, where it is not the suite, and ``where``
        the place, for messages."""
        if names_file(name):
            return self._find_file(path, name, kind)
        try:
            return self.catalog.find(kind, name, named_by)
        except PluginError as error:
            self.add(path, f"{where}: {error.message}" if where else error.message, error.hint)
            return None

    def _find_file(
        self, path: KeyPath, name: str, kind: type[AnyOffer]
    ) -> tuple[AnyOffer, Listed] | None:
        if not issubclass(DatasetOffer, kind):
            self.add(
                path,
                f"{name!r} is a path, where the name of a {kind.kind} is needed",
                'put plugins = ["./FILE.py"] under [suite], and write the name that it offers',
            )
            return None
        try:
            listed = set_in_suite(self.source, path, name)
        except PluginError as error:
            self.add(path, error.message, error.hint)
            return None
        offer = listed.offer
        assert isinstance(offer, kind)
        return offer, listed

    def find_named(
        self, path: KeyPath, table: Mapping[str, Any], key: str, kind: type[AnyOffer]
    ) -> tuple[AnyOffer, Listed] | None:
        """The offer that ``table[key]`` names."""
        name = table.get(key)
        if not isinstance(name, str):
            names = ", ".join(one.offer.name for one in self.catalog.of_kind(kind.kind))
            message = "is missing" if name is None else f"must be a string, got {name!r}"
            self.add((*path, key), message, f"installed: {names or 'none'}")
            return None
        return self.find((*path, key), name, kind)

    def component(
        self,
        path: KeyPath,
        name: str,
        kind: type[Offer],
        table: Mapping[str, Any],
        settings_path: KeyPath,
        defaults: Defaults = NO_DEFAULTS,
        named_by: str = "",
    ) -> Component | None:
        """Find an offer, check the settings, and make the component. ``defaults`` are settings of
        the data set, over which those of ``table`` win; what is wrong with them is told with the
        place where they are declared. ``named_by`` is as in :meth:`find`."""
        found = self.find(path, name, kind, named_by, defaults.named)
        if found is None:
            return None
        listed = found[1]
        cls: Any = settings_class(listed)
        settings: Any = None
        if cls is None:
            problems = [
                Problem(path=(key,), message=f"{listed.offer.name} has no settings")
                for key in {**defaults.table, **table}
            ]
            if problems:
                self._add_settings(path, settings_path, problems, table, defaults)
                return None
        else:
            try:
                with named(listed, "fails at its settings"):
                    settings = structure(cls, {**defaults.table, **table}, self.source.base)
            except Problems as error:
                self._add_settings(path, settings_path, error.problems, table, defaults)
                return None
        return Component(listed=listed, settings=settings, instance=construct(listed, settings))

    def _add_settings(
        self,
        path: KeyPath,
        settings_path: KeyPath,
        problems: Iterable[Problem],
        table: Mapping[str, Any],
        defaults: Defaults,
    ) -> None:
        """Note problems with settings: the suite's own at their keys, others with their file."""
        for problem in problems:
            if defaults.where and not (problem.path and problem.path[0] in table):
                key = f".{dotted(problem.path)}" if problem.path else ""
                message = f"{defaults.where}{key}: {problem.message}"
                self.add((*path[:2],), message, problem.hint)
            else:
                self.add((*settings_path, *problem.path), problem.message, problem.hint)

    def split_settings(
        self,
        path: KeyPath,
        table: Mapping[str, Any],
        key: str,
        common_class: type[Any],
        listed: Listed,
    ) -> tuple[Any, Any] | None:
        """The settings of core and of the plugin, which stand in one table. None with problems
        noted."""
        own_class: Any = settings_class(listed)
        common_names = {field.name for field in attrs.fields(common_class)}
        own_names = {field.name for field in attrs.fields(own_class)} if own_class else set()
        if both := common_names & own_names:
            raise PluginError(
                f"{listed.dist} {listed.version} defines the settings {', '.join(sorted(both))} "
                f"of {listed.offer.name!r}, which are core's",
                hint=f"report it to the authors of {listed.dist}",
            )
        before = len(self.problems)
        common: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for name, value in table.items():
            if name in common_names:
                common[name] = value
            elif name in own_names:
                own[name] = value
            elif name != key:
                known = [key, *common_names, *own_names]
                hint = nearest(name, known) or f"keys are: {', '.join(sorted(known))}"
                self.add((*path, name), NO_KEY, hint)
        settings: list[Any] = []
        for cls, values in ((common_class, common), (own_class, own)):
            try:
                with named(listed, "fails at its settings"):
                    settings.append(structure(cls, values, self.source.base) if cls else None)
            except Problems as error:
                self.add_all(path, error.problems)
        # A problem that is known already is not added once more.
        failed = len(self.problems) > before or len(settings) < 2
        return None if failed else (settings[0], settings[1])


def _place(path: KeyPath) -> tuple[Place, str]:
    """Where an unknown key stands, and the key."""
    key = str(path[-1])
    if path[0] in _PLACES and len(path) == 3:
        return _PLACES[path[0]], key
    return ("load" if path[0] == "load" else "suite"), key
