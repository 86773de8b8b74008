"""Chat prompts that a trace brings along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aisbench.api import DataError, Message, Prompt, Sample


class MessagesTemplate:
    """The field ``messages`` as it is; without it, ``prompt`` as one message of the user."""

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        if shots:
            raise DataError(
                "a trace's messages cannot show few-shot examples", hint="set shots = 0"
            )
        turns: Any = sample.fields.get("messages")
        if turns is None and "prompt" in sample.fields:
            turns = [{"role": "user", "content": sample.fields["prompt"]}]
        if not turns:
            raise DataError(
                f"sample {sample.id} has neither messages nor a prompt",
                hint=f"fields of this data set: {', '.join(sorted(sample.fields))}",
            )
        return Prompt(
            messages=tuple(Message(role=one["role"], content=str(one["content"])) for one in turns)
        )
