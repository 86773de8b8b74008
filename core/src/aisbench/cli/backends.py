"""What each installed backend can do, as a table."""

from __future__ import annotations

from aisbench.plugins.catalog import Catalog
from aisbench.types.offer import BackendOffer, Capability, Support

COLUMNS = {
    "text": Capability.TEXT,
    "token ids": Capability.TOKENS,
    "chat, turns": Capability.CHAT,
    "stream": Capability.STREAM,
    "counts": Capability.USAGE,
    "tools": Capability.TOOLS,
    "images": Capability.IMAGES,
    "log-probabilities": Capability.LOGPROBS,
}
_WORDS = {Support.FULL: "yes", Support.DEPENDS: "depends", None: ""}


def backend_table(catalog: Catalog) -> str:
    """In Markdown, by name. "depends": the protocol has it, server and model must as well."""
    lines = [
        "| backend | " + " | ".join(COLUMNS) + " | performance mode |",
        "|---" * (len(COLUMNS) + 2) + "|",
    ]
    for one in sorted(catalog.of_kind("backend"), key=lambda one: one.offer.name):
        offer = one.offer
        assert isinstance(offer, BackendOffer)
        cells = [_WORDS[offer.capabilities.get(column)] for column in COLUMNS.values()]
        if offer.local:
            load = ""
        elif Capability.STREAM in offer.capabilities:
            load = "yes"
        else:
            load = "without TTFT, TPOT"
        lines.append(f"| `{offer.name}` | " + " | ".join([*cells, load]) + " |")
    return "\n".join(lines)
