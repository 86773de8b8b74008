"""Finding every key of a request that a server refuses, although it names one at a time.

The request is sent again without the key that was named, until it passes, which spares a user one
run for each key. Nothing that is sent here is counted anywhere.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import attrs
from attrs import frozen

from aisbench.codec import dumps, http_fault, loads
from aisbench.config.plan import Task
from aisbench.contract.service_backends import SettingBackend
from aisbench.engine.advice import CONTEXT
from aisbench.engine.body import BodyDecoder
from aisbench.engine.client import HttpClient
from aisbench.engine.replicas import Replica
from aisbench.types.http import HttpRequest
from aisbench.types.request import Request
from aisbench.types.response import Fault

REFUSING = frozenset({400, 422})
MOST = 24
"""Requests that one diagnosis may send."""
TRIAL_SECONDS = 20.0
_KEPT = frozenset(
    {"model", "messages", "prompt", "input", "inputs", "text_input", "stream", "id", "outputs"}
)
"""Keys that a request cannot do without."""
_TABLES = ("parameters", "sampling_parameters")

Key = tuple[str, ...]


@frozen(kw_only=True)
class Diagnosis:
    """``refused`` are the keys that a server rejects, with its words; ``passes`` says that the
    request is answered without them. ``fault`` is that of the whole request."""

    fault: Fault
    refused: Mapping[str, str]
    passes: bool


async def diagnose(
    client: HttpClient, task: Task, request: Request, replica: Replica
) -> Diagnosis | None:
    """What is wrong with a request, by sending it again; None where it is answered now.

    Only refusals (400, 422) are looked into further.
    """
    wire = task.model.codec.encode(request)
    fault = await _fault(client, wire, replica)
    if fault is None:
        return None
    body = loads(wire.body)
    if fault.status not in REFUSING or not isinstance(body, dict) or CONTEXT.search(_words(fault)):
        return Diagnosis(fault=fault, refused={}, passes=False)
    trial = _Trial(client, wire, replica)
    refused: dict[str, str] = {}
    left, now = body, fault
    while (named := named_keys(now, left)) and trial.left:
        for key in named:
            refused[key[-1]] = now.message
            left = _without(left, key)
        after = await trial.send(left)
        if after is None:
            return Diagnosis(fault=fault, refused=refused, passes=True)
        now = after
    found = await _one_by_one(trial, left) if now.status in REFUSING else None
    if found is not None:
        return Diagnosis(fault=fault, refused={**refused, **found}, passes=True)
    return Diagnosis(fault=fault, refused=refused, passes=False)


def named_keys(fault: Fault, body: Mapping[str, Any]) -> list[Key]:
    """The keys of ``body`` that an error names: as FastAPI (``loc``) or OpenAI (``param``) have
    it, else in its sentence."""
    keys = {key[-1]: key for key in _optional(body)}
    error = loads((fault.body or "").encode())
    named = [name for name in _places(error) if name in keys]
    if not named:
        # Whole words: max_completion_tokens does not name max_tokens.
        quoted = re.findall(r"['\"`]([A-Za-z_]\w*)['\"`]", fault.message)
        words = re.findall(r"[A-Za-z_]\w*", fault.message)
        named = [name for name in quoted if name in keys]
        named = named or [name for name in words if name in keys and "_" in name]
        named = named or [name for name in words if name in keys]
    return [keys[name] for name in dict.fromkeys(named)]


def setting_that_stops(key: str, task: Task) -> str:
    """What to write so that ``key`` is no longer sent."""
    model, dataset = task.model, task.dataset
    codec = model.codec
    own = codec.setting_of(key) if isinstance(codec, SettingBackend) else None
    if own:
        return f"models.{model.name}.{own}"
    settings = dataset.settings
    if attrs.has(type(settings)) and isinstance(getattr(settings, key, None), bool):
        return f"datasets.{dataset.name}.{key} = false"
    origin = task.generation_origin.get(key)
    if origin is None:
        return f"no setting stops it: the data set {dataset.name} asks for it"
    if origin.startswith("["):
        return f"leave {key} out of {origin}"
    return f"no setting stops it: it is of the data set's {origin}"


def describe(found: Diagnosis, task: Task) -> str:
    """The refused keys with their settings, for the user; "" where none was found."""
    if not found.refused:
        return ""
    lines = [
        f"the server refuses {len(found.refused)} of the keys that are sent"
        + (", and answers without them:" if found.passes else ":")
    ]
    for key, words in found.refused.items():
        lines.append(f"    {key} ({words[:120]}): {setting_that_stops(key, task)}")
    return "\n".join(lines)


@attrs.define
class _Trial:
    client: HttpClient
    wire: HttpRequest
    replica: Replica
    left: int = MOST

    async def send(self, body: Mapping[str, Any]) -> Fault | None:
        self.left -= 1
        wire = attrs.evolve(self.wire, body=dumps(dict(body)))
        return await _fault(self.client, wire, self.replica)


async def _one_by_one(trial: _Trial, body: Mapping[str, Any]) -> dict[str, str] | None:
    """The keys that are refused without being named; None where other keys are the cause."""
    optional = _optional(body)
    bare: Mapping[str, Any] = body
    for key in optional:
        bare = _without(bare, key)
    if not optional or await trial.send(bare) is not None:
        return None
    refused: dict[str, str] = {}
    for key in optional:
        if trial.left <= 0:
            break
        others = [one for one in optional if one != key]
        alone: Mapping[str, Any] = body
        for one in others:
            alone = _without(alone, one)
        if fault := await trial.send(alone):
            refused[key[-1]] = fault.message
    return refused or None


async def _fault(client: HttpClient, wire: HttpRequest, replica: Replica) -> Fault | None:
    body = BodyDecoder()
    try:
        attempt = await asyncio.wait_for(
            client.attempt(wire, body, replica, stream=False), TRIAL_SECONDS
        )
    except asyncio.TimeoutError:
        if 200 <= body.status < 300:
            return None  # it answers, at length
        raise
    if attempt.response.fault is not None:
        return attempt.response.fault
    return None if 200 <= body.status < 300 else http_fault(body.status, body.data)


def _optional(body: Mapping[str, Any]) -> list[Key]:
    found: list[Key] = []
    for name, value in body.items():
        if name in _TABLES and isinstance(value, dict):
            found += [(name, inner) for inner in value]
        elif name not in _KEPT:
            found.append((name,))
    return found


def _without(body: Mapping[str, Any], key: Key) -> dict[str, Any]:
    if len(key) == 1:
        return {name: value for name, value in body.items() if name != key[0]}
    return {**body, key[0]: {k: v for k, v in body[key[0]].items() if k != key[1]}}


def _places(value: Any, depth: int = 6) -> list[str]:
    """The names in ``loc`` lists and ``param`` strings, at any depth."""
    found: list[str] = []
    if isinstance(value, dict) and depth:
        place = value.get("loc")
        if isinstance(place, list):
            found += [part for part in place if isinstance(part, str)]
        if isinstance(param := value.get("param"), str):
            found += param.split(".")
        for name, inner in value.items():
            if name not in ("loc", "param", "input"):
                found += _places(inner, depth - 1)
    elif isinstance(value, list) and depth:
        for inner in value[:20]:
            found += _places(inner, depth - 1)
    return found


def _words(fault: Fault) -> str:
    return f"{fault.message} {fault.body or ''}"
