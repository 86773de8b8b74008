"""[load]: the load of a performance run. The shape's own keys stand beside these."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias, Union

from attrs import frozen

from aisbench.settings.fields import above, at_least, between, not_empty, setting

DEFAULT_SHAPE = "closed"


@frozen
class Until:
    """[load.until]: stop when a mean is known well enough."""

    metric: Literal["ttft", "tpot", "e2el", "itl"] = setting(
        default="ttft", help="whose mean over the requests"
    )
    width: float = setting(
        default=0.05,
        check=above(0),
        help="half the width of its 95 % confidence interval, as a share of the mean",
    )
    requests: int = setting(default=200, check=at_least(20), help="not before this many requests")


@frozen
class Search:
    """[load.search]: find the heaviest load whose SLO holds."""

    key: str = setting(
        default="", help="what to vary; empty: the shape's strength", example="concurrency"
    )
    low: float = setting(default=1.0, check=above(0), help="where to begin")
    high: float | None = setting(
        default=None, check=above(0), help="never beyond this", example=64.0
    )
    precision: float = setting(
        default=0.05,
        check=between(0.001, 0.5),
        help="stop when the bounds are this close, as a share",
    )
    trials: int = setting(
        default=3, check=at_least(1), help="runs at each load that is near the limit"
    )
    probes: int = setting(default=24, check=at_least(2), help="runs in all, at most")


@frozen
class PrefixCacheKeys:
    """[load.prefix_cache]: the server's prefix cache, where it does not publish what it is."""

    block_size: int | None = setting(
        default=None,
        unit="tokens",
        check=at_least(1),
        help="tokens of a block; absent: what the server publishes, else 16",
        example=128,
    )
    blocks: int | None = setting(
        default=None,
        check=at_least(1),
        help="blocks that each replica holds; absent: what the server publishes, else without end",
        example=16384,
    )


# Union, not |: the alias is evaluated at run time, on Python 3.10 as well.
ScrapeUrls: TypeAlias = Union[tuple[str, ...], Mapping[str, tuple[str, ...]]]  # noqa: UP007


