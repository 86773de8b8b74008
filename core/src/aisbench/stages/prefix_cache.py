"""A load's prefix cache: what its schedule allowed beside what the server did."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from aisbench.base.errors import AisbenchError
from aisbench.config.load_keys import LoadSettings
from aisbench.store.recording.columns import Recording
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.recording.prompt_blocks import BlockWriter, read_blocks
from aisbench.telemetry.cache_facts import CacheFacts, cache_facts
from aisbench.telemetry.over_time import server_lines
from aisbench.telemetry.reading import Scrape
from aisbench.types.prefix_cache import PrefixCacheResult, PrefixHits, PrefixOverTime
from aisbench.types.server_metrics import ServerMetrics

if TYPE_CHECKING:
    from aisbench.metrics.prefix_hits import HitTable

ASSUMED = 16
"""tokens; vLLM's block on GPUs for a long time."""
SLACK = 0.5
"""Percentage points that no verdict is made of."""
OTHER_TOKENS = 0.02
"""Difference of the prompts' tokens that is told, as a share."""
RATE_LINE = "prefix_cache_hit_rate_percent"


def block_writer(scrapes: Sequence[Scrape], settings: LoadSettings) -> BlockWriter:
    """What gathers the blocks: of the server's size, or of one that it is a multiple of."""
    size, _ = _block_size(cache_facts(scrapes), settings)
    return BlockWriter(ASSUMED if size % ASSUMED == 0 else size)


def prefix_cache(
    folder: LoadFolder,
    recording: Recording,
    settings: LoadSettings,
    scrapes: Sequence[Scrape],
    server: ServerMetrics | None,
    zero_ns: int,
    streamed: bool,
) -> PrefixCacheResult | None:
    """None where the tokens of no prompt are known. Raises DamageError, and AisbenchError for a
    size of blocks that cannot be made of those that were kept."""
    from aisbench.metrics.prefix_hits import HitTable
    from aisbench.metrics.prefix_theory import theory_of

    blocks = read_blocks(folder)
    if blocks is None:
        return None
    facts = cache_facts(scrapes)
    size, source = _size_of_kept(blocks.size, *_block_size(facts, settings))
    blocks = blocks.of_size(size)
    own = settings.prefix_cache
    held = own.blocks if own is not None and own.blocks else facts.blocks
    table = HitTable(recording, blocks, theory_of(recording, blocks, held), streamed)
    measured = table.measured
    first = min((one.time_ns for one in scrapes if one.text), default=None)
    begin = -(2**62) if first is None else first - zero_ns
    since = table.between(begin, 2**62)
    looked_up = table.of(since)
    told = _Told.of(server)
    # Where the cache itself counts as the tokenizer does, what usage says is of other things.
    alike = told.queries == looked_up.prompt
    apart_requests, apart_tokens = (0, 0) if alike else table.apart(since)
    found = _Compared(looked_up, told, size, source, facts, held, server, apart_tokens)
    agrees = found.agrees
    return PrefixCacheResult(
        block_size=size,
        block_size_from=source,
        blocks=held,
        basis=blocks.basis,
        measured=table.of(measured),
        unknown=int(recording.columns.requests.sum()) - int(measured.sum()),
        looked_up=looked_up,
        server_queries=told.queries,
        server_hits=told.hits,
        server_percent=told.percent,
        server_source=told.source,
        groups=tuple(table.groups()),
        over_time=_over_time(table, scrapes, zero_ns),
        agrees=agrees,
        verdict=found.verdict,
        causes=tuple(found.causes()) if agrees is False else (),
        apart_requests=apart_requests,
        apart_tokens=apart_tokens,
    )


def token_doubt(cache: PrefixCacheResult | None) -> Iterator[str]:
    """That the server sees other tokens than those that the theory is of."""
    if cache is not None and cache.apart_requests:
        points = 100 * cache.apart_tokens / cache.looked_up.prompt
        yield (
            f"the server counts {cache.apart_requests} of {cache.looked_up.requests} prompts "
            f"otherwise than the tokenizer, by {cache.apart_tokens} tokens in all: the prefix "
            f"cache's theory is uncertain by {points:.1f} points, or by a block each at most"
        )


