"""Playing a conversation: each turn's prompt, with what was said before it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import cast

import attrs

from aisbench.api import DataError, Message, Prompt, Response, Sample
from aisbench_plugin_conversations.settings import ConversationSettings

GAP = "\n\n"
"""What stands between the messages of a plain-string prompt."""


def play(
    settings: ConversationSettings, sample: Sample, first: Prompt
) -> Generator[Prompt, Response, None]:
    """The prompts of ``sample``'s turns; ``first`` is what the template made of its first turn."""
    turns = cast("Sequence[str]", sample.fields["turns"])
    answers = cast("Sequence[str | None]", sample.fields["answers"])
    limits = cast("Sequence[int]", sample.fields.get("limits") or ())
    prompt = _open(first, str(sample.fields["system"]))
    if settings.history == "last":
        for turn, asked in enumerate(turns[1:]):
            prompt = _extend(prompt, answers[turn] or "", asked)
        yield _limited(prompt, limits, len(turns) - 1, settings)
        return
    for turn in range(len(turns)):
        response = yield _limited(prompt, limits, turn, settings)
        if turn + 1 < len(turns):
            # Core has moved reasoning out of the text: the history holds answers alone.
            said = response.text if settings.history == "real" else answers[turn] or ""
            prompt = _extend(prompt, said, turns[turn + 1])


def _open(first: Prompt, system: str) -> Prompt:
    """The first prompt with the data's system text, unless the suite's template has one."""
    if first.tokens is not None:
        raise DataError(
            "conversations cannot be played in token ids: later turns are texts",
            hint='use the template "chat" or "text"',
        )
    if not system:
        return first
    if first.messages is None:
        return attrs.evolve(first, text=f"{system}{GAP}{first.text}")
    if first.messages[0].role == "system":
        return first
    return attrs.evolve(first, messages=(Message(role="system", content=system), *first.messages))


def _extend(prompt: Prompt, said: str, asked: str) -> Prompt:
    """The prompt of the next turn."""
    if prompt.messages is None:
        return attrs.evolve(prompt, text=f"{prompt.text}{GAP}{said}{GAP}{asked}")
    return attrs.evolve(
        prompt,
        messages=(
            *prompt.messages,
            Message(role="assistant", content=said),
            Message(role="user", content=asked),
        ),
    )


def _limited(
    prompt: Prompt, limits: Sequence[int], turn: int, settings: ConversationSettings
) -> Prompt:
    """The prompt with this turn's own limit: each turn has another one."""
    if not limits:
        return prompt
    own: dict[str, int | bool] = {"max_tokens": limits[turn]}
    if settings.ignore_eos:
        own["ignore_eos"] = True
    return attrs.evolve(prompt, generation={**prompt.generation, **own})
