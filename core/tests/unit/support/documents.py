"""A made-up load.json, of which a test changes what it is about."""

from __future__ import annotations

import json
from typing import Any

import attrs

from aisbench.config.load_keys import LoadSettings
from aisbench.store.recording.documents import LoadDocument


def load_document(**changes: Any) -> LoadDocument:
    """The document of a load in a closed loop that has just begun."""
    document = LoadDocument(
        label="concurrency=4",
        shape="closed",
        asked={"concurrency": 4},
        settings=json.loads(json.dumps(attrs.asdict(LoadSettings()))),
        model="m",
        urls=("http://127.0.0.1:1",),
        stream=True,
        seed=42,
        nonce="20261126_120000/concurrency=4",
        requests=12,
        duration_ns=None,
        open_loop=False,
        in_flight=4,
        workers_planned=1,
        sources=(),
        began="2026-11-26T12:00:00Z",
        clock_ns=1_000_000,
    )
    return attrs.evolve(document, **changes)
