"""The messages of a chat: their texts, and the media in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define, field

from aisbench_plugin_simulator.checking import missing, wrong_type
from aisbench_plugin_simulator.parsed_request import MediaPart
from aisbench_plugin_simulator.refusal import OpenaiError, Refusal
from aisbench_plugin_simulator.tokens import count_tokens


@define
class MessagesRead:
    """What was said: the last text of the user is the question."""

    question: str = ""
    tokens: int = 0
    """Of the texts alone."""
    media: list[MediaPart] = field(factory=list)
    after_tool: bool = False
    """The last message is the result of a call."""


def read_messages(data: dict[str, Any]) -> MessagesRead:
    """The ``messages`` of a body. Raises Refusal."""
    messages = data.get("messages")
    if messages is None:
        raise missing(data, "messages")
    if not isinstance(messages, list):
        raise wrong_type("messages", "list", messages)
    if not messages:
        raise Refusal(
            400,
            "Cannot apply chat template to an empty conversation. Provide at least one message.",
            openai=OpenaiError(
                "Invalid 'messages': empty array. Expected an array with minimum length 1, but "
                "got an empty array instead.",
                "empty_array",
                "messages",
            ),
        )
    found = MessagesRead()
    for index, message in enumerate(messages):
        if not isinstance(message, dict):
            raise wrong_type(f"messages.{index}", "dict", message)
        role = message.get("role")
        if not isinstance(role, str):
            raise wrong_type(f"messages.{index}.role", "str", role)
        content = message.get("content")
        if isinstance(content, str):
            text = content
        else:
            text = _parts_text(content, f"messages.{index}.content", found.media)
        found.tokens += count_tokens(text)
        if role == "user":
            found.question = text
    found.after_tool = messages[-1]["role"] == "tool"
    return found


def whole_text(messages: Sequence[Any]) -> str:
    """All that was said, a line break behind each turn but the last, which is scored: that is this
    model's template. Where an answer is to begin, the last turn has its line break too."""
    return "\n".join(_content(one.get("content")) for one in messages if isinstance(one, dict))


def _content(content: object) -> str:
    return content if isinstance(content, str) else _parts_text(content, "content", [])


_TEXTS = frozenset({"text", "input_text", "output_text", "refusal", "thinking"})
_MEDIA = {
    "image_url": ("image", "image_url"),
    "input_image": ("image", "image_url"),
    "input_audio": ("audio", "input_audio"),
    "audio_url": ("audio", "audio_url"),
    "video_url": ("video", "video_url"),
    "input_video": ("video", "video_url"),
    "file": ("file", "file"),
    "input_file": ("file", "file_data"),
}
"""The kind of a part, and the key that holds what it shows."""


def _parts_text(content: object, place: str, media: list[MediaPart]) -> str:
    """The texts of a content, a line break between them; its media go into ``media``."""
    if content is None:
        return ""
    if not isinstance(content, list):
        raise wrong_type(place, "str", content)
    texts = []
    for at, part in enumerate(content):
        if isinstance(part, str):
            texts.append(part)
            continue
        if not isinstance(part, dict):
            raise wrong_type(f"{place}.{at}", "dict", part)
        kind = part.get("type") or _untyped(part)
        if not isinstance(kind, str):
            raise wrong_type(f"{place}.{at}.type", "str", kind)
        if kind in _TEXTS:
            text = part.get("text", part.get("refusal", part.get("thinking")))
            if not isinstance(text, str):
                raise wrong_type(f"{place}.{at}.text", "str", text)
            texts.append(text)
        elif kind in _MEDIA:
            media.append(_media(part, *_MEDIA[kind], f"{place}.{at}"))
        else:
            raise _unknown_part(kind, f"{place}.{at}")
    return "\n".join(texts)


def _untyped(part: dict[str, Any]) -> str | None:
    """vLLM takes a part without a type for what its keys say."""
    return next((key for key in ("text", *_MEDIA) if key in part), None)


def _unknown_part(kind: object, place: str) -> Refusal:
    known = ", ".join(f"'{one}'" for one in ("text", *_MEDIA))
    return Refusal(
        400,
        f"Unknown part type: {kind}",
        param=place,
        openai=OpenaiError(
            f"Invalid value: '{kind}'. Supported values are: {known}.",
            "invalid_value",
            f"{place}.type",
        ),
    )


def _media(part: dict[str, Any], kind: str, key: str, place: str) -> MediaPart:
    """What a part shows: an address, bytes in base64, or the id of an uploaded file."""
    value = part.get(key)
    if isinstance(part.get("file_id"), str):
        return MediaPart(kind, part["file_id"], place, uploaded=True)
    if kind == "file" and isinstance(part.get("file_url"), str):
        return MediaPart(kind, part["file_url"], place)
    if isinstance(value, dict):
        if isinstance(value.get("file_id"), str):
            return MediaPart(kind, value["file_id"], place, uploaded=True)
        value = next((value[one] for one in ("url", "data", "file_data") if one in value), None)
    if not isinstance(value, str):
        raise wrong_type(f"{place}.{key}", "str", value)
    return MediaPart(kind, value, place)
