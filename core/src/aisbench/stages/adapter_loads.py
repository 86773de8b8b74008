"""Requests to LoRA adapters apart by whether the adapter had to be loaded for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from aisbench.conversation.adapters import LABEL, NO_ADAPTER
from aisbench.store.recording.columns import Recording

if TYPE_CHECKING:
    from aisbench.telemetry.reading import Scrape

START = "adapter start"
"""The label: "NAME, cold" or "NAME, warm"; of many adapters "cold" or "warm"."""


def with_starts(
    recording: Recording, scrapes: Sequence[Scrape]
) -> tuple[Recording, tuple[str, ...]]:
    """The recording with the label, where its requests have adapters; and what a reader must know
    of it."""
    adapters = recording.labels.get(LABEL)
    if adapters is None or not any(one != NO_ADAPTER for one in adapters.values):
        return recording, ()
    from aisbench.metrics.adapter_starts import adapter_starts
    from aisbench.telemetry.adapter_slots import LORA_INFO, adapter_slots

    slots = adapter_slots(scrapes)
    starts = adapter_starts(recording, adapters, NO_ADAPTER, slots)
    if slots is None:
        why = (
            f"the server does not tell how many it holds ({LORA_INFO})"
            if scrapes
            else "the server was not asked how many it holds (load.scrape = true)"
        )
        note = (
            "cold are the requests up to the first token of each adapter's first use, "
            f"{starts.first} uses in all; that one was dropped and loaded again is not known, as "
            f"{why}"
        )
    else:
        note = (
            f"loads of adapters: {starts.first} first uses, and {starts.again} after a drop, as "
            f"the server holds {slots} at once ({LORA_INFO}). Told by this client's requests, if "
            "nobody else asks the server"
        )
    notes = [note]
    if starts.held:
        notes.append(
            f"{starts.held} first uses of adapters were answered as soon as requests that waited "
            "for no load: the server may have held them from before, and they count as cold"
        )
    if starts.doubtful:
        notes.append(
            f"{starts.doubtful} requests to adapters were sent just as a load ended: they count "
            "as warm, and may be cold"
        )
    labels = {**recording.labels, START: starts.label}
    return attrs.evolve(recording, labels=labels), tuple(notes)
