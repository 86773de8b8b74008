"""Chat prompts that a trace brings along."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from attrs import frozen

from aisbench.api import DataError, Message, Prompt, Sample, setting

_PLACE = re.compile(r"\{([A-Za-z_]\w*)\}")


@frozen
class MessagesSettings:
    """Texts for rows without messages of their own. ``{name}`` stands for a field of the row."""

    user: str = setting(
        help="the user's turn, of rows without messages and of examples", example="{text}"
    )
    assistant: str = setting(
        default="", help="the assistant's turn of an example", example="{answer}"
    )


class MessagesTemplate:
    """The field ``messages`` as it is; without it, one message of the user."""

    def __init__(self, settings: MessagesSettings) -> None:
        self.settings = settings

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        texts = self.settings
        turns: list[Message] = []
        for shot in shots:
            turns.append(Message(role="user", content=_fill(texts.user, shot)))
            turns.append(Message(role="assistant", content=_fill(texts.assistant, shot)))
        own: Any = sample.fields.get("messages")
        if own is None:
            turns.append(Message(role="user", content=_fill(texts.user, sample)))
        else:
            turns += [Message(role=one["role"], content=one["content"]) for one in own]
        return Prompt(messages=tuple(turns))


def _fill(text: str, sample: Sample) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in sample.fields:
            raise DataError(
                f"the prompt names {{{match[1]}}}, which sample {sample.id} does not have",
                hint=f"fields of this row: {', '.join(sorted(sample.fields))}",
            )
        return str(sample.fields[match[1]])

    return _PLACE.sub(value, text)
