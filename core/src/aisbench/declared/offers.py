"""What discovery reads of a declaration. It is kept light, as every start reads all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from attrs import field, frozen

from aisbench.declared.laying import laid_over
from aisbench.types.download import Download
from aisbench.types.json import JsonObject
from aisbench.types.offer import (
    Capability,
    Card,
    DatasetOffer,
    PartEvaluator,
    PartGroup,
    Published,
    Slicing,
)

GROUP = "aisbench.declared"
"""Entry points of this group name a package; each ``NAME.toml`` in it is a data set NAME, but for
those whose name begins with an underscore, which others extend."""

TARGET = "aisbench.declared.dataset:DeclaredDataset"
SETTINGS = "aisbench.declared.settings:DeclaredSettings"

_SENSES = {
    "image": Capability.IMAGES,
    "audio": Capability.AUDIO,
    "video": Capability.VIDEO,
}
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")


@frozen(kw_only=True)
class DeclaredOffer(DatasetOffer):
    """A data set with its declaration: ``place`` is its file. ``package`` holds the file, or, of
    a file of the user's, ``folder``. ``table`` is None where a manifest made the offer, and the
    file has not been read: :func:`table_of` gives it in any case."""

    package: str = ""
    folder: str = ""
    place: str
    table: JsonObject | None = field(default=None, repr=False, hash=False)


@frozen(kw_only=True)
class BrokenFile:
    """A file that declares nothing: ``reason`` says why, and names it."""

    name: str
    place: str
    reason: str


@frozen(kw_only=True)
class DeclaredPackage:
    """The data sets of a package, and the files in it that are none."""

    offers: tuple[DeclaredOffer, ...]
    broken: tuple[BrokenFile, ...]


class _File(Protocol):
    """The used part of ``importlib.resources.abc.Traversable``, whose module moved in 3.11."""

    @property
    def name(self) -> str: ...

    def is_file(self) -> bool: ...

    def read_text(self, encoding: str) -> str: ...

    def __truediv__(self, name: str) -> _File: ...


class _Folder(_File, Protocol):
    """One that holds files."""

    def iterdir(self) -> Iterator[_File]: ...


def read_package(package: str, home: Path | None = None) -> DeclaredPackage:
    """The data sets of a package; a file that cannot be read takes only itself away. Mistakes
    inside a declaration are reported when it is used. With ``home``, its folder, the package is
    not imported. Raises ValueError for a package without files."""
    folder: _Folder
    if home is None:
        from importlib import resources

        folder = resources.files(package)
    else:
        folder = home
    files = sorted(
        (file for file in folder.iterdir() if _is_set(file.name)), key=lambda file: file.name
    )
    if not files:
        raise ValueError(f"{package} holds no .toml file")
    offers: list[DeclaredOffer] = []
    broken: list[BrokenFile] = []
    for file in files:
        try:
            offers.append(_offer(folder, file, package=package))
        except ValueError as error:
            name = file.name.removesuffix(".toml")
            broken.append(BrokenFile(name=name, place=str(file), reason=str(error)))
    return DeclaredPackage(offers=tuple(offers), broken=tuple(broken))


def table_of(offer: DeclaredOffer) -> JsonObject:
    """The declaration of a data set, read from its file if that has not been done. Raises
    ValueError, naming the file, when it cannot be read."""
    if offer.table is not None:
        return offer.table
    file = Path(offer.place)
    try:
        return _read(file.parent, file, ())
    except OSError as error:
        raise ValueError(f"{file}: cannot be read: {error.strerror or error}") from error


def offer_of_file(file: Path) -> DeclaredOffer:
    """The data set that a file of the user's declares, called as the file without ``.toml``.
    Raises ValueError, naming the file, when it cannot be read."""
    file = file.absolute()
    return _offer(file.parent, file, folder=str(file.parent))


def _is_set(name: str) -> bool:
    return name.endswith(".toml") and not name.startswith("_")


def _offer(home: _File, file: _File, *, package: str = "", folder: str = "") -> DeclaredOffer:
    name = file.name.removesuffix(".toml")
    if not _NAME.match(name):
        raise ValueError(
            f"{file}: its name is the data set's: use lower-case letters, digits, '-', '_' and '.'"
        )
    try:
        table = _read(home, file, ())
    except OSError as error:
        raise ValueError(f"{file}: cannot be read: {error.strerror or error}") from error
    try:
        return DeclaredOffer(
            name=name,
            summary=_one_line(table["summary"]),
            target=TARGET,
            settings=SETTINGS,
            evaluator=_text(table, "evaluator") or _first_evaluator(table),
            evaluators=tuple(map(_part_evaluator, table.get("evaluators", ()))),
            metrics=tuple(table.get("metrics", ("accuracy",))),
            downloads=tuple(Download(**one) for one in table.get("downloads", ())) or None,
            groups=tuple(map(_group, table.get("groups", ()))) or None,
            slices=tuple(map(_slicing, table.get("slices", ()))),
            card=_card(table["card"] if package else table.get("card")),
            needs=_needs(table),
            submits=bool(table.get("submission")),
            version=_version(table),
            package=package,
            folder=folder,
            place=str(file),
            table=table,
        )
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error
    except KeyError as error:
        raise ValueError(f"{file}: has no {error.args[0]}") from error
    except (TypeError, AttributeError) as error:
        # The strict reader, which no start can wait for, says it better.
        from aisbench.declared.reading import problems_of

        raise ValueError(f"{file}: {problems_of(table) or error}") from error


def _read(home: _File, file: _File, above: tuple[str, ...]) -> dict[str, Any]:
    """A file's table, laid over those that it extends."""
    if file.name in above:
        raise ValueError(f"{file}: extends itself ({' > '.join((*above, file.name))})")
    import tomli  # a manifest spares it at most starts

    try:
        table: dict[str, Any] = tomli.loads(
            file.read_text(encoding="utf-8").removeprefix("\ufeff")
        )
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{file}: {error}") from error
    except RecursionError:
        raise ValueError(f"{file}: is nested too deeply") from None
    base = table.pop("extends", None)
    if base is None:
        return table
    if not isinstance(base, str) or "/" in base or not base:
        raise ValueError(f"{file}: extends: must be the name of a file beside it, got {base!r}")
    beside = home / f"{base.removesuffix('.toml')}.toml"
    if not beside.is_file():
        raise ValueError(f"{file}: extends: there is no {beside.name} beside it")
    return laid_over(_read(home, beside, (*above, file.name)), table)


