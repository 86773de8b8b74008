"""Pictures, sounds and films to MindIE: a list under ``inputs``."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from aisbench.api import ContentPart, Media, Message, Prompt, Request
from aisbench_plugin_mindie.routes import MindieMediaBackend
from aisbench_plugin_mindie.settings import MindieSettings
from aisbench_testkit.conformance import BackendConformance, Recorded

PICTURE = Media(kind="image", base64="QUJD", mime="image/png")


def asked(
    *content: ContentPart, before: tuple[Message, ...] = (), stream: bool = False
) -> Request:
    messages = (*before, Message(role="user", content=content))
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", prompt=Prompt(messages=messages),
        generation={"temperature": 0.5}, stream=stream, seed=3,
    )  # fmt: skip


def media(kind: Any, **about: Any) -> ContentPart:
    return ContentPart(media=Media(kind=kind, **about))


def test_what_is_sent() -> None:
    backend = MindieMediaBackend(MindieSettings())
    system = Message(role="system", content="Be brief.")
    request = asked(
        ContentPart(media=PICTURE),
        media("video", path="/here/a.mp4", sent="/data/multimodal_inputs/a.mp4"),
        media("audio", url="http://a/b.wav"),
        ContentPart(text="What is it?"),
        before=(system,),
        stream=True,
    )
    wire = backend.encode(request)
    assert wire.path == "/generate_stream"
    body = orjson.loads(wire.body)
    assert body["inputs"] == [
        {"type": "text", "text": "Be brief."},
        {"type": "image_url", "image_url": "data:image/png;base64,QUJD"},
        {"type": "video_url", "video_url": "/data/multimodal_inputs/a.mp4"},
        {"type": "audio_url", "audio_url": "http://a/b.wav"},
        {"type": "text", "text": "What is it?"},
    ]
    assert body["parameters"]["temperature"] == 0.5
    with pytest.raises(ValueError, match="takes 20 pictures, sounds and films, not 21"):
        backend.encode(asked(*[ContentPart(media=PICTURE)] * 21))
    longer = (Message(role="user", content="a"), Message(role="assistant", content="b"))
    body = orjson.loads(backend.encode(asked(ContentPart(text="c"), before=longer)).body)
    assert [one["text"] for one in body["inputs"]] == ["a", "b", "c"]


WHOLE = b'{"generated_text":"am a","details":{"finish_reason":"length","generated_tokens":2}}'
STREAM = (
    b'data: {"token":{"id":626,"text":"am","logprob":null,"special":null},'
    b'"generated_text":null,"details":null}\n\n'
    b'data: {"token":{"id":5176,"text":" a","logprob":null,"special":null},'
    b'"generated_text":"am a","details":{"finish_reason":"length","generated_tokens":2}}\n\n'
)


class TestMedia(BackendConformance):
    offer = "mindie-media"
    recorded = (
        Recorded(request=asked(ContentPart(text="Hello")), body=WHOLE, text="am a"),
        Recorded(
            request=asked(ContentPart(text="Hello"), stream=True),
            content_type="text/event-stream",
            body=STREAM,
            text="am a",
        ),
    )
