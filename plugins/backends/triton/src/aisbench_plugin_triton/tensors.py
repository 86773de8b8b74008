"""Values as tensors: which type each input has, and what raw outputs hold."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from aisbench.api import JsonValue

# Types of TensorRT-LLM's inputs, see setting_names.py.
_DATATYPES: Mapping[str, str] = {
    "random_seed": "UINT64",
    "early_stopping": "BOOL",
    "lora_task_id": "UINT64",
    "stop_words": "BYTES",
    "bad_words": "BYTES",
    "embedding_bias_words": "BYTES",
    "embedding_bias_weights": "FP32",
}
_FLOATS = frozenset(
    {
        "temperature", "top_p", "runtime_top_p", "length_penalty", "repetition_penalty",
        "presence_penalty", "frequency_penalty",
    }
)  # fmt: skip
_NUMBERS = {
    "BOOL": "?", "INT8": "b", "INT16": "h", "INT32": "i", "INT64": "q",
    "UINT8": "B", "UINT16": "H", "UINT32": "I", "UINT64": "Q", "FP32": "f", "FP64": "d",
}  # fmt: skip
"""Raw tensors are little-endian, one value behind the other."""


def datatype_of(name: str, data: Sequence[JsonValue]) -> str:
    """The type of an input tensor of that name."""
    if name in _FLOATS:
        return "FP32"
    if name in _DATATYPES:
        return _DATATYPES[name]
    first = data[0] if data else ""
    if isinstance(first, bool):
        return "BOOL"
    if isinstance(first, str):
        return "BYTES"
    return "FP32" if isinstance(first, float) else "INT32"


def raw_values(datatype: str, raw: bytes) -> list[bytes] | list[float] | list[int]:
    """The values of a raw output tensor. Texts are bytes, each behind its length. Raises
    ValueError for one that is torn, or of a type that is not known here."""
    if datatype == "BYTES":
        values: list[bytes] = []
        place = 0
        while place < len(raw):
            end = place + 4 + int.from_bytes(raw[place : place + 4], "little")
            if end > len(raw) or place + 4 > len(raw):
                raise ValueError("a tensor of texts ends inside a text")
            values.append(raw[place + 4 : end])
            place = end
        return values
    if (form := _NUMBERS.get(datatype)) is None:
        raise ValueError(f"a tensor of the type {datatype!r}")
    try:
        return [one for (one,) in struct.iter_unpack(f"<{form}", raw)]
    except struct.error as error:
        raise ValueError(f"a tensor of the type {datatype} that is torn: {error}") from None
