"""What needs no package: a data set that is a TOML file, a plugin that is a Python file."""

from __future__ import annotations

import hashlib
import traceback
from pathlib import Path

import attrs

from aisbench.base.errors import PluginError
from aisbench.base.modules import NameTaken, import_file, modules_beside
from aisbench.declared.offers import DeclaredOffer, offer_of_file
from aisbench.declared.sources import sources_of
from aisbench.plugins.catalog import BrokenPlugin, Catalog, Listed
from aisbench.plugins.importing import ImportFault, guarded, time_limit
from aisbench.plugins.loading import UnfitPlugin, offers_of_module
from aisbench.plugins.names import names_file
from aisbench.types.offer import DatasetOffer, Offer

DIST = "file"
"""What stands for the distribution of what a file offers: ``file/NAME`` names it for sure."""


def set_of_file(path: Path) -> Listed:
    """The data set that a TOML file declares. Raises PluginError, naming the file."""
    _check_file(path, ".toml")
    try:
        return _listed(offer_of_file(path), path)
    except ValueError as error:
        raise PluginError(str(error), hint="correct the file") from error


def find_dataset(catalog: Catalog, name: str) -> Listed:
    """The data set of that name, or of the TOML file that is at the path ``name``. Raises
    PluginError."""
    if names_file(name):
        return set_of_file(Path(name).expanduser())
    return catalog.find(DatasetOffer, name)[1]


def plugin_of_file(path: Path) -> tuple[Listed, ...]:
    """What the hooks of a Python file offer. Raises PluginError, naming the file."""
    _check_file(path, ".py")
    if not path.stem.isidentifier():
        name = "".join(one if one.isalnum() and one.isascii() else "_" for one in path.stem)
        raise PluginError(
            f"{path}: is no module: its name holds more than letters, digits and '_'",
            hint=f"call it {name}.py",
        )
    try:
        offers = guarded(lambda: _offers(path), time_limit())
    except UnfitPlugin as error:
        fix = "correct the file" if error.fix.endswith(f" {path.name}") else error.fix
        raise PluginError(f"{path}: {error.reason}", hint=fix) from error
    except NameTaken as error:
        raise PluginError(f"{path}: {error}", hint="call the file otherwise") from error
    except ModuleNotFoundError as error:
        raise PluginError(
            f"{path}: needs the module {error.name!r}, which is not installed",
            hint="install it, or put it beside the file",
        ) from error
    except ImportFault as error:
        raise PluginError(f"{path}: {error}", hint="correct the file") from error
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise PluginError(
            f"{_place_of(error, path)}: {reason}", hint="correct the file"
        ) from error
    return tuple(_listed(offer, path) for offer in offers)


def with_plugin_file(catalog: Catalog, path: Path) -> Catalog:
    """The catalog with what a Python file offers too. Raises PluginError, naming the file."""
    found = plugin_of_file(path)
    for one in found:
        for other in catalog.listed:
            if other.dist == DIST and _same_name(one, other) and other.file != one.file:
                raise PluginError(
                    f"{path}: offers the {one.offer.kind} {one.offer.name!r}, which {other.file} "
                    "offers too",
                    hint="call one of them otherwise",
                )
    kept = [one for one in catalog.listed if one not in found]
    return attrs.evolve(catalog, listed=(*kept, *found))


def with_broken_file(catalog: Catalog, path: Path, error: PluginError) -> Catalog:
    """The catalog with the record of a plugin file that could not be used."""
    record = BrokenPlugin(
        plugin=path.stem,
        dist=DIST,
        version="?",
        reason=error.message.partition("\n")[0],
        fix=error.hint,
        details="".join(traceback.format_exception(error.__cause__)) if error.__cause__ else "",
    )
    return attrs.evolve(catalog, broken=(*catalog.broken, record))


def files_behind(listed: Listed) -> tuple[Path, ...]:
    """The files that something without a package is made of, the first its own: of a TOML file
    those that it extends or whose functions it names, of a Python file the modules beside it that
    have been imported. None for what is installed."""
    if listed.file is None:
        return ()
    if isinstance(listed.offer, DeclaredOffer):
        return sources_of(listed.offer)
    return module_files(listed.file)


def module_files(path: Path) -> tuple[Path, ...]:
    """A plugin file, and the modules beside it that have been imported."""
    own = path.resolve()
    beside = modules_beside(own.parent).values()
    return tuple(dict.fromkeys([own, *sorted(one for one in beside if one != own)]))


def _offers(path: Path) -> list[Offer]:
    offers = offers_of_module(import_file(path), path.name)
    if not offers:
        raise UnfitPlugin(
            "offers nothing",
            "implement a hook, such as aisbench_datasets, marked with @hookimpl of aisbench.api",
        )
    seen: set[tuple[str, str]] = set()
    for one in offers:
        if (one.kind, one.name) in seen:
            raise UnfitPlugin(f"offers the {one.kind} {one.name!r} twice", "call one otherwise")
        seen.add((one.kind, one.name))
    return offers


def _listed(offer: Offer, path: Path) -> Listed:
    own = path.resolve()
    version = hashlib.sha256(own.read_bytes()).hexdigest()[:12]
    return Listed(offer=offer, plugin=path.stem, dist=DIST, version=version, file=own)


def _same_name(one: Listed, other: Listed) -> bool:
    return (one.offer.kind, one.offer.name) == (other.offer.kind, other.offer.name)


_KINDS = {".toml": "a data set (a TOML file)", ".py": "a plugin (a Python file)"}
_PLACES = {
    ".toml": "a TOML file is named as a data set: --dataset, or dataset = in a suite",
    ".py": "a Python file is named as a plugin: --plugin, or plugins = [...] under [suite]; then "
    "its data sets have the names that it offers",
}


def _check_file(path: Path, suffix: str) -> None:
    """Raises PluginError for what cannot be read as ``suffix`` says."""
    if path.is_dir():
        raise PluginError(
            f"{path}: is a folder", hint=f"name the file in it that is {_KINDS[suffix]}"
        )
    if not path.exists():
        slashes = "; folders are divided by /, not by \\" if "\\" in str(path) else ""
        raise PluginError(
            f"{path}: there is no such file",
            hint="a path in a suite is taken from the suite's folder, one on the command line "
            f"from the current folder{slashes}",
        )
    if path.suffix.lower() != suffix:
        other = _PLACES.get(path.suffix.lower(), f"call the file {path.stem}{suffix}")
        raise PluginError(f"{path}: is not {_KINDS[suffix]}", hint=other)
    if not path.is_file():
        raise PluginError(f"{path}: is no regular file")
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise PluginError(f"{path}: cannot be read: {error.strerror or error}") from error


def _place_of(error: Exception, path: Path) -> str:
    """The file, and the line of it at which the error was raised."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f"{error.filename}:{error.lineno}"
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path.resolve())
    ]
    return f"{path}:{lines[-1]}" if lines else str(path)