def _block_size(
    facts: CacheFacts, settings: LoadSettings
) -> tuple[int, Literal["server", "setting", "assumed"]]:
    own = settings.prefix_cache
    if own is not None and own.block_size:
        return own.block_size, "setting"
    if facts.block_size:
        return facts.block_size, "server"
    return ASSUMED, "assumed"


def _size_of_kept(
    kept: int, size: int, source: Literal["server", "setting", "assumed"]
) -> tuple[int, Literal["server", "setting", "assumed"]]:
    """The size of blocks that can be made of the kept ones. Raises AisbenchError where another
    was set."""
    if size % kept == 0:
        return size, source
    if source == "setting":
        raise AisbenchError(
            f"load.prefix_cache.block_size = {size}: this load's prompts were kept by blocks "
            f"of {kept} tokens",
            hint=f"name a multiple of {kept}, or run the load again with that size",
        )
    return kept, "assumed"


@frozen
class _Told:
    """What the server published of its hits."""

    queries: float | None = None
    hits: float | None = None
    percent: float | None = None
    source: str = ""

    @classmethod
    def of(cls, server: ServerMetrics | None) -> _Told:
        counters = (server.counters if server is not None else None) or {}
        for hits, queries in (
            ("prefix_cache_hits", "prefix_cache_queries"),
            ("cached_tokens", "prompt_tokens"),
        ):
            if counters.get(queries) and counters.get(hits) is not None:
                rate = 100 * counters[hits] / counters[queries]
                return cls(counters[queries], counters[hits], rate, f"{hits}, {queries}")
        levels = (server.levels if server is not None else None) or {}
        level = levels.get("cache_hit_rate")
        if level is None:
            return cls()
        # Shares; some servers publish them in percent.
        scale = 100 if level.max <= 1 else 1
        return cls(percent=scale * level.mean, source="cache_hit_rate (mean of its readings)")


