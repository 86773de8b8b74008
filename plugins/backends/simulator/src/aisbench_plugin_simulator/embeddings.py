"""Vectors of texts: words hashed into a few dozen places, so that texts which share words are
near each other, whatever their order. So a search on them finds something, and always the same."""

from __future__ import annotations

import math
import re
import struct
from base64 import b64encode
from collections import Counter
from typing import Any

import orjson

from aisbench_plugin_simulator.chance import bits
from aisbench_plugin_simulator.checking import bad_value, json_object
from aisbench_plugin_simulator.endpoint_reply import (
    EndpointReply,
    counted,
    inputs_of,
    listed,
    model_of,
    texts_of,
)
from aisbench_plugin_simulator.refusal import Refusal
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.simulator import Simulator

TEI_BATCH = 32
"""``--max-client-batch-size`` of Text Embeddings Inference, its default."""
_WORD = re.compile(r"\w+")


def openai(body: bytes, simulator: Simulator) -> EndpointReply:
    """``/v1/embeddings``. Raises Refusal."""
    settings = simulator.settings
    data = json_object(body)
    model = model_of(data, settings)
    inputs = inputs_of(data, "input", settings)
    form = data.get("encoding_format") or "float"
    if form not in ("float", "base64"):
        raise bad_value("encoding_format", form, "Input should be 'float' or 'base64'")
    vectors = [
        _cut(vector(text, settings), data.get("dimensions"), settings) for text, _ in inputs
    ]
    entries: list[dict[str, Any]] = [
        {"object": "embedding", "index": at, "embedding": _written(one, form)}
        for at, one in enumerate(vectors)
    ]
    tokens = sum(count for _, count in inputs)
    return EndpointReply(
        body=orjson.dumps(listed(f"embd-{bits(body) & 0xFFFF:x}", model, entries, tokens)),
        prompt_tokens=tokens,
        steps=len(inputs),
    )


def tei(body: bytes, simulator: Simulator) -> EndpointReply:
    """``/embed`` of Text Embeddings Inference. Raises Refusal."""
    data = json_object(body)
    texts = tei_batch(texts_of(data, "inputs", simulator.settings))
    wanted = data.get("dimensions")
    rows = [_cut(vector(text, simulator.settings), wanted, simulator.settings) for text in texts]
    return EndpointReply(body=orjson.dumps(rows), prompt_tokens=counted(texts), steps=len(texts))


def tei_batch(texts: list[str]) -> list[str]:
    """The texts of one request. Raises Refusal where they are too many."""
    if len(texts) > TEI_BATCH:
        said = f"batch size {len(texts)} > maximum allowed batch size {TEI_BATCH}"
        raise Refusal(413, said)
    return texts


def tei_error(refusal: Refusal, settings: SimulatorSettings) -> bytes:
    """``{"error", "error_type"}``."""
    kind = {429: "Overloaded", 500: "Backend", 424: "Backend"}.get(refusal.status, "Validation")
    return orjson.dumps({"error": refusal.message, "error_type": kind})


def vector(text: str, settings: SimulatorSettings) -> list[float]:
    """Of length 1. Each word adds to two places of its own, with a sign of its own."""
    size = settings.vector_size
    found = [0.0] * size
    words = Counter(_WORD.findall(text.lower())) or Counter([text])
    for word, times in words.items():
        for turn in range(2):
            chance = bits(settings.seed, "vector", turn, word)
            found[chance % size] += (1 + math.log(times)) * (1 if chance >> 63 else -1)
    return _whole(found)


def cosine(one: list[float], other: list[float]) -> float:
    """Of two vectors of length 1."""
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


def _whole(found: list[float]) -> list[float]:
    length = math.hypot(*found)
    if not length:
        return [1.0, *(0.0 for _ in found[1:])]
    return [value / length for value in found]


def _cut(found: list[float], wanted: Any, settings: SimulatorSettings) -> list[float]:
    """The first numbers alone, made of length 1 again, as Matryoshka models are used."""
    if wanted is None:
        return found
    if type(wanted) is not int or not 1 <= wanted <= settings.vector_size:
        raise Refusal(
            400, f"dimensions must be from 1 to {settings.vector_size}, not {wanted}",
            param="dimensions",
        )  # fmt: skip
    return _whole(found[:wanted])


def _written(found: list[float], form: str) -> Any:
    if form == "float":
        return found
    return b64encode(struct.pack(f"<{len(found)}f", *found)).decode("ascii")
