"""Pictures to Triton's vLLM backend: a list of contents beside the text."""

from __future__ import annotations

from typing import Any, ClassVar

import orjson
import pytest

from aisbench.api import ContentPart, Media, Message, Prompt, Request
from aisbench_plugin_triton.pictures import TritonPictureBackend
from aisbench_plugin_triton.settings import TritonPictureSettings
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
    backend = TritonPictureBackend(TritonPictureSettings(dialect="vllm"))
    request = asked(ContentPart(media=PICTURE), ContentPart(text="<image>\nWhat is it?"))
    wire = backend.encode(request)
    body = orjson.loads(wire.body)
    assert wire.path == "/v2/models/m/generate"
    assert (body["text_input"], body["image"]) == ("<image>\nWhat is it?", ["QUJD"])
    assert orjson.loads(body["sampling_parameters"]) == {"temperature": 0.5, "seed": 3}
    text_alone = orjson.loads(backend.encode(asked(ContentPart(text="Hello"))).body)
    assert "image" not in text_alone
    for other in (media("video", base64="QUJD"), media("image", url="http://a/b.png")):
        with pytest.raises(ValueError, match="no addresses, no sounds and no films"):
            backend.encode(asked(other))


class TestPictures(BackendConformance):
    offer = "triton-pictures"
    settings: ClassVar[Any] = {"dialect": "vllm"}
    models: ClassVar[Any] = {b'[{"name":"llm","version":"1","state":"READY"}]': ("llm",)}
    recorded = (
        Recorded(
            request=asked(ContentPart(text="Hello")),
            body=b'{"id":"k","index":0,"model_name":"llm","model_version":"1","text_output":"Hi"}',
            text="Hi",
            usage=False,
        ),
    )
