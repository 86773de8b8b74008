"""One offer with all that is known of how to check it."""

from __future__ import annotations

import copy
import functools
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from aisbench.api import AisbenchError, Sample
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.plugins.targets import settings_class
from aisbench_testkit.checking.tables import CheckTable, CheckTables, GivenSetting, with_given
from aisbench_testkit.checking.twin import Twin, culprits
from aisbench_testkit.checks.making import WrongSettings, guessed, make
from aisbench_testkit.checks.trial import NotChecked, told


@frozen(kw_only=True)
class OfferCase:
    """An offer, the author's table for it, and the second process."""

    listed: Listed
    catalog: Catalog
    table: CheckTable
    folder: Path
    twin: Twin
    known: tuple[str, ...] = ()
    """Names of the offer's settings."""

    @property
    def label(self) -> str:
        """How results call it."""
        return f"{self.listed.offer.kind} {self.listed.offer.name}"

    @property
    def settings(self) -> dict[str, Any]:
        """What the author gives, and guesses for the rest that is required."""
        return {**guessed(self.listed), **self.table.settings}

    def make(self) -> Any:
        """A new object of the offer. Raises NotChecked where settings are missing."""
        try:
            return make(self.listed, self.settings, self.folder)
        except WrongSettings as error:
            if error.names <= set(self.table.settings):
                raise
            name = self.listed.offer.name
            raise NotChecked(
                f"needs settings: {error}",
                give=f"[tool.aisbench.check.{name}] settings = {{ {min(error.names)} = ... }}",
            ) from None

    def check_making(self) -> list[str]:
        """It can be constructed, with nothing but its settings."""
        try:
            self.make()
        except AisbenchError as error:
            return [f"making it raises {type(error).__name__}: {error.message}"]
        except NotChecked:
            raise
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is reported
            return [f"making it raises {told(error)}"]
        return []

    def sample(self, otherwise: Sample) -> Sample:
        """The author's sample, or ``otherwise``; a copy, which a plugin may spoil."""
        changes: dict[str, Any] = {}
        if self.table.fields:
            changes["fields"] = self.table.fields
        if self.table.target is not None:
            changes["target"] = self.table.target
        return copy.deepcopy(attrs.evolve(otherwise, **changes))

    @property
    def names(self) -> tuple[str, str]:
        """What the command line may call it."""
        offer = self.listed.offer
        return offer.name, f"{offer.kind}/{offer.name}"

    def is_meant(self, given: GivenSetting) -> bool:
        """Whether the command line means this offer."""
        return given.path_for(self.names, self.known) is not None

    def packages(self) -> list[Path]:
        """The folders of its own code and data."""
        return packages_of(self.listed)

    def compare(self, expected: dict[str, Any], **question: Any) -> tuple[dict[str, Any], str]:
        """What the second process answers, and, where it is not ``expected``, why."""
        offer = self.listed.offer
        asked = {
            "dist": self.listed.dist,
            "file": str(self.listed.file or ""),
            "kind": offer.kind,
            "name": offer.name,
            "settings": self.settings,
            "base": str(self.folder.absolute()),
            **question,
        }
        said = self.twin.ask(**asked)
        return said, "" if said == expected else culprits(self.twin.catalog, asked, expected)


def packages_of(listed: Listed) -> list[Path]:
    """The folders of an offer's own code and data."""
    targets = {listed.offer.target, listed.offer.settings or ""}
    package = getattr(listed.offer, "package", "")
    names = {target.partition(":")[0].partition(".")[0] for target in targets}
    return [folder for name in {*names, package} - {""} for folder in _folders(name)]


@functools.lru_cache
def _folders(name: str) -> tuple[Path, ...]:
    try:
        spec = importlib.util.find_spec(name)
    except ValueError:
        return ()  # a module of a file, which has no folder of its own
    if spec is None:
        return ()
    places = spec.submodule_search_locations or ([spec.origin] if spec.origin else [])
    return tuple(Path(place) for place in places)


def case_of(
    listed: Listed,
    catalog: Catalog,
    tables: CheckTables,
    given: Sequence[GivenSetting],
    twin: Twin,
) -> OfferCase:
    """The case of an offer. What the command line sets wins over the tables."""
    offer = listed.offer
    try:
        cls: Any = settings_class(listed)
        known = [one.name for one in attrs.fields(cls)] if cls and attrs.has(cls) else []
    except Exception:  # noqa: BLE001 - its own check reports it
        known = []
    table = with_given(
        tables.of(offer.kind, offer.name),
        given,
        (offer.name, f"{offer.kind}/{offer.name}"),
        known,
    )
    return OfferCase(
        listed=listed,
        catalog=catalog,
        table=table,
        folder=tables.folder,
        twin=twin,
        known=tuple(known),
    )
