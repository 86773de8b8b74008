"""From [load] to the loads of each model: shape and settings of every point, checked."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import attrs
from attrs import define, field

from aisbench.base.libraries import INSTALL_LOADS, LOADS, missing, not_installed
from aisbench.config.addresses import url_problem
from aisbench.config.load_keys import (
    DEFAULT_SHAPE,
    LoadSettings,
    ScrapeUrls,
    combinations,
    label,
    tidy,
)
from aisbench.config.plan import Component, LoadPlan, LoadPoint, Model
from aisbench.config.resolve import ComponentMaker
from aisbench.config.suite import Suite
from aisbench.plugins.catalog import Listed
from aisbench.plugins.targets import construct, settings_class
from aisbench.telemetry.families import ROLES
from aisbench.types.offer import LoadShapeOffer

CLIENTS = "concurrency"
"""The setting of a shape that is the model's concurrency where [load] does not give it."""


def make_loads(
    maker: ComponentMaker, suite: Suite, models: Sequence[Model]
) -> dict[str, LoadPlan]:
    """The loads by model. Problems of [load] are noted in every mode, also in one that does not
    use it."""
    if suite.suite.mode == "accuracy" and not suite.load:
        return {}
    if suite.suite.mode != "accuracy" and (lacking := missing(LOADS)):
        message = f'"{suite.suite.mode}" needs {not_installed(lacking)}'
        maker.add(("suite", "mode"), message, INSTALL_LOADS)
    table = dict(suite.load)
    table.setdefault("shape", DEFAULT_SHAPE)
    found = maker.find_named(("load",), table, "shape", LoadShapeOffer)
    if found is None:
        return {}
    loads = {}
    for model in models:
        if plan := _LoadPlanner(maker, table, *found, model).plan():
            loads[model.name] = plan
    return loads


@define
class _LoadPlanner:
    """Plans [load] for one model."""

    maker: ComponentMaker
    table: Mapping[str, Any]
    offer: LoadShapeOffer
    listed: Listed
    model: Model
    shape_keys: frozenset[str] = field(init=False)
    base: Mapping[str, Any] = field(init=False, factory=dict)
    """The keys of every point: those of [load], and what they leave to the model, a sweep or a
    search."""

    def __attrs_post_init__(self) -> None:
        own: Any = settings_class(self.listed)
        self.shape_keys = frozenset(one.name for one in attrs.fields(own)) if own else frozenset()

    def plan(self) -> LoadPlan | None:
        """The loads, or None with the problems noted."""
        if self.model.local:
            self.maker.add(
                ("models", self.model.name, "backend"),
                f"{self.model.offer.name} runs in this process: only services can be put under "
                "load",
                'set suite.mode = "accuracy", or serve the model and name its url',
            )
            return None
        known = {one.name for one in attrs.fields(LoadSettings)} | self.shape_keys
        base = dict(self.table)
        if CLIENTS in self.shape_keys:
            base.setdefault(CLIENTS, self.model.service.concurrency)
        varied = _first_values(base, self.offer)
        self.base = {**{key: varied[key] for key in varied if key in known}, **base}
        first = self.point({})
        if first is None:
            return None
        before = len(self.maker.problems)
        _check(self.maker, first.settings)
        if self.model.own and first.settings.source_addresses:
            self.maker.add(
                ("load", "source_addresses"),
                f"has no effect on {self.model.name}: {self.model.offer.name} makes its "
                "connections itself",
                "leave it out",
            )
        self._check_sweep(first.settings, known)
        search_key = self._search_key(first.settings)
        if len(self.maker.problems) > before:
            return None
        points = [self.point(changes) for changes in combinations(first.settings.sweep)]
        if None in points:
            return None
        return LoadPlan(
            points=tuple(point for point in points if point),
            search=first.settings.search,
            search_key=search_key,
            make=self.make,
        )

    def make(self, changes: Mapping[str, Any]) -> LoadPoint:
        """The load with ``changes``. Raises ConfigError."""
        point = self.point(changes)
        if point is None:
            raise self.maker.source.error(self.maker.problems)
        return point

    def point(self, changes: Mapping[str, Any]) -> LoadPoint | None:
        """The load with ``changes``, or None with the problems noted."""
        table = {**self.base, **changes}
        settings = self.maker.split_settings(("load",), table, "shape", LoadSettings, self.listed)
        if settings is None:
            return None
        core, own = settings
        shape = Component(listed=self.listed, settings=own, instance=construct(self.listed, own))
        return LoadPoint(label=label(changes), settings=core, shape=shape)

    def _check_sweep(self, settings: LoadSettings, known: Collection[str]) -> None:
        for key, values in settings.sweep.items():
            if key not in known:
                allowed = ", ".join(sorted({*self.shape_keys, "max_concurrency"}))
                self.maker.add(
                    ("load", "sweep", key), "is not a key of [load]", f"such as: {allowed}"
                )
            elif not values:
                self.maker.add(("load", "sweep", key), "has no value")
        if settings.sweep and settings.search:
            self.maker.add(("load", "search"), "cannot be combined with sweep", "leave one out")

    def _search_key(self, settings: LoadSettings) -> str:
        """What a search varies; "" without a search."""
        if settings.search is None:
            return ""
        key = settings.search.key or self.offer.strength
        if key not in self.shape_keys:
            self.maker.add(
                ("load", "search", "key"),
                f"{key!r} is not a key of the shape {self.offer.name}"
                if key
                else f"is missing: the shape {self.offer.name} has no strength of its own",
                f"keys are: {', '.join(sorted(self.shape_keys)) or 'none'}",
            )
        elif not settings.slo:
            self.maker.add(("load", "slo"), "is missing: a search needs limits", "ttft_ms = 500")
        return key


