"""Files of weights with something wrong, made without a library."""

from __future__ import annotations

import json
import struct
from pathlib import Path


def without(weights: Path, lost: str) -> None:
    """Write a safetensors file anew without one of its tensors."""
    content = weights.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    body, table = b"", {}
    for name, entry in header.items():
        if name not in (lost, "__metadata__"):
            begin, end = (8 + length + one for one in entry["data_offsets"])
            table[name] = {**entry, "data_offsets": [len(body), len(body) + end - begin]}
            body += content[begin:end]
    made = json.dumps({"__metadata__": {"format": "pt"}, **table}).encode()
    weights.write_bytes(struct.pack("<Q", len(made)) + made + body)


def spoilt(weights: Path) -> None:
    """The same tensors, types, shapes and size, with other numbers in the last of them."""
    content = weights.read_bytes()
    weights.write_bytes(content[:-4000] + bytes(one ^ 0x10 for one in content[-4000:]))
