"""Files of other tools, read strictly: whole, or a named error. Nothing in them is evaluated."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from attrs import frozen

from aisbench.api import DataError

MAX_FILES = 20_000
"""Files of a folder that are looked at: a home directory given by mistake is no result."""
_PICKLES = tuple(b"\x80" + bytes([protocol]) for protocol in range(2, 6))
_SKIPPED = ("logs", "log", "tmp", "status_tmp", "configs", "node_modules", "__pycache__")
"""Folders of tools in which no results lie."""


def is_pickle(head: bytes) -> bool:
    """Whether a file begins as Python's pickles do, which run code when they are loaded."""
    return head[:2] in _PICKLES


def files_below(folder: Path) -> list[Path]:
    """All files of a folder of results, in the order of their names. Raises DataError."""
    found: list[Path] = []
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = sorted(here.iterdir())
        except OSError as error:
            raise DataError(f"{here}: cannot be read: {error.strerror}") from None
        for path in entries:
            if path.name.startswith("."):
                continue
            if path.is_dir():
                if path.name not in _SKIPPED and not path.is_symlink():
                    waiting.append(path)
            else:
                found.append(path)
        if len(found) > MAX_FILES:
            raise DataError(
                f"{folder}: has more than {MAX_FILES} files",
                hint="name the folder of one run, or one file of results",
            )
    return sorted(found)


def read_bytes(path: Path) -> bytes:
    """Raises DataError for what cannot be read, is empty, or would run code."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    if is_pickle(data[:2]):
        raise DataError(
            f"{path}: is a pickle, which can run code when it is loaded: it is not read",
            hint="let the tool that wrote it export JSON",
        )
    if not data.strip():
        raise DataError(f"{path}: is empty", hint="the tool was stopped before it wrote results")
    return data


def read_json(path: Path) -> Any:
    """A file that is one JSON value. Raises DataError, with the place of the damage."""
    return parse(read_bytes(path), str(path))


def parse(data: bytes, place: str) -> Any:
    """One JSON value; NaN and Infinity, which Python's tools write, are numbers."""
    try:
        return orjson.loads(data)
    except ValueError:
        pass
    try:
        return json.loads(data)
    except UnicodeDecodeError as error:
        raise DataError(f"{place}: is not UTF-8 at byte {error.start}", hint=_AGAIN) from None
    except ValueError as error:
        raise DataError(f"{place}: is not whole JSON: {error}", hint=_AGAIN) from None
    except RecursionError:
        raise DataError(f"{place}: is nested too deeply") from None


_AGAIN = "it was cut or changed: copy it again, or let the tool write it again"


@frozen
class JsonRecord:
    """A JSON object of a file, and where it stands."""

    cells: Mapping[str, Any]
    place: str

    def error(self, what: str) -> DataError:
        return DataError(f"{self.place}: {what}", hint=_AGAIN)

    def get(self, key: str) -> Any:
        return self.cells.get(key)

    def need(self, key: str) -> Any:
        """A value that must be there. Raises DataError."""
        if key not in self.cells:
            raise self.error(f"has no {key!r}")
        return self.cells[key]

    def inside(self, key: str) -> JsonRecord:
        """An object that must be there. Raises DataError."""
        value = self.need(key)
        if not isinstance(value, Mapping):
            raise self.error(f"{key} must be an object, and is {shown(value)}")
        return JsonRecord(value, f"{self.place}: {key}")

    def items(self, key: str) -> list[Any]:
        """A list that must be there. Raises DataError."""
        value = self.need(key)
        if not isinstance(value, list):
            raise self.error(f"{key} must be a list, and is {shown(value)}")
        return value

    def string(self, key: str) -> str:
        """A text that must be there. Raises DataError."""
        value = self.need(key)
        if not isinstance(value, str):
            raise self.error(f"{key} must be a text, and is {shown(value)}")
        return value

    def number(self, key: str) -> float:
        """A number that must be there. Raises DataError."""
        value = self.need(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.error(f"{key} must be a number, and is {shown(value)}")
        return float(value)

    def whole(self, key: str) -> int:
        """A whole number that must be there. Raises DataError."""
        value = self.need(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(f"{key} must be a whole number, and is {shown(value)}")
        return value

    def objects(self, key: str) -> Iterator[JsonRecord]:
        """The objects of a list that must be there. Raises DataError."""
        for number, one in enumerate(self.items(key)):
            if not isinstance(one, Mapping):
                raise self.error(f"{key}[{number}] must be an object, and is {shown(one)}")
            yield JsonRecord(one, f"{self.place}: {key}[{number}]")


def read_object(path: Path) -> JsonRecord:
    """A file that is one JSON object. Raises DataError."""
    value = read_json(path)
    if not isinstance(value, Mapping):
        raise DataError(f"{path}: must be an object, and is {shown(value)}", hint=_AGAIN)
    return JsonRecord(value, str(path))


def read_lines(path: Path) -> list[JsonRecord]:
    """A file of JSON lines. A last line without its end that is no JSON is damage, too.

    Raises DataError, naming file and line.
    """
    found = []
    # Not splitlines(), which breaks lines at characters that JSON allows in texts.
    for number, line in enumerate(read_bytes(path).split(b"\n"), 1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        value = parse(line, place)
        if not isinstance(value, Mapping):
            raise DataError(f"{place}: must be an object, and is {shown(value)}", hint=_AGAIN)
        found.append(JsonRecord(value, place))
    return found


def shown(value: Any) -> str:
    """A value for a message: short."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
