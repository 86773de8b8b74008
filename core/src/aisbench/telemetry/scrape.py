"""Reading a server's metrics before, during and after a load."""

from __future__ import annotations

import asyncio
import contextlib
import urllib.parse
from collections.abc import Mapping, Sequence

import aiohttp
from attrs import define, evolve, field

from aisbench.base.clock import now_ns
from aisbench.telemetry.families import PORTS
from aisbench.telemetry.reading import Scrape

TIMEOUT_SECONDS = 5.0
MOST_BYTES = 16 << 20
"""No server publishes more; what does not end is not read to its end."""
SHOWN = 200
"""Characters of a refusal that are shown."""
WHERE_ELSE = (
    "llama.cpp's server publishes with --metrics alone, SGLang with --enable-metrics, MindIE with "
    "MIES_SERVICE_MONITOR_MODE=1; Triton and MindIE at a port of their own: load.scrape_urls"
)


@define
class _Source:
    """One server, and where its metrics were found."""

    url: str
    headers: Mapping[str, str]
    role: str = ""
    elsewhere: str = ""
    """Another port of the host that had them; its readings are kept under this url."""
    newest: Scrape | None = field(default=None)
    """The newest reading that was whole."""


async def scrape_while(
    urls: Sequence[str],
    interval_s: float,
    stop: asyncio.Event,
    headers: Mapping[str, str],
    roles: Mapping[str, str] | None = None,
) -> list[Scrape]:
    """Read all ``urls`` at once, then each ``interval_s``, and once more when ``stop`` is set.

    Where the first reading of a url finds no metrics, the ports at which Triton and MindIE publish
    by default are looked at, on the same host and without ``headers``. A server that cannot be
    read is an entry with its error; a load does not fail for it. Of the readings between a
    server's first and last one, what only differences need (buckets of histograms) is not kept.
    ``roles`` are those of servers that have one, by their urls.
    """
    found: list[Scrape] = []
    roles = roles or {}
    sources = [_Source(url, headers, roles.get(url, "")) for url in urls]
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        readings = await asyncio.gather(*(_first(session, one) for one in sources))
        while True:
            for source, reading in zip(sources, readings, strict=True):
                _keep(found, source, reading)
            if stop.is_set():
                return found
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), interval_s)
            readings = await asyncio.gather(*(_again(session, one) for one in sources))


def _keep(found: list[Scrape], source: _Source, reading: Scrape) -> None:
    if source.role:
        reading = evolve(reading, role=source.role)
    if reading.error:
        found.append(reading)
        return
    first = next((one for one in found if one.url == reading.url and not one.error), None)
    if source.newest is not None and source.newest is not first:
        place = next(i for i in reversed(range(len(found))) if found[i] is source.newest)
        found[place] = evolve(source.newest, text=_without_buckets(source.newest.text))
    found.append(reading)
    source.newest = reading


def _without_buckets(text: str) -> str:
    lines = (line for line in text.split("\n") if line and not line.startswith("#"))
    return "\n".join(line for line in lines if "_bucket" not in line.partition("{")[0]) + "\n"


async def _first(session: aiohttp.ClientSession, source: _Source) -> Scrape:
    """The first reading, wherever there is one."""
    reading = await _read(session, source.url, source.headers)
    if not reading.error:
        return reading
    parts = urllib.parse.urlsplit(source.url)
    if parts.path != "/metrics" or parts.hostname is None:
        return reading
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    for port in PORTS:
        url = f"http://{host}:{port.number}/metrics"
        other = await _read(session, url, {})
        if port.mark in other.text:
            source.elsewhere = url
            return other
    return evolve(reading, error=f"{reading.error}; {WHERE_ELSE}")


async def _again(session: aiohttp.ClientSession, source: _Source) -> Scrape:
    if source.elsewhere:
        return await _read(session, source.elsewhere, {})
    return await _read(session, source.url, source.headers)


async def _read(session: aiohttp.ClientSession, url: str, headers: Mapping[str, str]) -> Scrape:
    when = now_ns()
    try:
        async with session.get(url, headers=dict(headers)) as reply:
            data = bytearray()
            async for part in reply.content.iter_chunked(1 << 16):
                data += part
                if len(data) > MOST_BYTES:
                    return Scrape(when, url, error=f"more than {MOST_BYTES >> 20} MiB of metrics")
    except (aiohttp.ClientError, OSError, asyncio.TimeoutError, ValueError) as error:
        return Scrape(when, url, error=str(error) or type(error).__name__)
    text = data.decode("utf-8", errors="replace")
    if reply.status != 200:
        said = " ".join(text[:SHOWN].split())
        return Scrape(when, url, error=f"status {reply.status}" + (f": {said}" if said else ""))
    return Scrape(when, url, text=text, until_ns=now_ns())
