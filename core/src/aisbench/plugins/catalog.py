"""Everything that the installed plugins offer, and finding an offer in it by name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from attrs import field, frozen

from aisbench.base.errors import PluginError
from aisbench.types.offer import (
    BackendOffer,
    CommandOffer,
    DatasetOffer,
    EvaluatorOffer,
    LoadShapeOffer,
    Offer,
    PostprocessorOffer,
    ReducerOffer,
    RetrieverOffer,
    SummarizerOffer,
    TemplateOffer,
)

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

AnyOffer = TypeVar("AnyOffer", bound=Offer)


@frozen(kw_only=True)
class Listed:
    """An offer, and the plugin and distribution that it comes from: "file", with the beginning
    of its checksum as the version, where it needs no package but is a ``file``."""

    offer: Offer
    plugin: str
    dist: str
    version: str
    file: Path | None = None


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
class PluginNote:
    """What is odd of a plugin that can be used all the same."""

    plugin: str
    dist: str
    version: str
    text: str


@frozen(kw_only=True)
class Catalog:
    """Everything that the installed plugins offer."""

    listed: tuple[Listed, ...]
    broken: tuple[BrokenPlugin, ...]
    notes: tuple[PluginNote, ...] = ()
    known: frozenset[str] = frozenset()
    """Distributions that core's own metadata names; all others are strangers to it."""
    disabled: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    plugins: Mapping[str, str] = field(factory=dict)
    """Loaded plugins: distribution -> version."""

    def of_kind(self, kind: str) -> list[Listed]:
        """All offers of a kind, by name."""
        return sorted((one for one in self.listed if one.offer.kind == kind), key=_sort_key)

    def find(self, kind: type[AnyOffer], name: str) -> tuple[AnyOffer, Listed]:
        """The offer called ``name``, or ``distribution/name`` where two plugins offer one name.

        Raises PluginError for a name that is unknown (with the nearest ones, and with the broken
        plugins that may offer it) or that two plugins offer.
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
            raise PluginError(self._unknown(kind, name))
        offer = found[0].offer
        assert isinstance(offer, kind)
        return offer, found[0]

    def _unknown(self, kind: type[Offer], name: str) -> str:
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
        return "\n".join(lines)

    def named(self, name: str) -> list[Listed]:
        """Every offer with that name, of any kind."""
        return [one for one in self.listed if one.offer.name == name]


def _sort_key(one: Listed) -> tuple[str, str]:
    return (one.offer.name, one.dist)


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
