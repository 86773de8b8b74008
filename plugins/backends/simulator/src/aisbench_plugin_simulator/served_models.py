"""``/v1/models``: the models that are served."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import orjson
from aiohttp import web

from aisbench_plugin_simulator.asking import no_model
from aisbench_plugin_simulator.refusal import error_body
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.simulator import SIMULATOR


async def models(request: web.Request) -> web.Response:
    """GET /v1/models."""
    settings = request.app[SIMULATOR].settings
    data = [card(name, settings, parent) for name, parent in served(settings)]
    return web.Response(
        body=orjson.dumps({"object": "list", "data": data}), content_type="application/json"
    )


async def model(request: web.Request) -> web.Response:
    """GET /v1/models/ID, whose id may hold slashes."""
    settings = request.app[SIMULATOR].settings
    name = request.match_info["model"]
    parents = dict(served(settings))
    if name not in parents:
        data, status = error_body(no_model(name, settings), settings), 404
    else:
        data, status = orjson.dumps(card(name, settings, parents[name])), 200
    return web.Response(body=data, status=status, content_type="application/json")


def served(settings: SimulatorSettings) -> list[tuple[str, str | None]]:
    """The names of models and adapters, each with the model of which it is an adapter."""
    models: list[tuple[str, str | None]] = [(name, None) for name in settings.model]
    return models + [(one.name, settings.model[0]) for one in settings.adapter]


def card(name: str, settings: SimulatorSettings, parent: str | None = None) -> dict[str, Any]:
    """What is told of a model, as by vLLM; ``parent`` is that of an adapter."""
    created = int(time.time())
    permission = {
        "id": f"modelperm-{hashlib.sha256(name.encode()).hexdigest()[:16]}",
        "object": "model_permission",
        "created": created,
        "allow_create_engine": False,
        "allow_sampling": True,
        "allow_logprobs": True,
        "allow_search_indices": False,
        "allow_view": True,
        "allow_fine_tuning": False,
        "organization": "*",
        "group": None,
        "is_blocking": False,
    }
    return {
        "id": name,
        "object": "model",
        "created": created,
        "owned_by": "aisbench",
        "root": name,
        "parent": parent,
        "max_model_len": None if parent else settings.max_model_len,
        "permission": [permission],
    }
