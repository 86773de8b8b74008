"""The entry points of installed distributions by which plugins are found.

They are read from the folders of ``sys.path`` by themselves, as every start does it:
``importlib.metadata`` and what it imports take longer than all else of ``aisbench --help``. Where
distributions may lie elsewhere (in archives, or where a finder of somebody's puts them), it is
asked.
"""

from __future__ import annotations

import os
import re
import sys
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


@frozen(kw_only=True)
class _Distribution:
    """What is read of a distribution: the text of its entry points and of its metadata, or the
    folder that holds them."""

    points: str
    metadata: str | None = None
    folder: str = ""

    def head(self) -> list[tuple[str, str]]:
        """The fields of its metadata. They are read to the first blank line alone: their parser
        is made for mail."""
        text = self.metadata
        if text is None:
            text = _read(f"{self.folder}/METADATA") or _read(f"{self.folder}/PKG-INFO")
        found = []
        for line in text.splitlines():
            key, colon, value = line.partition(":")
            if not line.strip():
                break
            if colon and not line[0].isspace():
                found.append((key.strip().lower(), value.strip()))
        return found


def installed() -> list[Installed]:
    """All entry points of plugins, by name and distribution."""
    found: dict[tuple[str, str, str], Installed] = {}
    for one in _distributions().values():
        if GROUP not in one.points:
            continue
        points = list(_points(one.points))
        fields = dict(one.head()) if points else {}
        dist, version = fields.get("name", "?"), fields.get("version", "?")
        for group, name, value in points:
            made = Installed(group=group, name=name, value=value, dist=dist, version=version)
            found.setdefault((group, name, dist), made)
    return sorted(found.values(), key=lambda one: (one.name, one.dist))


def known_to_core() -> frozenset[str]:
    """The distributions that core's own metadata names: what its extras bring. They are those
    that a user asks for with aisbench itself; all others are strangers."""
    core = _distributions().get(CORE)
    wanted = [value for key, value in core.head() if key == "requires-dist"] if core else []
    names = (re.match(r"[\w.-]+", one) for one in wanted)
    return frozenset({CORE, *(normal(name[0]) for name in names if name)})


def _distributions() -> dict[str, _Distribution]:
    """All distributions by their name; of two of one name the first, which is imported."""
    if not _all_in_folders():
        return _asked_distributions()
    found: dict[str, _Distribution] = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder or os.curdir)  # noqa: PTH208 - at every start
        except OSError:
            continue  # as for imports, a folder may be missing
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                place = f"{folder or os.curdir}/{name}"
                key = normal(name.rpartition(".")[0].partition("-")[0])
                if key not in found:
                    points = _read(f"{place}/entry_points.txt")
                    found[key] = _Distribution(points=points, folder=place)
    return found


def _all_in_folders() -> bool:
    finders = [one for one in sys.meta_path if hasattr(one, "find_distributions")]
    return len(finders) == 1 and not any(os.path.isfile(entry) for entry in sys.path)  # noqa: PTH113


def _asked_distributions() -> dict[str, _Distribution]:
    import importlib.metadata

    found: dict[str, _Distribution] = {}
    for one in importlib.metadata.distributions():
        metadata = one.read_text("METADATA") or one.read_text("PKG-INFO") or ""
        made = _Distribution(points=one.read_text("entry_points.txt") or "", metadata=metadata)
        found.setdefault(normal(dict(made.head()).get("name", "?")), made)
    return found


def _points(text: str) -> Iterator[tuple[str, str, str]]:
    """(group, name, value) of the entry points of plugins."""
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1].strip()
        elif group in (GROUP, DECLARED_GROUP) and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield group, name.strip(), value.strip()


def _read(file: str) -> str:
    try:
        with open(file, encoding="utf-8", errors="replace") as opened:  # noqa: PTH123
            return opened.read()
    except OSError:
        return ""  # .egg-info may be a file, and few have entry points
