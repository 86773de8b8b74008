"""Whether the targets of all offers can be imported, and whether manifests are true.

Distributions that aisbench itself names are imported in this process, as a run does. Strangers
are imported in forks of another one, which may end, hang or crash as they please.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import frozen

from aisbench.base.errors import PluginError
from aisbench.plugins.catalog import Catalog, Listed, normal
from aisbench.plugins.importing import time_limit
from aisbench.plugins.installed import Installed, installed
from aisbench.plugins.plain import NotPlain, from_plain
from aisbench.plugins.probing import Probed, probe
from aisbench.plugins.targets import resolve


@frozen(kw_only=True)
class UnusableOffer:
    """An offer with a target that cannot be imported."""

    listed: Listed
    reason: str
    fix: str
    details: str = ""


@frozen(kw_only=True)
class PluginDiagnosis:
    """What is found by importing everything: ``notes`` are odd, and harm nobody."""

    unusable: tuple[UnusableOffer, ...]
    untrue: tuple[str, ...]
    """Sentences of manifests that say other than the code."""
    notes: tuple[str, ...]


def diagnosis_of(catalog: Catalog) -> PluginDiagnosis:
    """Import what every offer names."""
    strangers = _strangers(catalog)
    asked = [
        {"value": one.value, "dist": one.dist, "targets": list(_targets_of(one, catalog))}
        for one in strangers
    ]
    answers = probe(asked, time_limit()) if asked else []
    if answers is None:
        strangers, answers = [], []  # no process can be started: they are imported here
    unusable: list[UnusableOffer] = []
    untrue: list[str] = []
    notes: list[str] = []
    told = {note.text for note in catalog.notes}
    for one, answer in zip(strangers, answers, strict=True):
        theirs = [listed for listed in catalog.listed if _of(listed, one)]
        unusable += _faults(theirs, answer)
        untrue += _untruths(one, theirs, answer)
        new = [note for note in answer.notes if note not in told]
        notes += [f"{one.name} ({one.dist} {one.version}): {note}" for note in new]
    for listed in catalog.listed:
        if not any(_of(listed, one) for one in strangers) and (found := _imported(listed)):
            unusable.append(found)
    return PluginDiagnosis(unusable=tuple(unusable), untrue=tuple(untrue), notes=tuple(notes))


def _strangers(catalog: Catalog) -> list[Installed]:
    """The modules of plugins that aisbench does not name, and that offer something."""
    return [
        one
        for one in installed()
        if normal(one.dist) not in catalog.known
        and not one.declared
        and any(_of(listed, one) for listed in catalog.listed)
    ]


def _of(listed: Listed, one: Installed) -> bool:
    return (listed.plugin, listed.dist) == (one.name, one.dist)


def _targets(listed: Listed) -> list[str]:
    offer = listed.offer
    named = (
        offer.target,
        offer.settings,
        getattr(offer, "groups", None),
        getattr(offer, "downloads", None),
    )
    return [target for target in named if isinstance(target, str)]


def _targets_of(one: Installed, catalog: Catalog) -> Sequence[str]:
    named = (_targets(listed) for listed in catalog.listed if _of(listed, one))
    return list(dict.fromkeys(target for targets in named for target in targets))


def _faults(theirs: Sequence[Listed], answer: Probed) -> Iterator[UnusableOffer]:
    for listed in theirs:
        for target in _targets(listed):
            if fault := answer.unusable.get(target):
                reason = fault.reason
                if fault.missing is not None:
                    reason = f"needs the module {fault.missing!r}, which is not installed"
                yield UnusableOffer(
                    listed=listed,
                    reason=f"{target}: {reason}",
                    fix=f"report it to the authors of {listed.dist}, or --disable-plugin "
                    f"{listed.dist}",
                    details=fault.details,
                )
                break


def _untruths(one: Installed, theirs: Sequence[Listed], answer: Probed) -> Iterator[str]:
    """What the manifest of a plugin says that its code does not."""
    what = f"the manifest of {one.name} ({one.dist} {one.version})"
    if answer.fault is not None:
        yield f"{what} hides that it is broken: {answer.fault.reason}"
    elif answer.entry is not None:
        entry: Any = answer.entry
        try:
            offers = [from_plain(plain) for plain in entry["offers"]]
        except NotPlain as error:
            yield f"{what}: {error}"
            return
        said = [listed.offer for listed in theirs]
        if wrong := [offer.name for offer in offers if offer not in said]:
            yield f"{what} says something else of {', '.join(wrong)} than its code"
        if gone := [offer.name for offer in said if offer not in offers]:
            yield f"{what} tells of {', '.join(gone)}, which its code does not offer so"


def _imported(listed: Listed) -> UnusableOffer | None:
    for target in _targets(listed):
        try:
            resolve(target, listed)
        except PluginError as error:
            cause = error.__cause__
            details = ""
            if cause is not None and not isinstance(cause, (ImportError, AttributeError)):
                import traceback

                details = "".join(traceback.format_exception(cause))
            return UnusableOffer(
                listed=listed, reason=error.message, fix=error.hint, details=details
            )
    return None
