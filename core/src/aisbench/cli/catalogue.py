"""What the installed data sets are: for the terminal, as JSON, and as a page of the docs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from aisbench.base.errors import AisbenchError, PluginError
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.plugins.targets import construct, downloads_of, groups_of, settings_class, tried
from aisbench.types.offer import Card, DatasetOffer
from aisbench.types.variant import Variant

NO_CARD = Card(task="")


def describe(listed: Listed) -> dict[str, Any]:
    """Everything that is known of a data set without its files, as JSON can hold it. What its
    plugin cannot tell is left out, and ``problem`` says why."""
    offer = listed.offer
    assert isinstance(offer, DatasetOffer)
    card = offer.card or NO_CARD
    return {
        "name": offer.name,
        "distribution": listed.dist,
        "version": listed.version,
        "dataset_version": offer.version,
        "summary": offer.summary,
        "task": card.task,
        "rows": dict(card.rows),
        "languages": list(card.languages) if offer.card else [],
        "licence": card.licence,
        "source": card.source,
        "layout": card.layout,
        "citation": card.citation,
        "published": [attrs.asdict(one) for one in card.published],
        "evaluator": offer.evaluator,
        "metrics": list(offer.metrics),
        "slices": [one.title for one in offer.slices],
        "dialogue": offer.dialogue,
        "needs": sorted(offer.needs),
        **_told_by_code(listed),
    }


def _told_by_code(listed: Listed) -> dict[str, Any]:
    """What the plugin's own code tells, which may fail in any way."""
    found: dict[str, Any] = {"fetch": False, "groups": [], "variants": {}, "problem": None}

    def ask() -> None:
        found["fetch"] = bool(downloads_of(listed))
        found["groups"] = [group.name for group in groups_of(listed) if group.name]
        found["variants"] = {
            name: {
                "template": one.template,
                "shots": one.shots,
                "source": one.source,
                "generation": dict(one.generation),
                "evaluation": dict(one.evaluation),
            }
            for name, one in variants_of(listed).items()
        }

    try:
        tried(ask, listed)
    except PluginError as error:
        found["problem"] = error.message
    return found


def variants_of(listed: Listed) -> Mapping[str, Variant]:
    """The ways to put a data set, which no file decides; empty where settings must be known."""
    cls: Any = settings_class(listed)
    settings = None
    if cls is not None:
        attrs.resolve_types(cls)
        stand_ins: dict[Any, Any] = {Path: Path("file"), str: "x", int: 1, float: 1.0}
        missing = {
            field.name: stand_ins.get(field.type)
            for field in attrs.fields(cls)
            if field.default is attrs.NOTHING
        }
        settings = cls(**missing)
    try:
        found: Mapping[str, Variant] = construct(listed, settings).variants()
    except AisbenchError:
        return {}
    return found


def listing(catalog: Catalog, width: int = 110) -> Iterator[str]:
    """All data sets in short: a line with what each is, then rows, variants and source."""
    described = [describe(listed) for listed in catalog.of_kind("dataset")]
    longest = max((len(one["name"]) for one in described), default=0)
    for one in described:
        facts = (
            one["task"],
            ", ".join(one["languages"]),
            f"licence: {one['licence']}" if one["licence"] else "",
            "can be fetched" if one["fetch"] else "",
        )
        yield f"{one['name'].ljust(longest)}  {'; '.join(filter(None, facts))}"
        for label, value in (
            ("rows", _rows(one["rows"])),
            ("variants", ", ".join(one["variants"])),
            ("source", one["source"]),
            ("problem", one["problem"]),
        ):
            if value:
                yield from textwrap.wrap(
                    value,
                    width,
                    initial_indent=f"  {label:10}",
                    subsequent_indent=" " * 12,
                    break_long_words=False,
                    break_on_hyphens=False,
                )


def _rows(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in rows.items())


def _published(one: Mapping[str, Any]) -> str:
    """A published figure in one line: ``Llama-3.1-8B 66.7 (accuracy, 5-shot)``."""
    how = f", {one['how']}" if one["how"] else ""
    return f"{one['model']} {one['value']:g} ({one['metric']}{how})"


def lines_of(listed: Listed) -> Iterator[str]:
    """One data set, for the terminal."""
    found = describe(listed)
    yield f"{found['name']}: {found['summary']}"
    for label, value in (
        ("version", found["dataset_version"]),
        ("task", found["task"]),
        ("rows", _rows(found["rows"])),
        ("languages", ", ".join(found["languages"])),
        ("licence", found["licence"]),
        ("source", found["source"]),
        ("files", found["layout"]),
        ("citation", found["citation"]),
        ("evaluator", found["evaluator"] or "none: it is a workload"),
        ("metrics", ", ".join(found["metrics"])),
        ("groups", ", ".join(found["groups"])),
        ("slices", ", ".join(found["slices"])),
        ("needs", ", ".join(found["needs"])),
        ("package", f"{found['distribution']} {found['version']}"),
        ("problem", found["problem"]),
    ):
        if value:
            yield f"  {label:10} {value}"
    if found["fetch"]:
        yield f"  {'fetch':10} aisbench datasets fetch {found['name']}"
    if found["published"]:
        yield "  published"
    for one in found["published"]:
        yield f"    {_published(one)}"
        yield f"      {one['source']}"
    if found["variants"]:
        yield "  variants"
    for name, one in found["variants"].items():
        yield f"    {name} ({one['template']}, {one['shots']} shots)"
        yield f"      {one['source']}"


def page(catalog: Catalog) -> str:
    """All data sets, as Markdown for the docs."""
    described = [describe(listed) for listed in catalog.of_kind("dataset")]
    lines = [
        "| data set | task | rows | languages | licence | package |",
        "|---|---|---|---|---|---|",
    ]
    for one in described:
        anchor = one["name"].replace(".", "")
        lines.append(
            f"| [`{one['name']}`](#{anchor}) | {one['task']} | {_rows(one['rows'])} | "
            f"{', '.join(one['languages'])} | {one['licence']} | {one['distribution']} |"
        )
    for one in described:
        lines += ["", f"## {one['name']}", "", one["summary"], ""]
        facts = [
            ("source", one["source"]),
            ("files", one["layout"]),
            ("citation", one["citation"]),
            ("evaluator", f"`{one['evaluator']}`" if one["evaluator"] else ""),
            ("metrics", ", ".join(f"`{name}`" for name in one["metrics"])),
            ("groups", ", ".join(one["groups"])),
            ("slices", ", ".join(one["slices"])),
            ("fetch", f"`aisbench datasets fetch {one['name']}`" if one["fetch"] else ""),
        ]
        lines += [f"- {label}: {value}" for label, value in facts if value]
        lines += [f"- published: {_published(at)} ({at['source']})" for at in one["published"]]
        if one["variants"]:
            lines += ["", "| variant | template | shots | source |", "|---|---|---|---|"]
        for name, variant in one["variants"].items():
            source = variant["source"].replace("|", "\\|")
            lines.append(f"| `{name}` | {variant['template']} | {variant['shots']} | {source} |")
    return "\n".join(lines)
