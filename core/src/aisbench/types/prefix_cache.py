"""What a server's prefix cache could save of a load, and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import frozen


@frozen(kw_only=True)
class PrefixHits:
    """Some requests' prompts, and how much of them lay in the cache. Tokens, but for ``requests``.

    ``theory`` is what an infinite cache had computed for certain when a request was sent,
    ``most`` what it had, if also what was in flight then counts. The truth of a server that drops
    nothing lies between the two: a request that waits in the server's queue finds what was
    computed while it waited.
    """

    requests: int
    """Requests whose prompts are known."""
    prompt: int
    theory: int
    most: int
    limited: int | None = None
    """Like ``theory``, of a cache of the server's own size (least recently used blocks are
    dropped); None where the size is not known."""
    reported: int | None = None
    """Cached tokens by the server's usage; None where it told none."""
    reported_requests: int = 0
    """Requests of which it told them."""
    reported_prompt: int = 0
    """The prompts of these, by the server's count."""
    hit_requests: int = 0
    """Requests that had something in the cache, by ``theory``."""
    inferred: TtftSplit | None = None
    """What the times to the first token say; None where they do not tell."""


@frozen(kw_only=True)
class TtftSplit:
    """The times to the first token of some requests fall into two parts: a prompt that was in the
    cache is read sooner. ``share`` of the ``n`` requests (0..1) are in the fast part, ``low`` to
    ``high`` is the 95 % interval of that share (Wilson). Times in ms."""

    n: int
    share: float
    low: float
    high: float
    fast_ms: float
    """Geometric mean of the fast part."""
    slow_ms: float


@frozen(kw_only=True)
class PrefixGroup:
    """The requests of one value of a label."""

    label: str
    value: str
    hits: PrefixHits


@frozen(kw_only=True)
class PrefixOverTime:
    """Hit rates in percent of each stretch between two readings of the server; None where nothing
    was looked up, or it is not known. Times in ns after the start."""

    times_ns: tuple[int, ...]
    """The ends of the stretches."""
    theory: tuple[float | None, ...]
    most: tuple[float | None, ...]
    server: tuple[float | None, ...]


@frozen(kw_only=True)
class PrefixCacheResult:
    """The prefix cache of one load: theory, counters, usage and times side by side. (1.3)"""

    block_size: int
    """tokens"""
    block_size_from: Literal["server", "setting", "assumed"]
    blocks: int | None
    """How many the server holds; None where it does not say."""
    basis: Literal["ids", "template", "words"]
    """What the prompts' tokens are: ids that were sent, the chat template's text by the tokenizer,
    or the words alone, where there is no template."""
    measured: PrefixHits
    """Measured requests."""
    unknown: int
    """Measured requests whose prompts are not known: failed, cut, or with pictures."""
    looked_up: PrefixHits
    """All requests since the server was first read: what its counters are of."""
    server_queries: float | None
    """Tokens that it looked up, by its counters."""
    server_hits: float | None
    server_percent: float | None
    """Its hit rate: of its counters, else the mean of the rate that it publishes."""
    server_source: str
    """The metrics that this is of; empty where it publishes none."""
    groups: tuple[PrefixGroup, ...]
    over_time: PrefixOverTime | None
    agrees: bool | None
    """Whether the server's rate lies between the theory's bounds, but for the rounding to blocks;
    None where one of them is not known."""
    verdict: str
    causes: tuple[str, ...] = ()
    """What usually makes the two differ in this way, the likeliest first."""
    apart_requests: int = 0
    """Those of ``looked_up`` whose prompts the server counts otherwise than the tokenizer."""
    apart_tokens: int = 0
    """By how many tokens it does, more or less: the theory is uncertain by as many."""


@frozen(kw_only=True)
class KindSpeculation:
    """Speculative decoding with the prompts of one kind."""

    value: str
    """Of the label; "" for all requests."""
    requests: int
    """Answered ones, of more than one token."""
    output_tokens: int
    tokens_per_event: float | None
    """Tokens after the first one, by events after the first one: what one step of decoding made,
    where the server sends an event a step. Means by requests are not taken: long answers count as
    much as they are long. None where no answer came in several events."""
    tpot_ms: float | None
    """Mean TPOT of the requests."""
    acceptance_rate_percent: float | None = None
    """By the server's counters, of the stretches in which requests of this kind alone were in
    flight; None where there were none. Of all requests: of the whole load."""
    acceptance_length: float | None = None
    acceptance_by_position: Mapping[str, float] | None = None
    drafts: float | None = None
    """How many drafts these figures are of."""


@frozen(kw_only=True)
class SpeculationResult:
    """Speculative decoding over a load, and by kind of prompt. (1.3)"""

    label: str
    """The label whose values are the kinds; empty where requests have none."""
    overall: KindSpeculation
    kinds: tuple[KindSpeculation, ...]
    note: str
    """What could not be told apart, in a sentence; empty where everything could."""
