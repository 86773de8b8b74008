"""Gets the media of a request, looks at them, and counts them and their tokens."""

from __future__ import annotations

import asyncio
import binascii
from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import aiohttp
import attrs

from aisbench_plugin_simulator.asking import room
from aisbench_plugin_simulator.journal import Record
from aisbench_plugin_simulator.media_seen import MediaError, MediaSeen
from aisbench_plugin_simulator.parsed_request import MediaPart, ParsedRequest
from aisbench_plugin_simulator.refusal import OpenaiError, Refusal
from aisbench_plugin_simulator.simulator import Simulator

FETCH_TIMEOUT_S = 30.0
SMALL = 32 * 2**10
"""Bytes of media that are looked at at once; more are in another thread, for other requests."""
_FRAMES = "data:video/jpeg;base64,"


async def with_media(simulator: Simulator, asked: ParsedRequest, record: Record) -> ParsedRequest:
    """``asked`` with the tokens of its media; they are counted in the journal. Raises Refusal
    where one of them cannot be had, or is not what it says it is."""
    seen = []
    for part in asked.media:
        try:
            seen.append(await _see(simulator, part))
        except MediaError as error:
            simulator.journal.media.refuse(part.kind)
            raise _refusal(part, str(error)) from None
    for one in seen:
        simulator.journal.media.add(one)
    record.media = dict(Counter(one.kind for one in seen))
    record.media_bytes = sum(one.size for one in seen)
    tokens = asked.prompt_tokens + sum(one.tokens for one in seen)
    most = room(simulator.settings, tokens, asked.said, asked.chat)
    least = most if asked.min_tokens == asked.max_tokens else asked.min_tokens
    return attrs.evolve(asked, prompt_tokens=tokens, max_tokens=most, min_tokens=least)


async def _see(simulator: Simulator, part: MediaPart) -> MediaSeen:
    """Raises MediaError and Refusal."""
    if part.source.startswith(_FRAMES) and part.kind == "video":
        return await _aside(len(part.source), _see_frames, simulator, part.source)
    if part.uploaded:
        upload = simulator.uploads.get(part.source)
        if upload is None:
            raise Refusal(
                404,
                f"No such File object: {part.source}",
                kind="NotFoundError",
                param=part.place,
            )
        data = upload.content
    else:
        data = await _bytes_of(simulator, part)
    check = simulator.settings.check_media
    return await _aside(len(data), simulator.checker.look, part.kind, data, check)


async def _aside(size: int, function: Callable[..., MediaSeen], *arguments: Any) -> MediaSeen:
    if size <= SMALL:
        return function(*arguments)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, function, *arguments)


def _see_frames(simulator: Simulator, source: str) -> MediaSeen:
    """A film whose frames are sent as pictures, with commas between them, as vLLM takes it."""
    frames = [_decoded(one) for one in source[len(_FRAMES) :].split(",")]
    check = simulator.settings.check_media
    pictures = [simulator.checker.look("image", one, check) for one in frames]
    return MediaSeen(
        kind="video",
        form="frames",
        size=sum(map(len, frames)),
        width=pictures[0].width,
        height=pictures[0].height,
        frames=len(frames),
    )


async def _bytes_of(simulator: Simulator, part: MediaPart) -> bytes:
    source = part.source
    if source.startswith("data:"):
        spec, comma, data = source[5:].partition(",")
        if not comma:
            raise MediaError(f"Invalid data URL {source[:32]!r}: missing ',' separator.")
        if not spec.endswith(";base64"):
            raise MediaError("Only base64 data URLs are supported for now.")
        return _decoded(data)
    if source.startswith(("http://", "https://")):
        return await _fetched(source)
    if source.startswith("file:"):
        return _local(simulator.settings.allowed_local_media_path, source)
    if part.kind in ("audio", "file") and "://" not in source[:16]:
        return _decoded(source)
    raise MediaError("The URL must be either a HTTP, data or file URL.")


def _decoded(text: str) -> bytes:
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MediaError(f"Invalid base64-encoded data: {error}") from None
    return data


async def _fetched(url: str) -> bytes:
    timeout = aiohttp.ClientTimeout(total=FETCH_TIMEOUT_S)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as reply:
            if reply.status != 200:
                raise MediaError(f"{reply.status}, message='{reply.reason}', url='{url}'")
            return await reply.read()
    except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
        raise MediaError(f"cannot get {url}: {str(error) or type(error).__name__}") from None


def _local(allowed: Path | None, url: str) -> bytes:
    if allowed is None:
        raise MediaError("Cannot load local files without `--allowed-local-media-path`.")
    parts = urlsplit(url)
    path = Path(url2pathname(parts.netloc + parts.path))
    if allowed.resolve() not in path.resolve().parents:
        raise MediaError(
            f"The file path {path} must be a subpath of `--allowed-local-media-path {allowed}`."
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise MediaError(f"{path}: {error.strerror}") from None


def _refusal(part: MediaPart, said: str) -> Refusal:
    openai = OpenaiError(said, f"invalid_{part.kind}", part.place)
    if part.kind == "image" and said == "cannot identify image file":
        openai = OpenaiError(
            "You uploaded an unsupported image. Please make sure your image has of one the "
            "following formats: ['png', 'jpeg', 'gif', 'webp'].",
            "invalid_image_format",
        )
    return Refusal(400, said, param=part.place, openai=openai)
