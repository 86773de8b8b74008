"""Loads for unit tests, of one prompt and with nothing to send it to."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import attrs

from aisbench.calibration.codec import PROMPT, OnePrompt, PlainBackend
from aisbench.config.load_keys import LoadSettings
from aisbench.config.suite import ServiceSettings
from aisbench.conversation.conversation import Conversation
from aisbench.conversation.playing import LightPlay
from aisbench.loadgen.spec import LoadSpec
from aisbench.store.redactor import Redactor
from aisbench.types.load import ClosedLoop, Schedule, VirtualClient
from aisbench.types.prompt import Prompt
from aisbench.types.response import Response
from aisbench.types.sample import Sample


class SlowPlay(LightPlay):
    """Its steps are begun, and known later."""

    inline = False


class NumberedRows(OnePrompt):
    """``count`` rows, whose conversations have samples named by the row and so many turns."""

    def __init__(
        self,
        count: int,
        turns: int = 1,
        delay_ns: int = 0,
        *,
        slow: bool = False,
        breaks: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(tokens=4)
        self.slow = slow
        """Whether steps are taken beside everything else."""
        self.breaks = breaks
        """The row and the turn, from 0, at which the data set's code breaks."""
        self.count = count
        self.turns = turns
        self.delay_ns = delay_ns
        """Of each prompt but a conversation's first."""

    def __len__(self) -> int:
        return self.count

    def begin(self, row: int, repeat: int) -> Conversation:
        made = attrs.evolve(super().begin(row, repeat), sample=Sample(id=str(row)))
        if self.turns == 1 and not self.slow:
            return made
        play = (SlowPlay if self.slow else LightPlay)(self._play(row), "data set 'd'")
        return attrs.evolve(made, turns=play, next_prompt=None, playing=True)

    def _play(self, row: int) -> Generator[Prompt, Response, None]:
        for turn in range(self.turns):
            if self.breaks == (row, turn):
                raise ValueError("odd row")
            yield attrs.evolve(PROMPT, delay_ns=self.delay_ns) if turn else PROMPT

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
