"""Getting data files over HTTP, kept only when their checksum is right."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from aisbench.errors import DataError
from aisbench.store.environment import checksum
from aisbench.types.download import Download

LIMIT_SECONDS = 600


def fetch_files(files: Sequence[Download], folder: Path, mirror: str | None) -> list[Path]:
    """Bring ``files`` into ``folder``; what is there with the right checksum stays.

    ``mirror`` replaces all but the file name of the addresses. Raises DataError; no half or
    wrong file is left.
    """
    return asyncio.run(_fetch_all(files, folder, mirror))


async def _fetch_all(files: Sequence[Download], folder: Path, mirror: str | None) -> list[Path]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{folder}: cannot be made: {error.strerror}") from error
    made = []
    timeout = aiohttp.ClientTimeout(total=LIMIT_SECONDS, sock_connect=30)
    # A download is the one thing here that has to obey the proxies of the machine.
    async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
        for file in files:
            path = folder / file.filename
            if not path.exists() or checksum(path) != file.sha256:
                url = f"{mirror.rstrip('/')}/{file.filename}" if mirror else file.url
                await _fetch(session, file, url, path)
            made.append(path)
    return made


async def _fetch(session: aiohttp.ClientSession, file: Download, url: str, path: Path) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    digest = hashlib.sha256()
    hint = f"get it by other means and put it into {path.parent}, or try --mirror URL"
    try:
        async with session.get(url) as reply:
            if reply.status != 200:
                raise DataError(f"{url}: answered with status {reply.status}", hint=hint)
            with partial.open("wb") as out:
                async for block in reply.content.iter_chunked(1 << 16):
                    digest.update(block)
                    out.write(block)
        if digest.hexdigest() != file.sha256:
            raise DataError(
                f"{url}: the file has the checksum {digest.hexdigest()}, and not {file.sha256}",
                hint="it was cut, or it is another version; nothing was kept",
            )
        partial.replace(path)
    except (aiohttp.ClientError, OSError, asyncio.TimeoutError) as error:
        raise DataError(f"{url}: {str(error) or type(error).__name__}", hint=hint) from error
    finally:
        partial.unlink(missing_ok=True)
