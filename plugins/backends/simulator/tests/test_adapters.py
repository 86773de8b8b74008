"""LoRA adapters: slots, the time of a load, and what is told of them."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import aiohttp
import pytest

from aisbench.api import AisbenchError
from aisbench_plugin_simulator.adapter_spec import AdapterSpec
from aisbench_plugin_simulator.config import change
from aisbench_plugin_simulator.server import run_in_thread
from aisbench_plugin_simulator.settings import SimulatorSettings

ADAPTERS = (AdapterSpec("a", 60), AdapterSpec("b", 30), AdapterSpec("c", 0))


def asked(url: str, *bodies: tuple[str, dict[str, Any]]) -> list[tuple[int, float, Any]]:
    """Status, seconds and body of requests that are sent at once."""

    async def one(session: aiohttp.ClientSession, path: str, body: Any) -> tuple[int, float, Any]:
        begun = time.monotonic()
        async with session.post(f"{url}{path}", json=body) as reply:
            return reply.status, time.monotonic() - begun, json.loads(await reply.read())

    async def all_of() -> list[tuple[int, float, Any]]:
        async with aiohttp.ClientSession() as session:
            return await asyncio.gather(*(one(session, *each) for each in bodies))

    return asyncio.run(all_of())


def completion(model: str) -> tuple[str, dict[str, Any]]:
    return "/v1/completions", {"model": model, "prompt": "x", "max_tokens": 2}


def test_the_adapter_used_longest_ago_makes_room_and_loads_take_their_time() -> None:
    with run_in_thread(SimulatorSettings(adapter=ADAPTERS, max_loras=2)) as served:
        for name, least in (("a", 0.06), ("a", 0), ("b", 0.03), ("c", 0), ("b", 0), ("a", 0.06)):
            ((status, took, _),) = asked(served.url, completion(name))
            assert status == 200 and least <= took < least + 0.05, name
        stats = served.simulator.adapters.stats(served.simulator.settings)
        assert stats["loads"] == {"a": 2, "b": 1, "c": 1}
        assert stats["evictions"] == {"a": 1, "c": 1}
        assert stats["requests"] == {"a": 3, "b": 2, "c": 1} and stats["loaded"] == ["b", "a"]


def test_what_comes_during_a_load_waits_for_it_and_full_slots_for_an_end() -> None:
    settings = SimulatorSettings(adapter=ADAPTERS, max_loras=1, ttft_ms=20)
    with run_in_thread(settings) as served:
        found = asked(served.url, *map(completion, ("a", "a", "b", "simulator")))
        assert [status for status, _, _ in found] == [200] * 4
        first, second, other, base = (took for _, took, _ in found)
        assert min(first, second) >= 0.08 and max(first, second) < 0.13
        assert other >= 0.13 and base < 0.06
        stats = served.simulator.adapters.stats(settings)
        assert stats["loads"] == {"a": 1, "b": 1} and stats["cold"] == {"a": 2, "b": 1}
        lines = "\n".join(served.simulator.adapters.lines(settings))
        assert 'max_lora="1",running_lora_adapters="",waiting_lora_adapters=""' in lines


def test_every_protocol_names_its_adapter() -> None:
    with run_in_thread(SimulatorSettings(adapter=ADAPTERS, max_loras=0)) as served:
        sampling = json.dumps({"lora_name": "c", "max_tokens": 2})
        found = asked(
            served.url,
            completion("a"),
            completion("simulator:b"),
            ("/v1/completions", {"prompt": "x", "max_tokens": 2, "lora_path": "c"}),
            ("/generate", {"inputs": "x", "parameters": {"adapter_id": "c"}}),
            ("/infer", {"inputs": "x", "parameters": {"adapter_id": "c"}}),
            (
                "/v2/models/simulator/generate",
                {"text_input": "x", "sampling_parameters": sampling},
            ),
            completion("nobody"),
            ("/generate", {"inputs": "x", "parameters": {"adapter_id": "nobody"}}),
        )
        assert [status for status, _, _ in found] == [200] * 6 + [404, 400]
        assert served.simulator.adapters.requests == {"a": 1, "b": 1, "c": 4}
        assert found[0][2]["model"] == "a"


def test_an_adapter_has_a_prefix_cache_of_its_own_wherever_it_is_named() -> None:
    text = "one two three four five six seven eight nine ten"
    with run_in_thread(SimulatorSettings(adapter=ADAPTERS, max_loras=0, block_size=4)) as served:
        for parameters in ({}, {"adapter_id": "a"}, {"adapter_id": "c"}, {"adapter_id": "a"}):
            asked(served.url, ("/generate", {"inputs": text, "parameters": parameters}))
        assert served.simulator.prefixes.hits == 8


@pytest.mark.parametrize("text", ["", "=5", "a=-1", "a=x", "a,b=1"])
def test_a_wrong_adapter_is_told(text: str) -> None:
    with pytest.raises(AisbenchError, match="adapter: "):
        change(SimulatorSettings(), {"adapter": [text]})


def test_adapters_are_read_and_shown() -> None:
    made = change(SimulatorSettings(), {"adapter": ["sql=80", "chat"]})
    assert made.adapter == (AdapterSpec("sql", 80), AdapterSpec("chat"))
    assert list(map(str, made.adapter)) == ["sql=80", "chat=0"]
