"""Long texts that only evaluators need, such as hidden tests: they stay on the disk, and are read
when an answer is scored.

A field is ``{"!text": {...}}`` with the ``sha256`` of the text in UTF-8. Before a run it says
where the user's file has it: its ``path``, and the line of JSON of ``length`` bytes from the byte
``at`` on, whose ``column`` it is. The run keeps each text once, in a file of its own under its
checksum.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from aisbench.base.errors import DamageError, DataError
from aisbench.store.environment import checksum
from aisbench.store.files import failure, make_folder
from aisbench.store.held import at_hand
from aisbench.types.json import JsonObject, JsonValue
from aisbench.types.sample import Sample

MARK = "!text"
_SHA256 = re.compile(r"[0-9a-f]{64}")


def long_text(text: str, file: Path, at: int, length: int, column: str) -> JsonObject:
    """A field that stands for ``text``: it is the value of ``column`` in the JSON object that the
    ``length`` bytes of ``file`` from ``at`` on are."""
    sha256 = hashlib.sha256(_bytes(text)).hexdigest()
    place: JsonObject = {"path": str(file), "at": at, "length": length, "column": column}
    return {MARK: {"sha256": sha256, **place}}


def with_long_texts(sample: Sample) -> Sample:
    """The sample with its long texts in memory.

    Raises DataError for a file that changed since its rows were read, DamageError for a text that
    the run has no more.
    """
    # Called for every answer that is scored: nothing is made for samples without such texts.
    held = [name for name, value in at_hand(sample.fields).items() if is_long_text(value)]
    if not held:
        return sample
    read = {name: text_of(sample.fields[name]) for name in held}
    return attrs.evolve(sample, fields={**sample.fields, **read})


def is_long_text(value: object) -> bool:
    """Whether a field stands for a text."""
    if type(value) is not dict or MARK not in value:
        return False
    about = value[MARK]
    sha256 = about.get("sha256") if isinstance(about, Mapping) else None
    return isinstance(sha256, str) and _SHA256.fullmatch(sha256) is not None


def text_of(value: JsonValue) -> str:
    """The text that a field stands for. Raises DataError, DamageError."""
    assert isinstance(value, Mapping)
    about: Any = value[MARK]
    return _of_line(about) if "at" in about else _of_run(about)


def kept_in(sample: Sample, folder: Path) -> Sample:
    """The sample with its long texts kept in ``folder``, which its fields name from then on.
    Raises DataError, StoreError."""
    return _changed(sample, lambda about: _kept(about, folder))


def without_folder(sample: Sample) -> Sample:
    """As it stands in the run's files: a run may be moved."""
    return _changed(sample, lambda about: {"sha256": about["sha256"]})


def found_in(sample: Sample, folder: Path) -> Sample:
    """A sample of a run's files, whose texts are kept in ``folder``."""
    return _changed(sample, lambda about: {**about, "path": str(folder / about["sha256"])})


def _changed(sample: Sample, change: Any) -> Sample:
    if not any(map(is_long_text, at_hand(sample.fields).values())):
        return sample
    fields = {
        name: {MARK: change(value[MARK])}  # type: ignore[index,call-overload]
        if is_long_text(value)
        else value
        for name, value in sample.fields.items()
    }
    return attrs.evolve(sample, fields=fields)


def _kept(about: Any, folder: Path) -> dict[str, str]:
    name = about["sha256"]
    path = folder / name
    # A power cut may leave anything under the name of a file that was not synced.
    if not (path.is_file() and checksum(path) == name):
        content = _bytes(text_of({MARK: about}))
        half = path.with_name(f".{name}.tmp")
        try:
            make_folder(folder)
            half.write_bytes(content)
            half.replace(path)
        except OSError as error:
            raise failure(path, error) from error
    return {"sha256": name, "path": str(path)}


def _of_line(about: Any) -> str:
    file = str(about.get("path", ""))
    try:
        with Path(file).open("rb") as opened:
            opened.seek(about["at"])
            row = json.loads(opened.read(about["length"]))
        text = row[about["column"]]
        same = hashlib.sha256(_bytes(text)).hexdigest() == about["sha256"]
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror or error}") from None
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        same = False
    if not same:
        raise DataError(
            f"{file}: was changed since its rows were read", hint="begin again with the file as is"
        )
    return str(text)


def _of_run(about: Any) -> str:
    path = Path(str(about.get("path", "")))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DamageError(
            f"{path}: cannot be read: {error.strerror or error}",
            hint="it holds what an answer is compared with: copy the folder texts from the run "
            "that asked",
        ) from error
    if hashlib.sha256(content).hexdigest() != about["sha256"]:
        raise DamageError(f"{path}: is damaged: its checksum is another", hint="restore a copy")
    return content.decode("utf-8", "surrogatepass")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