def _first_values(table: Mapping[str, Any], offer: LoadShapeOffer) -> dict[str, Any]:
    """The first values that a sweep or a search sets: [load] need not give these keys itself.
    What is wrong with them is found later."""
    values: dict[str, Any] = {}
    sweep, search = table.get("sweep"), table.get("search")
    if isinstance(sweep, Mapping):
        values.update({k: v[0] for k, v in sweep.items() if isinstance(v, list) and v})
    if isinstance(search, Mapping):
        key = search.get("key") or offer.strength
        if isinstance(key, str) and key:
            low = search.get("low", 1.0)
            values[key] = tidy(low) if isinstance(low, (int, float)) else low
    return values


def _check(maker: ComponentMaker, settings: LoadSettings) -> None:
    """What single fields cannot say."""
    for value in settings.percentiles:
        if not 0 < value < 100:
            maker.add(("load", "percentiles"), f"{value:g} is not between 0 and 100")
    if settings.until and settings.requests is None and settings.duration is None:
        maker.add(
            ("load", "until"),
            "needs a bound, in case the mean never settles",
            "set requests or duration",
        )
    if settings.scrape_urls and not settings.scrape:
        maker.add(("load", "scrape_urls"), "has no effect without scrape", "set scrape = true")
    _check_scrape_urls(maker, settings.scrape_urls)
    for index, address in enumerate(settings.source_addresses):
        if not _is_address(address):
            maker.add(
                ("load", "source_addresses", index),
                f"{address!r} is not an IP address",
                "name addresses of this host (ip address)",
            )
    for key, message in _slo_problems(settings):
        maker.add(("load", "slo", key), message)


def _check_scrape_urls(maker: ComponentMaker, urls: ScrapeUrls) -> None:
    place: tuple[str | int, ...] = ("load", "scrape_urls")
    if isinstance(urls, Mapping):
        seen: dict[str, str] = {}
        for role, some in urls.items():
            if role not in ROLES:
                maker.add((*place, role), "is no role", f"roles are {', '.join(ROLES)}")
            if not some:
                maker.add((*place, role), "names no url", "name one at least, or leave it out")
            for index, url in enumerate(some):
                if url in seen:
                    maker.add((*place, role, index), f"is a url of {seen[url]!r} as well")
                seen[url] = role
    groups = urls.items() if isinstance(urls, Mapping) else [("", urls)]
    for role, some in groups:
        for index, url in enumerate(some):
            # A query is fine there: it chooses metrics.
            if wish := url_problem(url.partition("?")[0]):
                maker.add((*place, role, index) if role else (*place, index), wish)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _slo_problems(settings: LoadSettings) -> Sequence[tuple[str, str]]:
    if not settings.slo:
        return ()
    from aisbench.settings.slo import slo_problems

    return slo_problems(settings.slo)
