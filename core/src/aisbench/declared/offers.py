"""What discovery reads of a declaration. It is kept light, as every start reads all of them."""

from __future__ import annotations

from importlib import resources
from typing import Any, Protocol

import tomli
from attrs import field, frozen

from aisbench.types.download import Download
from aisbench.types.json import JsonObject
from aisbench.types.offer import Card, DatasetOffer, PartGroup

GROUP = "aisbench.declared"
"""Entry points of this group name a package; each ``NAME.toml`` in it is a data set NAME."""


@frozen(kw_only=True)
class DeclaredOffer(DatasetOffer):
    """A data set with its declaration: ``place`` is its file, ``package`` holds it."""

    package: str
    place: str
    table: JsonObject = field(repr=False, hash=False)


class _File(Protocol):
    """The used part of ``importlib.resources.abc.Traversable``, whose module moved in 3.11."""

    @property
    def name(self) -> str: ...

    def read_text(self, encoding: str) -> str: ...


def read_offers(package: str) -> list[DeclaredOffer]:
    """The data sets of a package. Raises ValueError, naming the file, for one that cannot be
    read. Mistakes inside it are reported when it is used."""
    files = sorted(
        (file for file in resources.files(package).iterdir() if file.name.endswith(".toml")),
        key=lambda file: file.name,
    )
    if not files:
        raise ValueError(f"{package} holds no .toml file")
    return [_offer(package, file) for file in files]


def _offer(package: str, file: _File) -> DeclaredOffer:
    name = file.name.removesuffix(".toml")
    try:
        table: dict[str, Any] = tomli.loads(file.read_text(encoding="utf-8"))
        groups = tuple(_group(one) for one in table.get("groups", ()))
        downloads = tuple(Download(**one) for one in table.get("downloads", ()))
        return DeclaredOffer(
            name=name,
            summary=table["summary"],
            target="aisbench.declared.dataset:DeclaredDataset",
            settings="aisbench.declared.dataset:DeclaredSettings",
            evaluator=table.get("evaluator"),
            metrics=tuple(table.get("metrics", ("accuracy",))),
            downloads=downloads or None,
            groups=groups or None,
            card=_card(table["card"]),
            submits=bool(table.get("submission")),
            package=package,
            place=str(file),
            table=table,
        )
    except (tomli.TOMLDecodeError, UnicodeDecodeError, TypeError, AttributeError) as error:
        raise ValueError(f"{file}: {error}") from error
    except KeyError as error:
        raise ValueError(f"{file}: has no {error.args[0]}") from error


def _group(table: dict[str, Any]) -> PartGroup:
    lists: dict[str, Any] = {
        key: tuple(one) for key, one in table.items() if isinstance(one, list)
    }
    return PartGroup(**{**table, **lists})


def _card(table: dict[str, Any]) -> Card:
    if "languages" in table:
        table = {**table, "languages": tuple(table["languages"])}
    return Card(**table)
