"""Fetching data files over HTTP, which are kept only if their checksum is right."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import aiohttp
from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.base.visible import visible
from aisbench.store.environment import checksum
from aisbench.store.files import sync_folder
from aisbench.types.download import Download

ATTEMPTS = 4
"""Attempts at one file, each continuing where the connection broke."""
_BLOCK = 1 << 16


@frozen(kw_only=True)
class DownloadBounds:
    """What one file may take: ``seconds`` in all, ``idle`` seconds without a byte, ``size`` bytes.

    The largest file of any data set here has 0.7 GB.
    """

    seconds: float = 3600.0
    idle: float = 60.0
    size: int = 8 << 30


def fetch_files(
    files: Sequence[Download],
    folder: Path,
    mirror: str | None,
    bounds: DownloadBounds = DownloadBounds(),
) -> list[Path]:
    """Fetch ``files`` into ``folder``, except those that are there with the right checksum.

    ``mirror`` replaces all of the addresses but the file name. A file gets its name in one step,
    when it is whole and right. Processes that fetch into the same folder wait for each other, and
    continue what a killed one left. Raises DataError; no incomplete or wrong file is left.
    """
    for file in files:
        name = PurePosixPath(file.filename)
        if name.is_absolute() or ".." in name.parts or not name.name or "\0" in file.filename:
            raise DataError(
                f"{visible(file.filename)!r}: is not the name of a file within the folder"
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            return asyncio.run(_fetch_all(files, folder, mirror, bounds))
    except OSError as error:
        raise DataError(f"{folder}: cannot be written: {error.strerror or error}") from error


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Lock the folder; the lock ends with the process."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


async def _fetch_all(
    files: Sequence[Download], folder: Path, mirror: str | None, bounds: DownloadBounds
) -> list[Path]:
    paths = []
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=bounds.idle)
    # Downloads, unlike requests to models, use the machine's proxies. Encodings are neither asked
    # for nor undone: the checksum is of the file's own bytes.
    async with aiohttp.ClientSession(
        timeout=timeout,
        trust_env=True,
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
    ) as session:
        for file in files:
            path = folder / file.filename
            if not path.exists() or checksum(path) != file.sha256:
                url = f"{mirror.rstrip('/')}/{file.filename}" if mirror else file.url
                path.parent.mkdir(parents=True, exist_ok=True)
                await _Fetch(session, file, url, path, bounds).run()
            paths.append(path)
    return paths


class _Wrong(Exception):
    """A failure that another attempt would not change."""


class _Fetch:
    """One file on its way."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        file: Download,
        url: str,
        path: Path,
        bounds: DownloadBounds,
    ) -> None:
        self._session = session
        self._file = file
        self._url = url
        self._path = path
        self._bounds = bounds
        self._partial = path.with_name(f".{path.name}.part")

    async def run(self) -> None:
        """Fetch the whole file. Raises DataError, OSError; then nothing of it is left."""
        try:
            await asyncio.wait_for(self._attempts(), self._bounds.seconds)
            self._keep()
        except (_Wrong, aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
            raise DataError(
                f"{_shown(self._url)}: {self._words(error)}",
                hint=f"get it in another way and put it into {self._path.parent}, or try "
                "--mirror URL (or a larger --timeout or --max-size)",
            ) from None
        finally:
            self._partial.unlink(missing_ok=True)

    async def _attempts(self) -> None:
        for attempt in range(ATTEMPTS):
            resumed = self._partial.exists() and self._partial.stat().st_size > 0
            try:
                await self._attempt()
                if not resumed or checksum(self._partial) == self._file.sha256:
                    return
                # The earlier part was of another version, or damaged.
                self._partial.unlink()
            except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, ConnectionError):
                if attempt == ATTEMPTS - 1:
                    raise
            await asyncio.sleep(0.2 * attempt)

    async def _attempt(self) -> None:
        have = self._partial.stat().st_size if self._partial.exists() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        async with self._session.get(self._url, headers=headers) as reply:
            if reply.status == 416 and have:
                self._partial.unlink()  # longer than the file is: begin again
                return
            begins = _begin(reply) if reply.status == 206 else 0
            if reply.status not in (200, 206) or begins not in (0, have):
                raise _Wrong(f"answered with status {reply.status}")
            length = reply.content_length or 0
            if begins + length > self._bounds.size:
                raise _Wrong(f"has {begins + length:,} bytes, and {self._most()} are allowed")
            with self._partial.open("r+b" if begins else "wb") as out:
                out.seek(begins)
                async for block in reply.content.iter_chunked(_BLOCK):
                    if out.tell() + len(block) > self._bounds.size:
                        raise _Wrong(f"has more than the {self._most()} bytes that are allowed")
                    out.write(block)

    def _keep(self) -> None:
        found = checksum(self._partial) if self._partial.exists() else "nothing"
        if found != self._file.sha256:
            raise _Wrong(
                f"the file has the checksum {found}, and not {self._file.sha256}: it was cut, or "
                "is another version; nothing was kept"
            )
        with self._partial.open("rb") as file:
            os.fsync(file.fileno())
        self._partial.replace(self._path)
        sync_folder(self._path.parent)

    def _most(self) -> str:
        return f"{self._bounds.size:,}"

    def _words(self, error: Exception) -> str:
        if isinstance(error, aiohttp.ServerTimeoutError):
            return f"nothing was received for {self._bounds.idle:g} s"
        if isinstance(error, asyncio.TimeoutError):
            return f"was not complete after {self._bounds.seconds:g} s"
        return visible(str(error).replace(self._url, _shown(self._url)) or type(error).__name__)


def _begin(reply: aiohttp.ClientResponse) -> int:
    """Where the part that comes begins in the file (RFC 9110, 14.4); -1 where that is not said."""
    found = re.match(r"bytes (\d{1,18})-", reply.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _shown(url: str) -> str:
    """The address without a password."""
    scheme, mark, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return visible(f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path.partition('?')[0]}")
