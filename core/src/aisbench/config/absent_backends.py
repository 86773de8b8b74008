"""Models of a stored run whose backend is not installed here: their answers can be judged and
scored all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from aisbench.base.errors import PluginError
from aisbench.config.offer_keys import common_settings
from aisbench.config.plan import Model
from aisbench.config.resolve import ComponentMaker
from aisbench.plugins.catalog import Listed
from aisbench.settings.convert import structure
from aisbench.settings.problems import Problems
from aisbench.types.json import JsonObject
from aisbench.types.offer import BackendOffer, Capability, Support


class AbsentBackend:
    """Stands for a backend that cannot be used, and is not asked."""

    def refused(self, generation: Mapping[str, Any]) -> Mapping[str, str]:
        """Nothing: what was asked was taken."""
        return {}


def backend_record(model: Model) -> JsonObject:
    """What a run keeps of a model's backend, for machines that do not have it."""
    offer = model.offer
    return {
        "name": offer.name,
        "distribution": model.listed.dist,
        "version": model.listed.version,
        "local": offer.local,
        "transport": offer.transport,
        "capabilities": {need.value: how.value for need, how in offer.capabilities.items()},
    }


def absent_model(
    maker: ComponentMaker, name: str, table: Mapping[str, Any], recorded: Any
) -> Model | None:
    """The model as its run ``recorded`` its backend (:func:`backend_record`); None where nothing
    is recorded, the backend is installed, or the suite names another one now."""
    if recorded is None:
        return None
    wanted = table.get("backend")
    if wanted not in (recorded["name"], f"{recorded['distribution']}/{recorded['name']}"):
        return None
    try:
        maker.catalog.find(BackendOffer, wanted)
    except PluginError:
        offer = BackendOffer(
            name=recorded["name"],
            summary="not installed here",
            target="",
            local=recorded["local"],
            transport=recorded["transport"],
            capabilities={
                Capability(need): Support(how) for need, how in recorded["capabilities"].items()
            },
        )
    else:
        return None
    common_class: Any = common_settings(offer)
    names = {field.name for field in attrs.fields(common_class)}
    try:
        common = structure(
            common_class, {key: table[key] for key in table if key in names}, maker.source.base
        )
    except Problems as error:
        maker.add_all(("models", name), error.problems)
        return None
    listed = Listed(
        offer=offer,
        plugin=recorded["name"],
        dist=recorded["distribution"],
        version=recorded["version"],
    )
    return Model(
        name=name,
        offer=offer,
        listed=listed,
        common=common,
        settings={key: table[key] for key in table if key not in names and key != "backend"},
        backend=AbsentBackend(),  # type: ignore[arg-type]
    )


def check_present(models: tuple[Model, ...], what: str) -> None:
    """Raises PluginError for the first model that is to be asked and cannot be."""
    for model in models:
        if isinstance(model.backend, AbsentBackend):
            raise PluginError(
                f"models.{model.name}: {what}, and its backend {model.offer.name!r} is not "
                "installed here",
                hint=f"pip install {model.listed.dist}",
            )
