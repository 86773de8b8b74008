"""The files that a suite names in the places of plugins, and a run's copies of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs

from aisbench.base.errors import PluginError, Problem
from aisbench.config.plan import Plan
from aisbench.config.source import Source
from aisbench.declared.offers import DeclaredOffer
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.plugins.files import (
    files_behind,
    module_files,
    set_of_file,
    with_broken_file,
    with_plugin_file,
)
from aisbench.settings.keys import KeyPath

DATASETS = "datasets"
PLUGINS = "plugins"


def set_in_suite(source: Source, key: KeyPath, name: str) -> Listed:
    """The data set of the TOML file that a suite names at ``key``. Where it is missing, and the
    suite is one that a run keeps, the run's copy of it. Raises PluginError."""
    try:
        path = Path(name).expanduser()
    except RuntimeError as error:
        raise PluginError(f"{name}: {error}") from None
    if not path.is_absolute():
        path = source.base / path
    copy = _copy(source, DATASETS, str(key[1]), path)
    if copy is None:
        return set_of_file(path)
    listed = set_of_file(copy)
    if code := [one for one in files_behind(listed) if one.suffix == ".py"]:
        # Whoever hands a run on must not decide what is executed here.
        raise PluginError(
            f"{path}: there is no such file here, and the run's copy of it names functions of "
            f"{code[0].name}",
            hint=f"read {code[0]}; to have it executed, name the copy yourself: "
            f"--set {key[0]}.{key[1]}.dataset={copy}",
        )
    # Its rows are where they were, if they are anywhere.
    assert isinstance(listed.offer, DeclaredOffer)
    return attrs.evolve(listed, offer=attrs.evolve(listed.offer, folder=str(path.parent)))


def with_suite_plugins(
    source: Source, catalog: Catalog, paths: tuple[Path, ...]
) -> tuple[Catalog, list[Problem]]:
    """The catalog with what the files under ``suite.plugins`` offer too, and the problems with
    them. A file of the same name that is given later stands in for a missing one."""
    problems = []
    for index, path in enumerate(paths):
        if not path.exists() and any(one.name == path.name for one in paths[index + 1 :]):
            continue
        try:
            catalog = with_plugin_file(catalog, path)
        except PluginError as error:
            hint = error.hint
            if copy := _copy(source, PLUGINS, path.stem, path):
                hint = (
                    f"the run keeps a copy of it: read {copy}; to have it executed, name it "
                    f"yourself: --plugin {copy}"
                )
            problems.append(
                Problem(path=("suite", "plugins", index), message=error.message, hint=hint)
            )
            catalog = with_broken_file(catalog, path, error)
    return catalog, problems


def files_of(plan: Plan) -> dict[str, tuple[Path, ...]]:
    """Every file of the user's that stands for a plugin, with those that belong to it, by what
    messages call it: ``datasets.arc``, ``plugins.my``. The first is the one that is named."""
    found = {
        f"{DATASETS}.{one.name}": files_behind(one.listed)
        for one in plan.datasets
        if one.listed.file is not None and one.listed.file.suffix.lower() == ".toml"
    }
    plugins = [path.resolve() for path in plan.suite.suite.plugins if path.exists()]
    for path in plugins:
        own = [one for one in module_files(path) if one == path or one not in plugins]
        found[f"{PLUGINS}.{path.stem}"] = tuple(own)
    return found


def copies_of(files: dict[str, tuple[Path, ...]]) -> Iterator[tuple[str, Path]]:
    """(path under the run's folder of copies, file). Files keep their places beside each other."""
    for label, paths in files.items():
        kind, _, name = label.partition(".")
        home = paths[0].parent
        for path in paths:
            place = path.relative_to(home) if path.is_relative_to(home) else Path(path.name)
            yield f"{kind}/{name}/{place.as_posix()}", path


def _copy(source: Source, kind: str, name: str, path: Path) -> Path | None:
    """The copy of a missing file that the run of a stored suite keeps."""
    if path.exists() or source.copies is None:
        return None
    copy = source.copies / kind / name / path.name
    return copy if copy.is_file() else None
