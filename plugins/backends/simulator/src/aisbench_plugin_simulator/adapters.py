"""LoRA adapters as vLLM serves them: so many slots, and the time that an adapter takes to load.

An adapter that no slot holds is loaded into a free one, or into that of the one whose last answer
is the longest ago; where all of them are answering, requests wait. What comes while an adapter is
being loaded waits for that load.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import orjson
from attrs import define, field

from aisbench_plugin_simulator.adapter_spec import AdapterSpec
from aisbench_plugin_simulator.journal import Record
from aisbench_plugin_simulator.refusal import Refusal
from aisbench_plugin_simulator.settings import SimulatorSettings


@define
class LoadedAdapter:
    """An adapter in a slot; ``ready`` ends with its load."""

    ready: asyncio.Future[None]
    running: int = 0
    """Requests that it answers, or that wait for its load."""
    used_ns: int = 0
    """When the last of them ended."""


@define
class AdapterSlots:
    """Which adapters are loaded, and what was counted of them."""

    loaded: dict[str, LoadedAdapter] = field(factory=dict)
    requests: Counter[str] = field(factory=Counter)
    cold: Counter[str] = field(factory=Counter)
    """Requests that waited for a load."""
    loads: Counter[str] = field(factory=Counter)
    evictions: Counter[str] = field(factory=Counter)
    waiting: Counter[str] = field(factory=Counter)
    _freed: asyncio.Condition = field(factory=asyncio.Condition)

    def reset(self) -> None:
        """Forget what was counted, and every adapter that answers nothing."""
        for counts in (self.requests, self.cold, self.loads, self.evictions):
            counts.clear()
        self.loaded = {name: one for name, one in self.loaded.items() if one.running}

    @contextlib.asynccontextmanager
    async def used(
        self, settings: SimulatorSettings, body: bytes, record: Record
    ) -> AsyncIterator[None]:
        """The adapter that a request asks for is loaded, as long as it is answered; the record is
        told how long it waited. Raises Refusal for an adapter that is not served."""
        spec = asked_adapter(body, settings) if settings.adapter else None
        if spec is None:
            yield
            return
        record.adapter = spec.name
        self.requests[spec.name] += 1
        one = await self._taken(spec, settings, record)
        try:
            if not one.ready.done():
                record.cold = True
                self.cold[spec.name] += 1
                await asyncio.shield(one.ready)
                record.waited_ns = time.monotonic_ns() - record.arrival_ns
            yield
        finally:
            one.running -= 1
            one.used_ns = time.monotonic_ns()
            if not one.running:
                async with self._freed:
                    self._freed.notify_all()

    async def _taken(
        self, spec: AdapterSpec, settings: SimulatorSettings, record: Record
    ) -> LoadedAdapter:
        """The adapter in its slot, in which it is now being loaded if it was not there."""
        self.waiting[spec.name] += 1
        try:
            while True:
                one = self.loaded.get(spec.name)
                if one is None and self._has_room(settings):
                    self.loads[spec.name] += 1
                    one = self.loaded[spec.name] = LoadedAdapter(_after(spec.load_ms))
                if one is not None:
                    one.running += 1
                    return one
                async with self._freed:
                    await self._freed.wait()
                record.waited_ns = time.monotonic_ns() - record.arrival_ns
        finally:
            self.waiting[spec.name] -= 1

    def _has_room(self, settings: SimulatorSettings) -> bool:
        """Whether a slot is free, or was made so."""
        if not settings.max_loras or len(self.loaded) < settings.max_loras:
            return True
        idle = [(one.used_ns, name) for name, one in self.loaded.items() if not one.running]
        if not idle:
            return False
        _, oldest = min(idle)
        del self.loaded[oldest]
        self.evictions[oldest] += 1
        return True

    def stats(self, settings: SimulatorSettings) -> dict[str, Any]:
        """The truth about adapters, as JSON values."""
        return {
            "max_loras": settings.max_loras,
            "loaded": list(self.loaded),
            "requests": dict(self.requests),
            "cold": dict(self.cold),
            "loads": dict(self.loads),
            "evictions": dict(self.evictions),
        }

    def lines(self, settings: SimulatorSettings) -> list[str]:
        """vLLM's metric of them, in Prometheus's text format: its value is the time."""
        running = ",".join(name for name, one in self.loaded.items() if one.running)
        waiting = ",".join(name for name, count in self.waiting.items() if count)
        labels = (
            f'max_lora="{settings.max_loras or len(settings.adapter)}",'
            f'running_lora_adapters="{running}",waiting_lora_adapters="{waiting}"'
        )
        return [
            "# HELP vllm:lora_requests_info Running stats on lora requests.",
            "# TYPE vllm:lora_requests_info gauge",
            f"vllm:lora_requests_info{{{labels}}} {time.time()!r}",
        ]


def asked_adapter(body: bytes, settings: SimulatorSettings) -> AdapterSpec | None:
    """The adapter that a request of any protocol asks for; None: the model itself. Raises
    Refusal."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None  # the protocol says what is wrong with it
    if not isinstance(data, dict):
        return None
    known = {one.name: one for one in settings.adapter}
    for name, nested in _named(data):
        if name in known:
            return known[name]
        if nested:
            raise Refusal(400, f"LoRA {name} is not supported, we currently support {list(known)}")
    return None


def adapter_of_model(model: str, settings: SimulatorSettings) -> str | None:
    """The adapter that a request names in the place of its model, as vLLM has it, or behind a
    colon, as SGLang does; None for another name."""
    base, _, behind = model.rpartition(":")
    for one in settings.adapter:
        if one.name == model or (one.name == behind and base in settings.model):
            return one.name
    return None


def _named(data: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Names of adapters, and whether each stands where nothing else can."""
    if isinstance(model := data.get("model"), str):
        yield model, False
        yield model.rpartition(":")[2], False
    nested = data.get("parameters")
    text = data.get("sampling_parameters")
    try:
        sampling = orjson.loads(text) if isinstance(text, str) else None
    except orjson.JSONDecodeError:
        sampling = None
    for table, key in ((data, "lora_path"), (nested, "adapter_id"), (sampling, "lora_name")):
        name = table.get(key) if isinstance(table, dict) else None
        if isinstance(name, str) and name:
            yield name, True


def _after(load_ms: float) -> asyncio.Future[None]:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    if load_ms:
        loop.call_later(load_ms / 1000, ready.set_result, None)
    else:
        ready.set_result(None)
    return ready