def _one_line(summary: Any) -> str:
    if not isinstance(summary, str) or not summary.strip() or "\n" in summary:
        raise ValueError(f"summary: must be one line, got {summary!r}")
    return summary


def _text(table: dict[str, Any], key: str) -> str | None:
    found = table.get(key)
    if found is not None and not isinstance(found, str):
        raise ValueError(f"{key}: must be a string, got {found!r}")
    return found


def _version(table: dict[str, Any]) -> int | str | None:
    found = table.get("version")
    if isinstance(found, bool) or not isinstance(found, (int, str, type(None))) or found == "":
        raise ValueError(f"version: must be a whole number or a text, got {found!r}")
    return found


def _group(table: dict[str, Any]) -> PartGroup:
    lists: dict[str, Any] = {
        key: tuple(one) for key, one in table.items() if isinstance(one, list)
    }
    return PartGroup(**{**table, **lists})


def _slicing(table: dict[str, Any]) -> Slicing:
    lists: dict[str, Any] = {
        # What is no number is told by the strict reader, which a TypeError calls.
        "edges": tuple(one + 0.0 for one in table.get("edges", ())),
        "labels": tuple(table.get("labels", ())),
    }
    return Slicing(**{**table, **lists})


def _first_evaluator(table: dict[str, Any]) -> str | None:
    """Where each part has an evaluator, and none is for the rest."""
    return next((one["evaluator"] for one in table.get("evaluators", ())), None)


def _part_evaluator(table: dict[str, Any]) -> PartEvaluator:
    lists: dict[str, Any] = {
        key: tuple(one) for key, one in table.items() if isinstance(one, list)
    }
    return PartEvaluator(**{**table, **lists})


def _needs(table: dict[str, Any]) -> frozenset[Capability]:
    """What models must be able to look at or listen to."""
    kinds = {one.get("kind", "image") for one in table.get("media", {}).values()}
    return frozenset(needed for kind, needed in _SENSES.items() if kind in kinds)


def _card(table: dict[str, Any] | None) -> Card | None:
    if table is None:
        return None
    if "languages" in table:
        table = {**table, "languages": tuple(table["languages"])}
    published = tuple(
        Published(**{**one, "value": float(one["value"])}) for one in table.get("published", ())
    )
    return Card(**{**table, "published": published})
