"""What this plugin offers beside its data set: pictures that are edited already, as a model."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import BackendOffer, Capability, Support, hookimpl

AISBENCH_API = "1.1"

_P = "aisbench_plugin_gedit"


@hookimpl
def aisbench_backends() -> Iterable[BackendOffer]:
    return [
        BackendOffer(
            name="edited-pictures",
            summary="No model: pictures that were edited elsewhere, found by the ids of rows.",
            target=f"{_P}.edited:EditedPictures",
            settings=f"{_P}.edited:EditedSettings",
            local=True,
            capabilities={Capability.CHAT: Support.FULL, Capability.IMAGES: Support.FULL},
        )
    ]
