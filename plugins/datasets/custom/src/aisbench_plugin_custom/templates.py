"""Prompts that fit each row: with options or without, with a system text, or a chat as it is.

Core's plain templates make one form for all rows; here the row decides, so that a file tells by
its columns how it is put, and no setting has to say it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import attrs
from attrs import frozen

from aisbench.api import (
    ContentPart,
    DataError,
    FrameSettings,
    JsonValue,
    Message,
    Prompt,
    Sample,
    at_least,
    frames_setting,
    setting,
)
from aisbench.data import fill_places, media_of
from aisbench_plugin_custom.rows import MEDIA


@frozen
class RowChatSettings:
    """Texts of a chat prompt. ``{name}`` stands for a column of the row."""

    user: str = setting(
        help="the user's turn, for the question and for each example", example="{question}"
    )
    choice: str = setting(
        default="",
        help="for rows with options; empty: as user",
        example="{question}\n\n{options}",
    )
    assistant: str = setting(
        default="{answer}", help="the assistant's turn of an example", example="{answer}"
    )
    system: str = setting(
        default="",
        help="system message of rows that have none of their own",
        example="Answer briefly.",
    )
    frames: FrameSettings | None = frames_setting()
    max_pixels: int | None = setting(
        default=None,
        check=at_least(1),
        help="pictures with more pixels (width x height) are made smaller; needs Pillow",
        example=1048576,
    )
    stop: tuple[str, ...] = setting(
        default=(), help="strings that end the answer", example=["\n\n"]
    )


class RowChat:
    """A row's own chat as it is, or system text, examples and question."""

    def __init__(self, settings: RowChatSettings) -> None:
        self.settings = settings

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        texts = self.settings
        messages: list[Message] = []
        for shot in shots:
            messages.append(Message(role="user", content=self._question(shot)))
            messages.append(Message(role="assistant", content=fill_places(texts.assistant, shot)))
        if "messages" in sample.fields:
            messages += _own_chat(sample, shots)
        else:
            messages.append(Message(role="user", content=self._question(sample)))
        system = str(sample.fields.get("system") or fill_places(texts.system, sample))
        if system and messages[0].role != "system":
            messages.insert(0, Message(role="system", content=system))
        return Prompt(messages=tuple(messages), stop=texts.stop)

    def _question(self, sample: Sample) -> str | tuple[ContentPart, ...]:
        text = fill_places(_fitting(sample, self.settings.user, self.settings.choice), sample)
        shown = cast("Sequence[JsonValue]", sample.fields.get(MEDIA, ()))
        if not shown:
            return text
        return (*map(self._part, shown), ContentPart(text=text))

    def _part(self, value: JsonValue) -> ContentPart:
        media, frames = media_of(value), self.settings.frames
        if media.kind == "video" and frames is not None:
            media = attrs.evolve(media, frames=frames.made())
        if media.kind == "image" or media.frames is not None:
            media = attrs.evolve(media, max_pixels=self.settings.max_pixels)
        return ContentPart(media=media)


@frozen
class RowTextSettings:
    """Texts of a plain-string prompt. ``{name}`` stands for a column of the row."""

    question: str = setting(
        help="the question, ending where the model is to continue", example="Q: {question}\nA:"
    )
    choice: str = setting(
        default="",
        help="for rows with options; empty: as question",
        example="{question}\n\n{options}",
    )
    answer: str = setting(
        default=" {answer}", help="what follows the question in an example", example=" {answer}."
    )
    introduction: str = setting(
        default="",
        help="text before everything, for rows without a system text of their own",
        example="Questions about arithmetic.",
    )
    separator: str = setting(
        default="\n\n", help="what stands between the parts", example="\n\n###\n\n"
    )
    stop: tuple[str, ...] = setting(
        default=(), help="strings that end the answer", example=["\n\n"]
    )


class RowText:
    """System text, examples and question, joined."""

    def __init__(self, settings: RowTextSettings) -> None:
        self.settings = settings

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        if "messages" in sample.fields:
            raise DataError(
                f"sample {sample.id} is a chat, and the backend continues plain strings",
                hint='use a chat backend (vllm-chat), or kind = "qa" and a column of questions',
            )
        texts = self.settings
        system = str(sample.fields.get("system") or fill_places(texts.introduction, sample))
        parts = [system] if system else []
        parts += [self._question(shot) + fill_places(texts.answer, shot) for shot in shots]
        parts.append(self._question(sample))
        return Prompt(text=texts.separator.join(parts), stop=texts.stop)

    def _question(self, sample: Sample) -> str:
        return fill_places(_fitting(sample, self.settings.question, self.settings.choice), sample)


def _fitting(sample: Sample, plain: str, choice: str) -> str:
    return choice if choice and "letters" in sample.fields else plain


def _own_chat(sample: Sample, shots: Sequence[Sample]) -> list[Message]:
    if shots:
        raise DataError(
            f"sample {sample.id} is a whole chat, which shows no few-shot examples",
            hint="set shots = 0, or put the examples into the chat",
        )
    chat = cast("Sequence[Mapping[str, str]]", sample.fields["messages"])
    return [Message(role=one["role"], content=one["content"]) for one in chat]  # type: ignore[arg-type]
