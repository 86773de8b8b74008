"""How many LoRA adapters a server holds at once, as it publishes it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.telemetry.parse import parse
from aisbench.telemetry.reading import Scrape
from aisbench.telemetry.snapshot import plain

LORA_INFO = "vllm:lora_requests_info"
"""vLLM's: a gauge whose labels say what there is to say, ``max_lora`` among them."""

_NAME = plain(LORA_INFO)


def adapter_slots(scrapes: Iterable[Scrape]) -> int | None:
    """The least of what the servers say; None where none says anything."""
    found: list[int] = []
    known: set[str] = set()
    for one in scrapes:
        if one.url in known:
            continue
        lines = (line for line in one.text.split("\n") if "lora_requests_info" in line)
        for value in parse("\n".join(lines)):
            slots = value.labels.get("max_lora", "")
            if plain(value.name) == _NAME and slots.isdecimal() and int(slots):
                found.append(int(slots))
                known.add(one.url)
    return min(found, default=None)
