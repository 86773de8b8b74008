"""Names, entry points and metadata of a distribution."""

from __future__ import annotations

import importlib.metadata
from importlib.metadata import Distribution, EntryPoint

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from aisbench.api import AisbenchError
from aisbench.declared.offers import GROUP as DECLARED_GROUP
from aisbench.plugins.catalog import Catalog
from aisbench.plugins.installed import GROUP
from aisbench.plugins.manifest_writing import manifests_of

PREFIX = "aisbench-plugin-"
CORE = "aisbench"


def find(dist: str) -> Distribution | None:
    """The installed distribution called ``dist``, in any spelling of its name."""
    try:
        return importlib.metadata.distribution(dist)
    except importlib.metadata.PackageNotFoundError:
        return None


def entries(dist: Distribution) -> list[EntryPoint]:
    """Its plugins."""
    return [entry for entry in dist.entry_points if entry.group in (GROUP, DECLARED_GROUP)]


def packages(dist: Distribution) -> list[str]:
    """The import packages that its plugins are in."""
    return sorted({entry.module.partition(".")[0] for entry in entries(dist)})


def check_names(dist: Distribution) -> list[str]:
    """One rule for ``aisbench-plugin-X``: package ``aisbench_plugin_X``, entry point ``X``."""
    name = canonicalize_name(dist.name)
    found = entries(dist)
    if not found:
        return [
            f'{dist.name} has no entry point in the group "{GROUP}": '
            f"add [project.entry-points.{GROUP}] to its pyproject.toml, and install it again"
        ]
    if not name.startswith(PREFIX):
        return []
    short = name[len(PREFIX) :]
    package = f"aisbench_plugin_{short.replace('-', '_')}"
    problems = []
    if all(canonicalize_name(entry.name) != short for entry in found):
        names = ", ".join(repr(entry.name) for entry in found)
        problems.append(f"{dist.name} calls its entry point {names}; call it {short!r}")
    problems += [
        f"the entry point {entry.name!r} is in {entry.module}; the package of {dist.name} "
        f"must be called {package}"
        for entry in found
        if entry.module.partition(".")[0] != package
    ]
    return problems


def check_entry_points(dist: Distribution) -> list[str]:
    """Each names a module, and nothing in it: what it states is looked at when it is loaded."""
    problems = []
    for entry in entries(dist):
        if entry.attr:
            problems.append(
                f"the entry point {entry.name!r} names {entry.value}; name the module alone"
            )
    return problems


def check_metadata(dist: Distribution) -> list[str]:
    """What pip and the user read."""
    problems = []
    metadata = dist.metadata
    if "Summary" not in metadata:
        problems.append(f"{dist.name} has no summary: write a description of one line")
    if "Requires-Python" not in metadata:
        problems.append(f"{dist.name} does not say which Python it needs: requires-python")
    wanted = {canonicalize_name(Requirement(text).name) for text in dist.requires or ()}
    if CORE not in wanted:
        problems.append(f'{dist.name} does not depend on "{CORE}": add it to its dependencies')
    return problems


def check_manifest(dist: str) -> list[str]:
    """What the manifest says is what the code says."""
    try:
        wanted = manifests_of(dist)
    except AisbenchError as error:
        return [error.message]
    problems = []
    for file, text in wanted.items():
        if not file.is_file():
            problems.append(f"{file.name} is missing beside {file.parent.name}")
        elif file.read_text(encoding="utf-8") != text:
            problems.append(
                f"{file} says other than the code: write it again with "
                f"aisbench plugins manifest {dist}"
            )
    return problems


def check_loaded(dist: Distribution, catalog: Catalog) -> list[str]:
    """Discovery itself found nothing wrong, and something to offer."""
    name = canonicalize_name(dist.name)
    broken = [
        f"the plugin {one.plugin!r} is broken: {one.reason}; {one.fix}"
        for one in catalog.broken
        if canonicalize_name(one.dist) == name
    ]
    if broken:
        return broken
    if not any(canonicalize_name(one.dist) == name for one in catalog.listed):
        return [f"{dist.name} offers nothing (or is disabled): its hooks return no offers"]
    return []
