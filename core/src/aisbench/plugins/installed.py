"""The entry points of installed distributions by which plugins are found."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator

from attrs import frozen

from aisbench.declared.offers import GROUP as DECLARED_GROUP
from aisbench.plugins.catalog import CORE, normal

GROUP = "aisbench"


@frozen(kw_only=True)
class Installed:
    """An entry point: its group and name, the module or package that it names, and the
    distribution that it belongs to."""

    group: str
    name: str
    value: str
    dist: str
    version: str

    @property
    def declared(self) -> bool:
        """Whether it names a package of declarations, and no module."""
        return self.group == DECLARED_GROUP


def installed() -> list[Installed]:
    """All entry points of plugins, by name and distribution."""
    found: dict[tuple[str, str, str], Installed] = {}
    every = importlib.metadata.entry_points()  # all distributions are read for each call
    for group in (GROUP, DECLARED_GROUP):
        for entry in every.select(group=group):
            dist, version = _dist(entry)
            one = Installed(
                group=group, name=entry.name, value=entry.value, dist=dist, version=version
            )
            # A distribution may stand twice on sys.path; the first is the one that is imported.
            found.setdefault((group, entry.name, dist), one)
    return sorted(found.values(), key=lambda one: (one.name, one.dist))


def known_to_core() -> frozenset[str]:
    """The distributions that core's own metadata names: what its extras bring. They are those
    that a user asks for with aisbench itself; all others are strangers."""
    try:
        text = importlib.metadata.distribution(CORE).read_text("METADATA")
    except importlib.metadata.PackageNotFoundError:
        text = None
    wanted = [value for key, value in _head(text) if key == "requires-dist"]
    names = (re.match(r"[\w.-]+", one) for one in wanted)
    return frozenset({CORE, *(normal(name[0]) for name in names if name)})


def _dist(entry: importlib.metadata.EntryPoint) -> tuple[str, str]:
    """Name and version, read from the first lines of the metadata: their parser is made for
    mail, and takes longer than all else here."""
    if entry.dist is None:
        return "?", "?"
    text = entry.dist.read_text("METADATA") or entry.dist.read_text("PKG-INFO")
    fields = dict(_head(text))
    return fields.get("name", "?"), fields.get("version", "?")


def _head(text: str | None) -> Iterator[tuple[str, str]]:
    for line in (text or "").splitlines():
        key, colon, value = line.partition(":")
        if not line.strip():
            return
        if colon and not line[0].isspace():
            yield key.strip().lower(), value.strip()
