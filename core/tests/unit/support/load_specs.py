"""Loads for unit tests, of one prompt and with nothing to send it to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from aisbench.calibration.codec import OnePrompt, PlainBackend
from aisbench.config.load_keys import LoadSettings
from aisbench.config.suite import ServiceSettings
from aisbench.conversation.conversation import Conversation
from aisbench.loadgen.spec import LoadSpec
from aisbench.store.redactor import Redactor
from aisbench.types.load import ClosedLoop, Schedule, VirtualClient
from aisbench.types.sample import Sample


class NumberedRows(OnePrompt):
    """``count`` rows; a conversation's sample tells its row."""

    def __init__(self, count: int, tokens: int = 4) -> None:
        super().__init__(tokens)
        self.count = count

    def __len__(self) -> int:
        return self.count

    def begin(self, row: int, repeat: int) -> Conversation:
        return attrs.evolve(super().begin(row, repeat), sample=Sample(id=str(row)))

    warm_up = begin


def load_spec(
    schedule: Schedule | None = None, settings: LoadSettings | None = None, **changes: Any
) -> LoadSpec:
    """A load without limits, by one worker that one virtual client keeps busy."""
    values: dict[str, Any] = {
        "label": "m / d",
        "service": ServiceSettings(),
        "codec": PlainBackend(),
        "conversations": NumberedRows(7),
        "model": "m",
        "urls": ["http://127.0.0.1:1"],
        "headers": {},
        "settings": settings or LoadSettings(),
        "schedule": schedule or ClosedLoop(clients=[VirtualClient()]),
        "requests": None,
        "duration_ns": None,
        "seed": 3,
        "nonce": "a",
        "folder": Path("/nowhere"),
        "workers": 1,
        "connections": 1,
        "most_connections": 1000,
        "sources": (),
        "keep_answers": False,
        "abort_after": 20,
        "session": 1,
        "redactor": Redactor(),
    }
    return LoadSpec(**{**values, **changes})
