"""Vectors of texts.

OpenAI's API: https://platform.openai.com/docs/api-reference/embeddings; what vLLM takes besides:
https://docs.vllm.ai/en/latest/models/pooling_models/embed/; Text Embeddings Inference:
https://huggingface.github.io/text-embeddings-inference.
"""

from __future__ import annotations

import binascii
import struct
from typing import Any

import pybase64
from attrs import define

from aisbench.api import HttpRequest, Request, Vectors
from aisbench.codec import EventDecoder, Names, post_json
from aisbench_plugin_endpoints.batch import BatchCollector, MalformedError, in_order
from aisbench_plugin_endpoints.service import GENERATING, EndpointService, texts_of
from aisbench_plugin_endpoints.settings import EmbeddingsSettings, TeiSettings

END = "the whole answer"
SIZE = 4
"""Bytes of a number."""


class OpenAiEmbeddings(EndpointService):
    """``/v1/embeddings``."""

    names = Names(
        protocol="the embeddings API",
        known=frozenset(
            {
                "adapter_id", "add_special_tokens", "cache_salt", "dimensions", "embed_dtype",
                "endianness", "input_type", "instruction", "mm_processor_kwargs", "modality",
                "normalize", "padding", "priority", "task", "truncate", "truncate_prompt_tokens",
                "truncation_side", "use_activation", "user",
            }
        ),
        advice={
            **GENERATING,
            "encoding_format": "set `encoding` of the model's table",
            "embed_dtype": "leave it out: vectors are read as single precision",
            "endianness": "leave it out: vectors are read as little endian",
            "input": "the data set's texts are sent",
        },
    )  # fmt: skip

    def __init__(self, settings: EmbeddingsSettings) -> None:
        super().__init__(settings.path)
        self._encoding = settings.encoding

    def setting_of(self, key: str) -> str | None:
        """See :class:`aisbench.api.SettingBackend`."""
        refused = key == "encoding_format" and self._encoding == "base64"
        return 'encoding = "float"' if refused else None

    def encode(self, request: Request) -> HttpRequest:
        body = {
            **self._model(request),
            "input": list(texts_of(request)),
            "encoding_format": self._encoding,
            **self._settings_of(request),
        }
        return post_json(self._path, body)

    def decoder(self, request: Request) -> EventDecoder:
        answer = OpenAiVectors(len(texts_of(request)), _width(request))
        return EventDecoder(answer, "an embeddings API (/v1/embeddings)", END)


class TeiEmbed(EndpointService):
    """``/embed``. It counts no tokens in the body."""

    tei = True
    names = Names(
        protocol="Text Embeddings Inference",
        known=frozenset(
            {"dimensions", "normalize", "prompt_name", "truncate", "truncation_direction"}
        ),
        advice=GENERATING,
    )

    def __init__(self, settings: TeiSettings) -> None:
        super().__init__("/embed")

    def encode(self, request: Request) -> HttpRequest:
        body = {"inputs": list(texts_of(request)), **self._settings_of(request)}
        return post_json(self._path, body)

    def decoder(self, request: Request) -> EventDecoder:
        answer = TeiVectors(len(texts_of(request)), _width(request))
        return EventDecoder(answer, "Text Embeddings Inference (/embed)", END)


def _width(request: Request) -> int | None:
    asked = request.generation.get("dimensions")
    return asked if type(asked) is int else None


@define(eq=False)
class OpenAiVectors(BatchCollector):
    """``data``: ``{"index", "embedding"}``, numbers or base64."""

    width: int | None = None
    """The numbers that a vector was asked to have."""

    def is_answer(self, body: Any) -> bool:
        return type(body) is dict and type(body.get("data")) is list

    def read(self, body: Any) -> dict[str, Any]:
        entries = in_order(body["data"], self.count, "vectors")
        return _vectors([one.get("embedding") for one in entries], self.width)


@define(eq=False)
class TeiVectors(BatchCollector):
    """A list of lists, in the order of the request."""

    width: int | None = None

    def is_answer(self, body: Any) -> bool:
        return type(body) is list and bool(body) and type(body[0]) is list

    def read(self, body: Any) -> dict[str, Any]:
        if len(body) != self.count:
            raise MalformedError(f"the answer has {len(body)} vectors for {self.count} texts")
        return _vectors(body, self.width)


def _vectors(given: list[Any], asked: int | None) -> dict[str, Any]:
    import numpy as np

    rows = [_packed(one, place) for place, one in enumerate(given)]
    size = len(rows[0])
    for place, row in enumerate(rows):
        if len(row) != size:
            raise MalformedError(
                f"vector {place} has {len(row) // SIZE} numbers, and vector 0 has {size // SIZE}"
            )
    width = size // SIZE
    if asked is not None and width != asked:
        raise MalformedError(f"vectors have {width} numbers, and dimensions = {asked} was asked")
    data = b"".join(rows)
    finite = np.isfinite(np.frombuffer(data, "<f4"))
    if not finite.all():
        place = int(finite.argmin()) // width
        raise MalformedError(f"vector {place} has NaN or infinity among its numbers")
    return {"vectors": Vectors(width, data)}


def _packed(value: Any, place: int) -> bytes:
    """One vector in single precision, little endian. Raises MalformedError."""
    if type(value) is str:
        row = _decoded(value, place)
    elif type(value) is list and bool not in map(type, value):
        try:
            row = struct.pack(f"<{len(value)}f", *value)
        except OverflowError:
            raise MalformedError(
                f"vector {place} has a number that single precision does not hold"
            ) from None
        except struct.error:
            bad = "null among its numbers" if None in value else "no numbers"
            raise MalformedError(f"vector {place} has {bad}") from None
    else:
        raise MalformedError(f"vector {place} has no numbers")
    if not row:
        raise MalformedError(f"vector {place} is empty")
    return row


def _decoded(value: str, place: int) -> bytes:
    try:
        row = pybase64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        row = b"?"
    if len(row) % SIZE:
        raise MalformedError(f"vector {place} is no base64 of numbers in single precision")
    return row
