"""The plain prompt templates: chat messages, one string, token ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.data.filling import fill_places, only_place, usable_field
from aisbench.prompting.frame_settings import FrameSettings, frames_setting
from aisbench.prompting.media_parts import MediaParts
from aisbench.settings.fields import at_least, setting
from aisbench.types.media import Detail, MediaKind
from aisbench.types.prompt import Message, Prompt
from aisbench.types.sample import Sample


@frozen
class ChatSettings:
    """Texts of a chat prompt. ``{name}`` stands for a field of the sample."""

    user: str = setting(
        help="the user's turn, for the question and for each example", example="{question}"
    )
    assistant: str = setting(
        default="", help="the assistant's turn of an example", example="{answer}"
    )
    system: str = setting(
        default="", help="the system message; empty: none is sent", example="Answer briefly."
    )
    final: str = setting(
        default="",
        help="the user's turn for the question itself, if different",
        example="{question}\nAnswer with the number alone.",
    )
    images: tuple[str, ...] = setting(
        default=(),
        help='pictures of each turn, such as ["{image}"]: paths, urls or data: urls; a field may '
        "hold a list, and empty ones are left out. They stand before the text, or where it names "
        "them: {image_1} is the first, {image} all of that field, {images[0]} one of a list",
        example=["{image}"],
    )
    audio: tuple[str, ...] = setting(
        default=(), help="sounds, in the same way ({audio_1})", example=["{sound}"]
    )
    video: tuple[str, ...] = setting(
        default=(), help="films, in the same way ({video_1})", example=["{film}"]
    )
    image_mark: str = setting(
        default="",
        help="what stands for a picture in the data set's own text, with {n} for its number from "
        "1; without {n} they are taken in their order",
        example="<image {n}>",
    )
    max_pixels: int | None = setting(
        default=None,
        check=at_least(1),
        help="pictures with more pixels (width x height) are made smaller before they are sent; "
        "needs Pillow",
        example=1048576,
    )
    max_side: int | None = setting(
        default=None,
        check=at_least(1),
        help="pictures with a longer side, in pixels, are made smaller; needs Pillow",
        example=1344,
    )
    frames: FrameSettings | None = frames_setting()
    detail: Detail = setting(
        default="",
        help='how closely the model looks at pictures: "low", "high", "auto" or "original", at '
        "services that know it (OpenAI)",
        example="high",
    )
    stop: tuple[str, ...] = setting(
        default=(), help="strings that end the answer", example=["\n\n"]
    )


class ChatTemplate:
    """Examples become earlier turns of the conversation."""

    def __init__(self, settings: ChatSettings) -> None:
        self.settings = settings
        self._parts = media_parts(settings)

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        texts = self.settings
        messages: list[Message] = []
        if texts.system:
            messages.append(Message(role="system", content=fill_places(texts.system, sample)))
        for shot in shots:
            messages.append(Message(role="user", content=self._parts.content(texts.user, shot)))
            messages.append(Message(role="assistant", content=fill_places(texts.assistant, shot)))
        question = self._parts.content(texts.final or texts.user, sample)
        messages.append(Message(role="user", content=question))
        return Prompt(messages=tuple(messages), stop=texts.stop)


def media_parts(settings: ChatSettings) -> MediaParts:
    """What makes the contents of turns."""
    kinds: tuple[tuple[MediaKind, Sequence[str]], ...] = (
        ("image", settings.images),
        ("audio", settings.audio),
        ("video", settings.video),
    )
    return MediaParts(
        templates=[(kind, template) for kind, templates in kinds for template in templates],
        mark=settings.image_mark,
        max_pixels=settings.max_pixels,
        max_side=settings.max_side,
        detail=settings.detail,
        frames=None if settings.frames is None else settings.frames.made(),
    )


def fill_list(template: str, sample: Sample) -> list[str]:
    """Like :func:`fill_places`; a template that is a field alone gives each item of a list.
    Empty texts are left out."""
    own = only_place(template)
    value = usable_field(sample, own) if own else None
    if isinstance(value, (list, tuple)):
        found = [str(one) for one in value if one is not None]
    elif own and value is None:
        found = []
    else:
        found = [fill_places(template, sample)]
    return [one for one in found if one]


@frozen
class TextSettings:
    """Texts of a plain-string prompt. ``{name}`` stands for a field of the sample."""

    question: str = setting(
        help="the question, ending where the model is to continue", example="Q: {question}\nA:"
    )
    example: str = setting(
        default="",
        help="one few-shot example, question and answer",
        example="Q: {question}\nA: {answer}",
    )
    introduction: str = setting(
        default="", help="text before everything else", example="Questions about arithmetic."
    )
    separator: str = setting(
        default="\n\n", help="what stands between the parts", example="\n\n###\n\n"
    )
    stop: tuple[str, ...] = setting(
        default=(), help="strings that end the answer", example=["\n\n"]
    )


class TextTemplate:
    """Introduction, examples and question, joined."""

    def __init__(self, settings: TextSettings) -> None:
        self.settings = settings

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        texts = self.settings
        parts = [fill_places(texts.introduction, sample)] if texts.introduction else []
        parts += [fill_places(texts.example, shot) for shot in shots]
        parts.append(fill_places(texts.question, sample))
        return Prompt(text=texts.separator.join(parts), stop=texts.stop)


@frozen
class TokensSettings:
    """Where the ids are."""

    field: str = setting(
        default="token_ids", help="the sample's field with a list of token ids", example="ids"
    )
    stop: tuple[str, ...] = setting(
        default=(), help="strings that end the answer", example=["\n\n"]
    )


class TokensTemplate:
    """The ids of one field, unchanged."""

    def __init__(self, settings: TokensSettings) -> None:
        self.settings = settings

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        name = self.settings.field
        if shots:
            raise DataError(
                "a prompt of token ids cannot show few-shot examples",
                hint='set shots = 0, or use the template "text"',
            )
        if name not in sample.fields:
            raise DataError(
                f"sample {sample.id} has no field {name!r} with token ids",
                hint=f"fields of this data set: {', '.join(sorted(sample.fields))}; a variant of "
                "text or chat needs no ids",
            )
        ids: Any = sample.fields[name]
        # Types as a set: prompts hold thousands of ids, and loads render them while they run.
        if not isinstance(ids, (list, tuple)) or set(map(type, ids)) != {int} or min(ids) < 0:
            raise DataError(
                f"the field {name!r} of sample {sample.id} is not a list of token ids",
                hint="it must hold integers from 0 on, at least one",
            )
        return Prompt(tokens=tuple(ids), stop=self.settings.stop)
