"""Files of ready-made groups, which packages bring and suites name."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

import tomli

from aisbench.base.errors import PluginError
from aisbench.plugins.manifest import package_folder
from aisbench.plugins.names import names_file

GROUP = "aisbench.groups"
"""Entry points of this group name a package; each ``NAME.toml`` in it is a file of ready-made
groups, which a suite calls NAME."""


def group_files() -> dict[str, Path]:
    """The files that installed packages bring, by name; of two with one name the first package's,
    in the order of the alphabet."""
    found: dict[str, Path] = {}
    points = importlib.metadata.entry_points(group=GROUP)
    for point in sorted(points, key=lambda one: one.value):
        home = package_folder(point.value)
        if home is None:
            continue
        inner = point.value.removeprefix(home.name).strip(".").split(".")
        for file in sorted(home.path.joinpath(*inner).glob("*.toml")):
            found.setdefault(file.name.removesuffix(".toml"), file)
    return found


def read_group_file(name: str, base: Path) -> tuple[dict[str, Any], Path]:
    """The tables of a file, and where it is. ``name`` is that of an installed one, or the path of
    a file, from ``base``. Raises PluginError, saying what there is."""
    if names_file(name):
        place = base / Path(name).expanduser()
    else:
        files = group_files()
        if name not in files:
            raise PluginError(
                f"no installed package brings groups called {name!r}",
                hint=f"there are: {', '.join(files) or 'none'}; or name a file: ./groups.toml",
            )
        place = files[name]
    try:
        return tomli.loads(place.read_text(encoding="utf-8")), place
    except OSError as error:
        raise PluginError(f"{place}: cannot be read: {error.strerror or error}") from error
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PluginError(f"{place}: {error}") from error
