"""What the contract will lose: told to those who use it, with a date, for two minor versions.

Nothing else is told, so an entry here costs nothing to plugins that do not use it.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal

import attrs
from attrs import field, frozen, validators

from aisbench.contract.versions import api_version
from aisbench.types.offer import Offer


class ContractWarning(FutureWarning):
    """A plugin uses what the contract will lose. Shown without being asked for, as whoever
    uses the plugin is to upgrade it in time."""


@frozen(kw_only=True)
class Deprecation:
    """One thing that goes.

    ``kind`` and ``name``: a "hook" (``aisbench_datasets``), an "attribute" of an offer
    (``DatasetOffer.dialogue``; it is used where its value is not the default), or a "name" of
    ``aisbench.api``, which ``target`` ("module:attribute") holds until then. It is told from
    version ``since`` on, and goes with ``gone``, two minor versions later at the earliest or with
    a new major one, and not before ``date`` (YYYY-MM-DD). ``instead`` says what to use.
    """

    kind: Literal["hook", "attribute", "name"]
    name: str
    since: str
    gone: str
    date: str = field(validator=validators.matches_re(r"\d{4}-\d\d-\d\d"))
    instead: str
    target: str = ""

    def __attrs_post_init__(self) -> None:
        (major, minor), (last_major, last_minor) = map(api_version, (self.since, self.gone))
        if last_major == major and last_minor < minor + 2:
            raise ValueError(
                f"{self.name}: {self.gone} is not two minor versions after {self.since}"
            )

    def told(self) -> str:
        """One sentence for who uses it."""
        kind = {"hook": "the hook", "attribute": "the attribute", "name": "the name"}[self.kind]
        return (
            f"uses {kind} {self.name}, which goes with version {self.gone} of the plugin API, "
            f"not before {self.date}: {self.instead}"
        )


DEPRECATIONS: tuple[Deprecation, ...] = ()
"""All that goes. ``docs/reference/contract.md`` tells it to authors of plugins."""


def used_by(
    hooks: Collection[str],
    offers: Iterable[Offer],
    deprecations: Sequence[Deprecation] = DEPRECATIONS,
) -> list[str]:
    """A sentence for each thing that goes and that a plugin with these hooks and offers uses."""
    if not deprecations:
        return []
    used = set(hooks)
    for offer in offers:
        for one in attrs.fields(type(offer)):
            if getattr(offer, one.name) != _default(one):
                used |= {f"{cls.__name__}.{one.name}" for cls in type(offer).__mro__}
    return [one.told() for one in deprecations if one.kind != "name" and one.name in used]


def deprecated_name(name: str, deprecations: Sequence[Deprecation] = DEPRECATIONS) -> Any:
    """What ``aisbench.api`` had under ``name`` and will lose, with a warning to its importer.
    Raises AttributeError for all other names."""
    for one in deprecations:
        if one.kind == "name" and one.name == name:
            warnings.warn(f"{one.told()}", ContractWarning, stacklevel=3)
            module, _, attribute = one.target.partition(":")
            return getattr(importlib.import_module(module), attribute)
    raise AttributeError(f"module 'aisbench.api' has no attribute {name!r}")


def _default(one: attrs.Attribute[Any]) -> Any:
    factory = getattr(one.default, "factory", None)
    return factory() if factory is not None else one.default
