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
    "sounds": Capability.AUDIO,
    "films": Capability.VIDEO,
    "log-probabilities": Capability.LOGPROBS,
}
OTHER_ANSWERS = {
    "vectors": Capability.EMBED,
    "relevance": Capability.RERANK,
    "labels": Capability.CLASSIFY,
    "transcripts": Capability.TRANSCRIBE,
}
"""What a backend answers with in the place of the model's own words, in one column."""
_WORDS = {Support.FULL: "yes", Support.DEPENDS: "depends", None: ""}


def backend_table(catalog: Catalog) -> str:
    """In Markdown, by name. "depends": the protocol has it, server and model must as well.
    Films are also shown as pictures of them, which needs images alone."""
    lines = [
        "| backend | " + " | ".join(COLUMNS) + " | other answers | performance mode |",
        "|---" * (len(COLUMNS) + 3) + "|",
    ]
    for one in sorted(catalog.of_kind("backend"), key=lambda one: one.offer.name):
        offer = one.offer
        assert isinstance(offer, BackendOffer)
        cells = [_WORDS[offer.capabilities.get(column)] for column in COLUMNS.values()]
        cells.append(
            ", ".join(name for name, one in OTHER_ANSWERS.items() if one in offer.capabilities)
        )
        if offer.local:
            load = ""
        elif Capability.STREAM in offer.capabilities:
            load = "yes"
        else:
            load = "without TTFT, TPOT"
        lines.append(f"| `{offer.name}` | " + " | ".join([*cells, load]) + " |")
    return "\n".join(lines)