@frozen
class _Compared:
    """Theory and server."""

    hits: PrefixHits
    told: _Told
    size: int
    source: str
    facts: CacheFacts
    blocks: int | None
    server: ServerMetrics | None
    apart: int
    """Tokens by which the server counts the prompts otherwise than the tokenizer."""

    @property
    def low(self) -> float:
        """% of the prompts that had to be found."""
        least = self.hits.theory if self.hits.limited is None else self.hits.limited
        return self._percent(min(least, self.hits.theory))

    @property
    def high(self) -> float:
        """% that could be found at most."""
        return self._percent(self.hits.most)

    def _percent(self, tokens: int) -> float:
        return 100 * tokens / self.hits.prompt if self.hits.prompt else 0.0

    @property
    def percent(self) -> float | None:
        """The server's rate: of its metrics, else of its usage."""
        if self.told.percent is not None:
            return self.told.percent
        if self.hits.reported is None or not self.hits.reported_prompt:
            return None
        return 100 * self.hits.reported / self.hits.reported_prompt

    @property
    def slack(self) -> float:
        """Percentage points that no verdict is made of: what the size of blocks may make, where it
        is not known, and tokens that the server sees otherwise, where they are few."""
        found = SLACK
        if self.source == "assumed":
            found += self._percent(self.size * self.hits.hit_requests)
        if self.apart <= OTHER_TOKENS * self.hits.prompt:
            found += self._percent(self.apart)
        return found

    @property
    def agrees(self) -> bool | None:
        percent = self.percent
        if percent is None or not self.hits.prompt:
            return None
        return self.low - self.slack <= percent <= self.high + self.slack

    @property
    def verdict(self) -> str:
        percent, low, high = self.percent, self.low, self.high
        if percent is None:
            return (
                f"The schedule lets a prefix cache have {low:.1f} to {high:.1f} % of the prompt "
                "tokens; the server does not tell what it had."
            )
        if self.agrees:
            return (
                f"The server took {percent:.1f} % of the prompt tokens from its cache, as the "
                f"schedule lets it: {low:.1f} to {high:.1f} %."
            )
        if percent < low:
            return (
                f"The server took {percent:.1f} % of the prompt tokens from its cache, and the "
                f"schedule lets it have {low:.1f} % at least: {low - percent:.1f} points are "
                "missing."
            )
        return (
            f"The server took {percent:.1f} % of the prompt tokens from its cache, and the "
            f"schedule explains {high:.1f} % at most: {percent - high:.1f} points came from "
            "elsewhere."
        )

    def causes(self) -> Iterator[str]:
        """The likely ones; those that something speaks for come first."""
        percent = self.percent
        assert percent is not None
        yield from self._otherwise_counted()
        told = self.facts.block_size
        if self.source == "setting" and told is not None and told != self.size:
            yield (
                f"the server says that its blocks have {told} tokens, and "
                f"load.prefix_cache.block_size is {self.size}"
            )
        if percent > self.high:
            yield from self._more()
        else:
            yield from self._less(percent)

    def _more(self) -> Iterator[str]:
        yield (
            "the cache held these prompts before the load began: an earlier run sent them; "
            "another seed, load.salt, or the server's route that empties its cache"
        )
        yield "other clients asked the server too"
        if self.source == "assumed":
            yield (
                f"its blocks are smaller than the assumed {self.size} tokens: "
                "load.prefix_cache.block_size"
            )

    def _otherwise_counted(self) -> Iterator[str]:
        """Whether the server's prompts have other lengths than ours."""
        counted = self.told.queries or self.hits.reported_prompt
        if counted and abs(counted / self.hits.prompt - 1) > OTHER_TOKENS:
            yield (
                f"the server counts {counted:,.0f} prompt tokens where the tokenizer counts "
                f"{self.hits.prompt:,}: models.*.tokenizer is not the server's, or its chat "
                "template is another"
            )

    def _less(self, percent: float) -> Iterator[str]:
        if self.facts.caching is False or percent == 0:
            yield "prefix caching is off on this server"
        counters = (self.server.counters if self.server is not None else None) or {}
        if counters.get("preemptions"):
            yield f"the server preempted {counters['preemptions']} requests: its cache was full"
        levels = (self.server.levels if self.server is not None else None) or {}
        usage = levels.get("cache_usage")
        if usage is not None and usage.max >= (0.95 if usage.max <= 1 else 95):
            yield "its cache was full, and dropped what was asked again"
        elif self.blocks is None:
            yield (
                "its cache is smaller than the load's prompts, and dropped what was asked again: "
                "load.prefix_cache.blocks says how many it holds"
            )
        yield (
            "several engines or replicas stand behind one address, each with a cache of its own, "
            "and the router does not follow prefixes"
        )
        yield (
            "the server's chat template writes something that changes (a date, an id) before the "
            "shared text"
        )
        if self.source == "assumed":
            yield (
                f"its blocks are larger than the assumed {self.size} tokens: "
                "load.prefix_cache.block_size"
            )
        yield "the model's attention (sliding window, Mamba) keeps only some of the blocks"


def _over_time(table: HitTable, scrapes: Sequence[Scrape], zero_ns: int) -> PrefixOverTime | None:
    line = next((one for one in server_lines(scrapes, zero_ns) if one.name == RATE_LINE), None)
    if line is None:
        times: tuple[int, ...] = tuple(
            one.time_ns - zero_ns for one in scrapes if one.url == scrapes[0].url
        )
        server: tuple[float | None, ...] = (None,) * len(times)
    else:
        times, server = line.times_ns, line.values
    if len(times) < 2:
        return None
    strict: list[float | None] = []
    most: list[float | None] = []
    for begin, end in itertools.pairwise(times):
        chosen = table.between(begin, end)
        prompt = int(table.blocks.prompt_tokens[chosen].sum())
        for found, hits in ((strict, table.theory.strict), (most, table.theory.most)):
            found.append(100 * int(hits[chosen].sum()) / prompt if prompt else None)
    return PrefixOverTime(
        times_ns=times[1:], theory=tuple(strict), most=tuple(most), server=server[1:]
    )
