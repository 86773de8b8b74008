"""From [load] to the loads of each model: shape and settings of every point, checked."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from aisbench.base.libraries import INSTALL_LOADS, LOADS, missing, not_installed
from aisbench.config.addresses import url_problem
from aisbench.config.load_keys import DEFAULT_SHAPE, LoadSettings, combinations, label, tidy
from aisbench.config.plan import Component, LoadPlan, LoadPoint, Model
from aisbench.config.resolve import ComponentMaker
from aisbench.config.suite import Suite
from aisbench.plugins.catalog import Listed, construct, settings_class
from aisbench.types.offer import LoadShapeOffer

CLIENTS = "concurrency"
"""A shape's setting of that name is the model's own concurrency where [load] says nothing."""


def make_loads(
    parts: ComponentMaker, suite: Suite, models: Sequence[Model]
) -> dict[str, LoadPlan]:
    """The loads by model; problems are noted, be the mode one that needs them or not."""
    if suite.suite.mode == "accuracy" and not suite.load:
        return {}
    if suite.suite.mode != "accuracy" and (lacking := missing(LOADS)):
        said = f'"{suite.suite.mode}" needs {not_installed(lacking)}'
        parts.add(("suite", "mode"), said, INSTALL_LOADS)
    table = dict(suite.load)
    table.setdefault("shape", DEFAULT_SHAPE)
    found = parts.find_named(("load",), table, "shape", LoadShapeOffer)
    if found is None:
        return {}
    offer, listed = found
    loads = {}
    for model in models:
        if made := _load(parts, table, offer, listed, model):
            loads[model.name] = made
    return loads


def _load(
    parts: ComponentMaker,
    table: Mapping[str, Any],
    offer: LoadShapeOffer,
    listed: Listed,
    model: Model,
) -> LoadPlan | None:
    own: Any = settings_class(listed)
    names = {field.name for field in attrs.fields(own)} if own else set()
    if model.local:
        parts.add(
            ("models", model.name, "backend"),
            f"{model.offer.name} runs in this process: only services can be put under load",
            'set suite.mode = "accuracy", or serve the model and name its url',
        )
        return None
    base = dict(table)
    if CLIENTS in names and CLIENTS not in base:
        base[CLIENTS] = model.service.concurrency
    # What a sweep or a search sets need not be set besides.
    common = {field.name for field in attrs.fields(LoadSettings)}
    given = _given(base, offer)
    base = {**{key: given[key] for key in given if key in common | names}, **base}
    first = _point(parts, base, {}, listed)
    if first is None:
        return None
    settings = first.settings
    before = len(parts.problems)
    _check(parts, settings)
    for key in settings.sweep:
        if key not in common | names:
            allowed = ", ".join(sorted(names | {"max_concurrency"}))
            parts.add(("load", "sweep", key), "is no key of [load]", f"such as: {allowed}")
        elif not settings.sweep[key]:
            parts.add(("load", "sweep", key), "has no value")
    if settings.sweep and settings.search:
        parts.add(("load", "search"), "cannot be combined with sweep", "leave one out")
    if len(parts.problems) > before:
        return None
    search_key = ""
    if settings.search is not None:
        search_key = settings.search.key or offer.strength
        if search_key not in names:
            parts.add(
                ("load", "search", "key"),
                f"{search_key!r} is no key of the shape {offer.name}"
                if search_key
                else f"is missing: the shape {offer.name} has no strength of its own",
                f"keys are: {', '.join(sorted(names)) or 'none'}",
            )
            return None
        if not settings.slo:
            parts.add(("load", "slo"), "is missing: a search needs limits", "ttft_ms = 500")
            return None

    def make(changes: Mapping[str, Any]) -> LoadPoint:
        made = _point(parts, base, changes, listed)
        if made is None:
            raise parts.source.error(parts.problems)
        return made

    points = [_point(parts, base, changes, listed) for changes in combinations(settings.sweep)]
    if None in points:
        return None
    return LoadPlan(
        points=tuple(point for point in points if point),
        search=settings.search,
        search_key=search_key,
        make=make,
    )


def _given(table: Mapping[str, Any], offer: LoadShapeOffer) -> dict[str, Any]:
    """The first values that a sweep or a search will set; their own mistakes are found later."""
    given: dict[str, Any] = {}
    sweep, search = table.get("sweep"), table.get("search")
    if isinstance(sweep, Mapping):
        given.update({k: v[0] for k, v in sweep.items() if isinstance(v, list) and v})
    if isinstance(search, Mapping):
        key = search.get("key") or offer.strength
        if isinstance(key, str) and key:
            low = search.get("low", 1.0)
            given[key] = tidy(low) if isinstance(low, (int, float)) else low
    return given


def _point(
    parts: ComponentMaker, base: Mapping[str, Any], changes: Mapping[str, Any], listed: Listed
) -> LoadPoint | None:
    table = {**base, **changes}
    made = parts.split(("load",), table, "shape", LoadSettings, listed)
    if made is None:
        return None
    return LoadPoint(
        label=label(changes),
        settings=made[0],
        shape=Component(listed=listed, settings=made[1], made=construct(listed, made[1])),
        asked=table,
    )


def _check(parts: ComponentMaker, settings: LoadSettings) -> None:
    """What single fields cannot say."""
    for value in settings.percentiles:
        if not 0 < value < 100:
            parts.add(("load", "percentiles"), f"{value:g} is not between 0 and 100")
    if settings.until and settings.requests is None and settings.duration is None:
        parts.add(
            ("load", "until"),
            "needs a bound, for the case that the mean never settles",
            "set requests or duration",
        )
    if settings.scrape_urls and not settings.scrape:
        parts.add(("load", "scrape_urls"), "is of no use without scrape", "set scrape = true")
    for index, url in enumerate(settings.scrape_urls):
        # A query is fine there: it chooses metrics.
        if wish := url_problem(url.partition("?")[0]):
            parts.add(("load", "scrape_urls", index), wish)
    for index, address in enumerate(settings.source_addresses):
        if not _is_address(address):
            parts.add(
                ("load", "source_addresses", index),
                f"{address!r} is no IP address",
                "name addresses of this host (ip address)",
            )
    for key, message in _slo_problems(settings):
        parts.add(("load", "slo", key), message)


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
