"""Pictures to Text Generation Inference: Markdown in the text."""

from __future__ import annotations

from typing import Any, ClassVar

import orjson
import pytest

from aisbench.api import ContentPart, Media, Message, Prompt, Request
from aisbench_plugin_tgi.pictures import TgiPictureBackend
from aisbench_plugin_tgi.settings import TgiSettings
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
    backend = TgiPictureBackend(TgiSettings())
    request = asked(
        ContentPart(text="First: "),
        ContentPart(media=PICTURE),
        ContentPart(text="then "),
        media("image", url="http://a/b.png"),
    )
    body = orjson.loads(backend.encode(request).body)
    assert body["inputs"] == "First: ![](data:image/png;base64,QUJD)then ![](http://a/b.png)"
    assert body["parameters"]["seed"] == 3
    with pytest.raises(ValueError, match="takes pictures, no video"):
        backend.encode(asked(media("video", url="http://a/b.mp4")))


class TestPictures(BackendConformance):
    offer = "tgi-pictures"
    models: ClassVar[Any] = {b'{"model_id":"a/b","max_total_tokens":2048}': ("a/b",)}
    recorded = (
        Recorded(
            request=asked(ContentPart(text="Hello")),
            body=b'{"generated_text":"Hi","details":{"finish_reason":"length",'
            b'"generated_tokens":2,"seed":null,"prefill":[{"id":1,"text":"Hello"}],"tokens":[]}}',
            text="Hi",
        ),
    )
