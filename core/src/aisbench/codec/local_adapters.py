"""LoRA adapters of a model in this process: folders, or hub names, by the names of the suite."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aisbench.base.errors import AisbenchError
from aisbench.codec.checkpoint import check_adapter, check_folder
from aisbench.codec.fingerprint import fingerprint_of, model_folder
from aisbench.types.json import JsonObject, JsonValue

ADAPTER_ID = "adapter_id"


def adapter_asked(generation: JsonObject) -> str:
    """The name of a request's adapter; "" for the model itself."""
    return str(generation.get(ADAPTER_ID) or "")


def without_adapter(generation: JsonObject) -> dict[str, JsonValue]:
    """The settings that say how an answer is drawn."""
    return {name: value for name, value in generation.items() if name != ADAPTER_ID}


def refused_adapter(generation: JsonObject, loras: Mapping[str, str]) -> dict[str, str]:
    """Why a request's adapter cannot answer; empty where it can, or none is asked for."""
    name = adapter_asked(generation)
    if not name or name in loras:
        return {}
    if not loras:
        return {ADAPTER_ID: f'set loras = {{ {name} = "FOLDER" }} in the model\'s table'}
    return {ADAPTER_ID: f"loras of the model has no {name!r}: it has {', '.join(loras)}"}


def check_local_adapters(loras: Mapping[str, str], lora: str, key: str) -> None:
    """That the folders are there and whole, and that the setting ``key``, of one adapter for all
    answers, is not given too. Raises AisbenchError."""
    if loras and lora:
        raise AisbenchError(
            f"{key} and loras are given both", hint=f"name the adapter of {key} in loras too"
        )
    for name, path in loras.items():
        if check_folder(f"loras.{name}", path):
            check_adapter(Path(path))


def fingerprint_of_adapters(loras: Mapping[str, str]) -> dict[str, str]:
    """Digests of their files, by ``adapter/NAME/FILE``; of those not on this machine nothing."""
    found: dict[str, str] = {}
    for name, path in loras.items():
        if (folder := model_folder(path)) is not None:
            found |= fingerprint_of(folder, f"adapter/{name}/")
    return found
