"""Reading a server's metrics before, during and after a load."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

import aiohttp
from attrs import frozen

from aisbench.clock import now_ns

TIMEOUT_SECONDS = 5.0


@frozen
class Scrape:
    """One reading of one server; ``error`` says why there is none."""

    time_ns: int
    url: str
    text: str = ""
    error: str = ""


async def scrape_while(
    urls: Sequence[str], interval_s: float, stop: asyncio.Event, headers: Mapping[str, str]
) -> list[Scrape]:
    """Read all ``urls`` at once, then each ``interval_s``, and once more when ``stop`` is set.

    A server that cannot be read is an entry with its error; a load does not fail for it.
    """
    found: list[Scrape] = []
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, headers=dict(headers)) as session:
        while True:
            last = stop.is_set()
            found += await asyncio.gather(*(_read(session, url) for url in urls))
            if last:
                return found
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), interval_s)


async def _read(session: aiohttp.ClientSession, url: str) -> Scrape:
    when = now_ns()
    try:
        async with session.get(url) as reply:
            text = await reply.text(errors="replace")
            if reply.status != 200:
                return Scrape(when, url, error=f"status {reply.status}")
            return Scrape(when, url, text=text)
    except (aiohttp.ClientError, OSError, asyncio.TimeoutError, ValueError) as error:
        return Scrape(when, url, error=str(error) or type(error).__name__)
