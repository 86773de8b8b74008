"""The data set ``sharegpt``: the layout of the ShareGPT files, and that of chat messages.

ShareGPT: ``{"id": ..., "conversations": [{"from": "human", "value": ...}, ...]}``, as FastChat
(github.com/lm-sys/FastChat, docs/commands/data_cleaning.md) made it; with the speakers
``function_call`` and ``observation`` of LLaMA-Factory (github.com/hiyouga/LLaMA-Factory,
data/README.md). Messages: ``{"messages": [{"role": "user", "content": ...}, ...]}``, as in the
OpenAI API.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import attrs

from aisbench.api import DataError, Sample
from aisbench.codec import whole
from aisbench_plugin_conversations.choosing import ConversationChooser
from aisbench_plugin_conversations.dataset import Conversations, UniqueNames
from aisbench_plugin_conversations.files import read_objects
from aisbench_plugin_conversations.settings import ShareGptSettings
from aisbench_plugin_conversations.talk import Side, Talk, Unusable, Unwanted, make_talk

SPEAKERS: Mapping[str, Side] = {
    "system": "system",
    "developer": "system",
    "human": "human",
    "user": "human",
    "gpt": "model",
    "assistant": "model",
    "model": "model",
    "chatgpt": "model",
    "bing": "model",
    "bard": "model",
}
TOOL_SPEAKERS: Mapping[str, Side] = {
    "function_call": "model",
    "observation": "human",
    "tool": "human",
    "function": "human",
}
_LAYOUT = (
    'each conversation is {"id": ..., "conversations": [{"from": "human", "value": "..."}, ...]} '
    'or {"messages": [{"role": "user", "content": "..."}, ...]}'
)


class ShareGpt(Conversations):
    """Recorded conversations of people with models."""

    name = "sharegpt"
    wanted = "ShareGPT_V3_unfiltered_cleaned_split.json"

    def __init__(self, settings: ShareGptSettings) -> None:
        super().__init__(settings, settings.path)
        self.settings = settings

    def samples(self) -> Sequence[Sample]:
        """The target is the answer recorded for the last turn that is played."""
        made = []
        for sample in super().samples():
            answers = cast("Sequence[str | None]", sample.fields["answers"])
            made.append(attrs.evolve(sample, target=answers[-1]))
        return made

    def _talks(self, chooser: ConversationChooser) -> Iterator[Talk]:
        names = UniqueNames()
        for index, (place, row) in enumerate(read_objects(self._file())):
            own = row.get("id")
            given = str(own) if isinstance(own, (str, int)) and str(own) else f"row-{index}"
            name = names.unique(whole(given))
            try:
                yield make_talk(name, list(self._messages(row, place)))
            except Unusable as reason:
                chooser.unusable[str(reason)] += 1
            except Unwanted as reason:
                chooser.filtered[str(reason)] += 1

    def _messages(self, row: dict[str, Any], place: str) -> Iterator[tuple[Side, str]]:
        ours = "conversations" in row
        messages = row.get("conversations" if ours else "messages")
        if not isinstance(messages, list):
            found = ", ".join(map(str, row)) or "none"
            raise DataError(f"{place}: no list of messages (keys: {found})", hint=_LAYOUT)
        for message in messages:
            if not isinstance(message, dict):
                raise DataError(f"{place}: a message is not an object", hint=_LAYOUT)
            speaker, text = message.get("from" if ours else "role"), message.get("value")
            if not ours:
                text = _content(message)
            if not isinstance(speaker, str) or not isinstance(text, str):
                wanted = "from and value" if ours else "role and content"
                raise DataError(f"{place}: a message without {wanted}, both strings", hint=_LAYOUT)
            yield self._side(speaker, message), whole(text)

    def _side(self, speaker: str, message: dict[str, Any]) -> Side:
        if speaker in TOOL_SPEAKERS or message.get("tool_calls"):
            if self.settings.tools == "drop":
                raise Unwanted("use tools")
            return TOOL_SPEAKERS.get(speaker, "model")
        if speaker not in SPEAKERS:
            raise Unusable(f"have the unknown speaker {speaker[:40]!r}")
        return SPEAKERS[speaker]


def _content(message: dict[str, Any]) -> Any:
    """The text of a message of the API: a string, a list of parts, or none beside tool calls."""
    content = message.get("content")
    if isinstance(content, list):
        if not all(isinstance(part, dict) and part.get("type") == "text" for part in content):
            raise Unusable("have images or other parts that are not text")
        return "\n".join(str(part.get("text", "")) for part in content)
    if content is None and message.get("tool_calls"):
        return json.dumps(message["tool_calls"], ensure_ascii=False)
    return content
