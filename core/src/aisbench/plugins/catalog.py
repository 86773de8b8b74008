"""Everything that the installed plugins offer, and finding an offer in it by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from attrs import field, frozen

from aisbench.base.errors import PluginError
from aisbench.types.offer import (
    BackendOffer,
    CommandOffer,
    DatasetOffer,
    DeviceSamplerOffer,
    EvaluatorOffer,
    LoadShapeOffer,
    ObserverOffer,
    Offer,
    PostprocessorOffer,
    ReducerOffer,
    RetrieverOffer,
    SummarizerOffer,
    TemplateOffer,
    TunerOffer,
)

HOOK_OFFERS: Mapping[str, tuple[type[Offer], ...]] = {
    "aisbench_backends": (BackendOffer,),
    "aisbench_datasets": (DatasetOffer,),
    "aisbench_prompts": (TemplateOffer, RetrieverOffer),
    "aisbench_evaluators": (EvaluatorOffer, ReducerOffer, PostprocessorOffer),
    "aisbench_load_shapes": (LoadShapeOffer,),
    "aisbench_summarizers": (SummarizerOffer,),
    "aisbench_observers": (ObserverOffer,),
    "aisbench_device_samplers": (DeviceSamplerOffer,),
    "aisbench_tuners": (TunerOffer,),
    "aisbench_commands": (CommandOffer,),
}
KINDS = tuple(offer.kind for offers in HOOK_OFFERS.values() for offer in offers)

CORE = "aisbench"
"""The distribution of core, whose names no other takes over."""

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

    @property
    def package(self) -> str | None:
        """The package that lies in the distribution, and has texts; None for a lone file."""
        target: str = getattr(self.offer, "target", "")
        package = target.partition(":")[0].partition(".")[0]
        if package not in ("", "aisbench"):
            return package
        # A TOML file is made by core; it lies in the package that is called like its distribution.
        return None if self.dist == "file" else self.dist.replace("-", "_")


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

    def find(self, kind: type[AnyOffer], name: str, named_by: str = "") -> tuple[AnyOffer, Listed]:
        """The offer called ``name``, or ``distribution/name`` where two plugins offer one name.

        Where several do, a bare name means that of the distribution ``named_by``, whose code
        names it; or else core's; it is ambiguous where neither has one. Raises PluginError for a
        name that is unknown (with the nearest ones, and with the broken plugins that may offer
        it) or ambiguous.
        """
        dist, _, short = name.rpartition("/")
        found = [
            one
            for one in self.listed
            if isinstance(one.offer, kind)
            and one.offer.name == short
            and (not dist or one.dist == dist)
        ]
        for preferred in (named_by, CORE):
            found = [one for one in found if one.dist == preferred] or found
        if len(found) > 1:
            raise _ambiguous(kind, short, found)
        if not found:
            raise PluginError(self._unknown(kind, name))
        offer = found[0].offer
        assert isinstance(offer, kind)
        return offer, found[0]

    def default_summarizers(self) -> list[Listed]:
        """The summarizers of a suite that names none: those that ask for it, of distributions
        that aisbench itself names. What a stranger prints, a suite must have asked for."""
        return [one for one in self._asking() if normal(one.dist) in self.known]

    def unasked_summarizers(self) -> list[Listed]:
        """The summarizers of strangers that ask to be used where a suite names none."""
        return [one for one in self._asking() if normal(one.dist) not in self.known]

    def _asking(self) -> list[Listed]:
        return [
            one
            for one in self.of_kind(SummarizerOffer.kind)
            if isinstance(one.offer, SummarizerOffer) and one.offer.default
        ]

    def _unknown(self, kind: type[Offer], name: str) -> str:
        import difflib  # for mistakes alone

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
        # The suite that a run keeps has every name with its distribution.
        package = name.rpartition("/")[0] or "aisbench-plugin-..."
        lines.append(f"  help: install the plugin that offers it: pip install {package}")
        return "\n".join(lines)

    def named(self, name: str) -> list[Listed]:
        """Every offer with that name, of any kind."""
        return [one for one in self.listed if one.offer.name == name]


def _sort_key(one: Listed) -> tuple[str, str]:
    return (one.offer.name, one.dist)


def _ambiguous(kind: type[Offer], name: str, found: Sequence[Listed]) -> PluginError:
    first, second = found[:2]
    if first.dist == second.dist:
        return PluginError(
            f"{first.dist} {first.version} offers the {kind.kind} {name!r} twice: in the plugins "
            f"{first.plugin} and {second.plugin}",
            hint="disable one with --disable-plugin, and tell the authors",
        )
    names = " and ".join(f"{one.dist} {one.version}" for one in found)
    return PluginError(
        f"two plugins offer the {kind.kind} {name!r}: {names}",
        hint=f"write {first.dist}/{name} or {second.dist}/{name}, "
        "or disable one with --disable-plugin",
    )


def normal(dist: str) -> str:
    """One spelling of a distribution's name, of the many that mean it."""
    return re.sub(r"[-_.]+", "-", dist).lower()


def describe_clashes(listed: Sequence[Listed]) -> list[str]:
    """One sentence for each name that two plugins offer in one kind, and that is not core's."""
    clashes = []
    for first, one in _pairs(listed):
        if CORE not in (first.dist, one.dist):
            clashes.append(
                f"{one.offer.kind} {one.offer.name!r} is offered by {first.dist} and {one.dist}"
            )
    return clashes


def hidden_by_core(listed: Sequence[Listed]) -> list[Listed]:
    """The offers that have a name of core's: their bare name means core's offer to all others."""
    pairs = [pair for pair in _pairs(listed) if CORE in (pair[0].dist, pair[1].dist)]
    return [one if one.dist != CORE else first for first, one in pairs]


def _pairs(listed: Sequence[Listed]) -> Iterator[tuple[Listed, Listed]]:
    """Offers of one kind and name: the first one with each that follows."""
    seen: dict[tuple[str, str], Listed] = {}
    for one in listed:
        first = seen.setdefault((one.offer.kind, one.offer.name), one)
        if first is not one:
            yield first, one