@frozen
class LoadSettings:
    """Keys of [load] that concern every shape."""

    requests: int | None = setting(
        default=None,
        check=at_least(1),
        help="begin this many (conversations, where a row has several turns); absent: each row "
        "once, or as many as `duration` allows",
        example=1000,
    )
    duration: float | None = setting(
        default=None,
        unit="s",
        check=above(0),
        help="begin nothing new after this time",
        example=120.0,
    )
    until: Until | None = setting(
        default=None,
        help="stop when a mean is known well enough",
        example={"metric": "ttft", "width": 0.05, "requests": 500},
    )
    warm_up: int = setting(
        default=8,
        check=at_least(0),
        help="requests before the measured ones, with other texts; their results are kept apart",
    )
    cool_down: float = setting(
        default=0.0,
        unit="s",
        check=at_least(0),
        help="keep the load up for this time at most, until the measured requests have ended",
        example=5.0,
    )
    grace: float | None = setting(
        default=None,
        unit="s",
        check=at_least(0),
        help="how long measured requests may still take after the end, before they are "
        "cancelled; absent: until their time-outs",
        example=30.0,
    )
    attempts: int = setting(
        default=1, check=at_least(1), help="attempts at each request; each is recorded"
    )
    max_concurrency: int | None = setting(
        default=None,
        check=at_least(1),
        help="requests in flight at most; further ones wait, and keep their due time",
        example=256,
    )
    order: Literal["rows", "shuffle", "random"] = setting(
        default="rows", help="which row is asked next; random: drawn with replacement"
    )
    salt: bool = setting(
        default=False,
        help="replace words near the beginning of each prompt, so that no cache helps",
    )
    send_seed: bool = setting(
        default=False,
        help="send each request's seed; vLLM has no fast sampler for requests with a seed",
    )
    think: float = setting(
        default=0.0,
        unit="s",
        check=at_least(0),
        help="mean wait between turns of a conversation",
        example=2.0,
    )
    think_time: Literal["fixed", "exponential"] = setting(
        default="fixed", help="how the waits are spread"
    )
    only: Literal["", "prefill", "decode"] = setting(
        default="",
        help="prefill: each request asks for one token; decode: all prompts are asked once "
        "before, unmeasured, so that the server's cache has them. The result says whether it was "
        "so",
        example="prefill",
    )
    workers: int = setting(
        default=0,
        check=at_least(0),
        help="processes that send; 0: as many as are needed",
        example=4,
    )
    connections: int | None = setting(
        default=None,
        check=at_least(1),
        help="connections opened before the clock starts; absent: as many as are certainly needed",
        example=512,
    )
    source_addresses: tuple[str, ...] = setting(
        default=(),
        help="addresses of this host to connect from, in turn",
        example=["10.0.0.7", "10.0.0.8"],
    )
    slo: Mapping[str, float] = setting(
        factory=dict,
        help="limits such as ttft_ms = 500 (every request), tpot_p99_ms = 50, attainment = 0.99",
        example={"ttft_ms": 500, "tpot_p99_ms": 50, "attainment": 0.99},
    )
    percentiles: tuple[float, ...] = setting(
        default=(50, 75, 90, 95, 99, 99.9),
        check=not_empty,
        help="percentiles that are reported",
        example=[50, 90, 99, 99.9],
    )
    window: float | None = setting(
        default=None,
        unit="s",
        check=above(0),
        help="also report each stretch of this length",
        example=10.0,
    )
    itl: Literal["event", "read", "token"] = setting(
        default="event",
        help="what ITL is between: events with tokens, reads of the socket, or tokens (spread "
        "over the events by the server's count)",
    )
    keep_answers: bool = setting(
        default=False, help='store prompts and answers too; mode = "both" always does'
    )
    scrape: bool = setting(
        default=False, help="read the server's Prometheus metrics before, during and after"
    )
    scrape_urls: ScrapeUrls = setting(
        default=(),
        help="where from; empty: /metrics of the model's url, else the ports at which Triton "
        "(8002) and MindIE (1027) have them. Of a disaggregated deployment by role: { prefill = "
        "[...], decode = [...], router = [...], encode = [...] }",
        example=["http://10.0.0.1:9090/metrics"],
    )
    scrape_interval: float = setting(default=1.0, unit="s", check=above(0), help="between reads")
    prefix_cache: PrefixCacheKeys | None = setting(
        default=None,
        help="the server's prefix cache, where it does not publish what it is",
        example={"block_size": 128},
    )
    sweep: Mapping[str, tuple[float, ...]] = setting(
        factory=dict,
        help="keys with a list of values each: one load for every combination",
        example={"rate": [2, 4, 8]},
    )
    search: Search | None = setting(
        default=None,
        help="find the heaviest load whose SLO holds",
        example={"low": 1, "high": 64, "trials": 3},
    )


def scraped(settings: LoadSettings) -> dict[str, str]:
    """The urls of ``scrape_urls``, each with its role; empty where none is told."""
    if isinstance(settings.scrape_urls, Mapping):
        return {url: role for role, urls in settings.scrape_urls.items() for url in urls}
    return dict.fromkeys(settings.scrape_urls, "")


def combinations(sweep: Mapping[str, tuple[float, ...]]) -> Iterator[dict[str, Any]]:
    """Every combination of the values of a sweep, in the order of the suite."""
    for values in itertools.product(*sweep.values()):
        yield {key: tidy(value) for key, value in zip(sweep, values, strict=True)}


def tidy(value: float) -> float | int:
    """A whole number as an integer: concurrency = 8, not 8.0."""
    return int(value) if float(value).is_integer() else value


def label(changes: Mapping[str, Any]) -> str:
    """How a load of a sweep is called, and its folder: ``rate=8``."""
    return ",".join(f"{key}={value:g}" for key, value in changes.items()) or "load"
