"""Checking files of weights by what they say themselves: heads, indexes and lengths.

The layout of a safetensors file, from https://github.com/huggingface/safetensors: eight bytes with
the length of the header (little endian), the header (JSON: tensor -> dtype, shape, data_offsets
from the end of the header on), and the tensors without gaps.
"""

from __future__ import annotations

import json
import re
import struct
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.base.errors import AisbenchError

MOST_HEADER = 100_000_000
"""The longest header that the format allows, in bytes."""
_WEIGHTS = frozenset({".safetensors", ".bin", ".pt", ".pth", ".gguf", ".model", ".json"})
_POINTER = b"version https://git-lfs.github.com/spec/"
_NUMBER = re.compile(r"(?<=\.)\d+(?=\.)")
_HINT = "copy or download the model again: whole files, all of them"


@frozen(kw_only=True)
class Header:
    """The head of a safetensors file. ``tensors`` are names and where their bytes begin and end,
    counted from the beginning of the file; ``end`` is how long the file must be."""

    raw: bytes
    tensors: Mapping[str, tuple[int, int]]
    end: int


def read_header(path: Path) -> Header:
    """Raises AisbenchError, naming the file, for one that is cut or not a safetensors file."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8)) if size >= 8 else (0,)
            if length > MOST_HEADER:
                # Files of other formats look like this too.
                raise _broken(path, f"its header would have {length} bytes")
            if not length or size < 8 + length:
                raise _broken(path, f"it ends after {size} bytes, within its header")
            raw = file.read(length)
    except OSError as error:
        raise AisbenchError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        found = json.loads(raw)
        tensors = {
            str(name): tuple(8 + length + int(one) for one in entry["data_offsets"])
            for name, entry in found.items()
            if name != "__metadata__"
        }
        places = {name: (begin, end) for name, (begin, end) in tensors.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _broken(path, "its header is not a table of tensors") from error
    end = max((end for _, end in places.values()), default=8 + length)
    return Header(raw=raw, tensors=places, end=end)


def check_folder(key: str, value: str) -> bool:
    """Whether ``value``, a folder or a name on the hub, is a folder of this machine; its weights
    are then checked. Raises AisbenchError, which names the setting ``key``."""
    if value.startswith("/") and not Path(value).exists():
        raise AisbenchError(
            f"{key}: {value}: does not exist",
            hint=f"set `{key}` to a folder, or to a name on the hub",
        )
    if not value or not Path(value).is_dir():
        return False
    check_weights(Path(value))
    return True


def check_weights(folder: Path) -> None:
    """Check that the files of weights in ``folder`` are complete, by their heads and indexes:
    every shard that an index names is there, every tensor is in the shard that is to hold it, and
    no file is shorter or longer than its tensors.

    Only heads are read, whatever the size. Raises AisbenchError, naming file and tensors.
    """
    _check_others(folder)
    headers = {path.name: read_header(path) for path in sorted(folder.glob("*.safetensors"))}
    for name, header in headers.items():
        size = (folder / name).stat().st_size
        if size != header.end:
            raise _broken(folder / name, f"it has {size} bytes, and its tensors take {header.end}")
    for path in sorted(folder.glob("*.index.json")):
        if headers and "safetensors" not in path.name:
            continue  # the index of another format, which is not read then
        places = _weight_map(path)
        gone = sorted({shard for shard in places.values() if not (folder / shard).is_file()})
        if gone:
            raise AisbenchError(
                f"{folder}: files are missing that {path.name} names: {named(gone)}", hint=_HINT
            )
        lost = [
            tensor
            for tensor, shard in places.items()
            if shard in headers and tensor not in headers[shard].tensors
        ]
        if lost:
            raise AisbenchError(
                f"{folder}: {len(lost)} tensors are not in the files where {path.name} has them: "
                f"{named(lost)}",
                hint=_HINT,
            )


def _check_others(folder: Path) -> None:
    """Refuse pointers in place of files, and archives of PyTorch that lost their end."""
    for path in sorted(folder.iterdir()):
        if path.suffix not in _WEIGHTS or not path.is_file():
            continue
        try:
            with path.open("rb") as file:
                begin = file.read(len(_POINTER))
        except OSError as error:
            raise AisbenchError(f"{path}: cannot be read: {error.strerror or error}") from error
        if begin == _POINTER:
            raise AisbenchError(
                f"{path}: is a Git LFS pointer, not the file itself",
                hint="fetch the files: git lfs pull, or download the model again",
            )
        if begin.startswith(b"PK\x03\x04") and not zipfile.is_zipfile(path):
            raise AisbenchError(
                f"{path}: is cut: the archive has no directory at its end", hint=_HINT
            )


def tensor_names(folder: Path) -> set[str] | None:
    """All tensors of the safetensors files in ``folder``; None where there are no such files.
    Raises AisbenchError."""
    files = sorted(folder.glob("*.safetensors"))
    return {name for path in files for name in read_header(path).tensors} if files else None


def surely_missing(there: Collection[str], expected: Collection[str]) -> list[str]:
    """Which of the ``expected`` tensors are certainly missing, whatever loaders may rename.

    Libraries name tensors differently, and make some of several, so that a missing name alone
    proves nothing. But a tensor is missing where other layers have theirs under the same name,
    or where every name in the files is an expected one, so that nothing was renamed.
    """
    lost = sorted(set(expected) - set(there))
    if set(there) <= set(expected):
        return lost
    kinds = {_NUMBER.sub("#", name) for name in there}
    return [name for name in lost if _NUMBER.search(name) and _NUMBER.sub("#", name) in kinds]


def check_adapter(folder: Path) -> None:
    """Check that both halves of every matrix of a LoRA adapter are there. Raises AisbenchError."""
    names = tensor_names(folder) or set()
    lost = [
        other
        for name in names
        for one, two in (("lora_A", "lora_B"), ("lora_B", "lora_A"))
        if one in name and (other := name.replace(one, two)) not in names
    ]
    if lost:
        raise AisbenchError(
            f"{folder}: {len(lost)} tensors of the adapter are not in its files: {named(lost)}",
            hint=_HINT,
        )


def _weight_map(path: Path) -> Mapping[str, str]:
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
        return {str(tensor): str(shard) for tensor, shard in found["weight_map"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AisbenchError(
            f"{path}: is not an index of weights (JSON with a weight_map): {error!r}", hint=_HINT
        ) from error


def named(what: Iterable[str], most: int = 6) -> str:
    """The first names of a list that may be long, for a message."""
    names = sorted(what)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _broken(path: Path, why: str) -> AisbenchError:
    return AisbenchError(f"{path}: is not a whole safetensors file: {why}", hint=_HINT)


def blocks_of(header: Header, block: int) -> Iterator[tuple[int, int]]:
    """Places (begin, end) of at most ``block`` bytes at the beginning, middle and end of every
    tensor, whose content shows whether values changed."""
    for begin, end in header.tensors.values():
        length = end - begin
        for start in dict.fromkeys((begin, begin + max(0, length - block) // 2, end - block)):
            first = max(begin, start)
            if first < min(end, first + block):
                yield first, min(end, first + block)
