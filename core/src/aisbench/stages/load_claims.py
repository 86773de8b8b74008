"""Whether a load was what its keys say: of one phase alone, by users who kept their rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aisbench.config.load_keys import LoadSettings
from aisbench.store.recording.columns import Recording
from aisbench.store.recording.documents import LoadDocument
from aisbench.telemetry.reading import Scrape
from aisbench.types.server_metrics import ServerMetrics
from aisbench.types.single_phase import SinglePhase


def phase_of(
    recording: Recording,
    settings: LoadSettings,
    server: ServerMetrics | None,
    scrapes: Sequence[Scrape],
) -> SinglePhase | None:
    """Whether a load of one phase was one; None of others."""
    from aisbench.metrics.single_phase import single_phase
    from aisbench.telemetry.cache_facts import cache_facts

    if not settings.only:
        return None
    counters = (server.counters if server is not None else None) or {}
    own = settings.prefix_cache
    block = own.block_size if own is not None else None
    return single_phase(
        recording, settings.only, counters, block or cache_facts(scrapes).block_size
    )


def users_of(recording: Recording, document: LoadDocument) -> Iterator[str]:
    """Whether users kept the rate that the shape of that name gave them."""
    from aisbench.metrics.user_rate import user_rate

    rate, drawn = document.asked.get("rate_per_user"), document.asked.get("gaps") != "fixed"
    if document.asked.get("shape") == "users" and isinstance(rate, (int, float)):
        yield from user_rate(recording, round(1e9 / rate), drawn)
