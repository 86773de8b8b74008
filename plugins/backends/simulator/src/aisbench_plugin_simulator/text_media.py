"""Media in the prompts of protocols for plain text: MindIE's list of inputs, TGI's Markdown, and
the list of pictures beside a text of Triton's vLLM backend."""

from __future__ import annotations

import re
from typing import Any

import attrs

from aisbench_plugin_simulator.parsed_request import MediaPart, ParsedRequest
from aisbench_plugin_simulator.refusal import Refusal

_KINDS = {"image_url": "image", "video_url": "video", "audio_url": "audio"}
_MARKDOWN = re.compile(r"!\[\]\(([^)\s]+)\)")
MOST = 20
"""Contents in a request of MindIE."""


def of_inputs(inputs: object) -> tuple[object, tuple[MediaPart, ...]]:
    """The text and the media of MindIE's ``inputs``: a list of parts; all else as it is. Raises
    Refusal."""
    if not isinstance(inputs, list) or not any(isinstance(one, dict) for one in inputs):
        return inputs, ()
    texts: list[str] = []
    media: list[MediaPart] = []
    for place, part in enumerate(inputs):
        kind = part.get("type") if isinstance(part, dict) else None
        value = part.get(kind) if isinstance(kind, str) else None
        if isinstance(value, dict):
            value = value.get("url")
        if not isinstance(value, str) or not value or (kind != "text" and kind not in _KINDS):
            raise Refusal(422, f"`inputs[{place}]` is no text, image_url, video_url or audio_url")
        if kind == "text":
            texts.append(value)
        else:
            media.append(_part(_KINDS[str(kind)], value, f"inputs[{place}]"))
    if len(media) > MOST:
        raise Refusal(422, f"`inputs` holds {len(media)} media, and at most {MOST} are taken")
    return "".join(texts), tuple(media)


def of_markdown(text: object) -> tuple[object, tuple[MediaPart, ...]]:
    """A text without the pictures in it, and these."""
    if not isinstance(text, str) or "![](" not in text:
        return text, ()
    media = tuple(
        _part("image", address, f"inputs[{place}]")
        for place, address in enumerate(_MARKDOWN.findall(text))
    )
    return _MARKDOWN.sub("", text), media


def of_pictures(pictures: object) -> tuple[MediaPart, ...]:
    """The pictures of Triton's input ``image``: contents in base64. Raises Refusal."""
    if pictures is None:
        return ()
    several: list[Any] = pictures if isinstance(pictures, list) else [pictures]
    if not all(isinstance(one, str) for one in several):
        raise Refusal(400, "the input 'image' must be a list of texts")
    return tuple(
        MediaPart("image", f"data:;base64,{one}", f"image[{place}]")
        for place, one in enumerate(several)
    )


def with_parts(asked: ParsedRequest, media: tuple[MediaPart, ...]) -> ParsedRequest:
    """The request with media, whose tokens are counted when they were looked at."""
    return attrs.evolve(asked, media=media, said=asked.max_tokens) if media else asked


def _part(kind: str, source: str, place: str) -> MediaPart:
    """MindIE takes paths on its own machine."""
    return MediaPart(kind, f"file://{source}" if source.startswith("/") else source, place)
