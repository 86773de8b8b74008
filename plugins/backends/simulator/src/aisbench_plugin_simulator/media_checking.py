"""Looks at pictures, sounds and films: they are decoded where Pillow or PyAV are installed, else
their structure is read."""

from __future__ import annotations

import enum
import importlib.util
import io
import threading
import warnings
from collections import OrderedDict
from hashlib import sha256
from typing import Any

from attrs import evolve

from aisbench_plugin_simulator.media_seen import MediaError, MediaSeen
from aisbench_plugin_simulator.media_structure import by_structure, form_of


class MediaCheck(str, enum.Enum):
    """How media in requests are looked at."""

    DECODE = "decode"
    """Decoded as a whole, where Pillow (pictures) or PyAV (sounds, films) are installed."""
    STRUCTURE = "structure"
    """By the structure of their files."""
    COUNT = "count"
    """Counted only."""


REMEMBERED = 4096


class MediaChecker:
    """Remembers what it has seen: the same bytes are looked at once."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[bytes, str, MediaCheck], MediaSeen] = OrderedDict()
        self._lock = threading.Lock()

    def look(self, kind: str, data: bytes, check: MediaCheck) -> MediaSeen:
        """What the bytes are. Raises MediaError. Any thread may call it."""
        if not data:
            raise MediaError(f"{kind} file is empty")
        key = (sha256(data).digest(), kind, check)
        with self._lock:
            if key in self._seen:
                self._seen.move_to_end(key)
                return self._seen[key]
        seen = _look(kind, data, check)
        with self._lock:
            self._seen[key] = seen
            if len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        return seen


def _look(kind: str, data: bytes, check: MediaCheck) -> MediaSeen:
    if check is MediaCheck.COUNT:
        return MediaSeen(kind=kind, form=form_of(data) or "unknown", size=len(data))
    if check is MediaCheck.DECODE:
        if kind == "image" and importlib.util.find_spec("PIL"):
            return _picture(data)
        if kind in ("audio", "video") and importlib.util.find_spec("av"):
            return _played(kind, data)
    return by_structure(kind, data)


def _picture(data: bytes) -> MediaSeen:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as picture:
                picture.load()
                form = (picture.format or "unknown").lower()
                width, height = picture.size
    except UnidentifiedImageError:
        raise MediaError("cannot identify image file") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise MediaError(str(error)) from None
    return MediaSeen(kind="image", form=form, size=len(data), width=width, height=height)


def _played(kind: str, data: bytes) -> MediaSeen:
    import av

    form = form_of(data) or "unknown"
    try:
        with av.open(io.BytesIO(data)) as container:
            streams = container.streams.video if kind == "video" else container.streams.audio
            if not streams:
                raise MediaError(f"the file has no {kind} stream")
            seen = MediaSeen(kind=kind, form=form, size=len(data))
            if kind == "audio":
                return evolve(seen, seconds=_seconds_of_sound(container, streams[0]))
            return _film(seen, container, streams[0])
    except av.FFmpegError as error:
        raise MediaError(f"cannot decode {kind} file: {error.strerror}") from None


def _seconds_of_sound(container: Any, stream: Any) -> float:
    samples = sum(frame.samples for frame in container.decode(stream))
    if not samples:
        raise MediaError("the file has no sound in it")
    return float(samples / stream.rate)


def _film(seen: MediaSeen, container: Any, stream: Any) -> MediaSeen:
    frames, size = 0, (0, 0)
    for frame in container.decode(stream):
        frames, size = frames + 1, (frame.width, frame.height)
    if not frames:
        raise MediaError("the file has no frame in it")
    rate = stream.average_rate
    seconds = float(frames / rate) if rate else None
    return evolve(seen, width=size[0], height=size[1], seconds=seconds, frames=frames)
