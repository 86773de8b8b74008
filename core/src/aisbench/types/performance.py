"""What a load measured: statistics of requests, figures of the run, and the client's health."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from aisbench.types.devices import DevicesResult
from aisbench.types.figure import Figure
from aisbench.types.json import JsonObject
from aisbench.types.ledger import TokenLedger
from aisbench.types.prefix_cache import PrefixCacheResult, SpeculationResult
from aisbench.types.server_metrics import Number, ServerMetrics
from aisbench.types.single_phase import SinglePhase
from aisbench.types.slo_result import SloResult


@frozen(kw_only=True)
class Statistics:
    """How one quantity is spread over ``n`` values, all in ``unit``.

    ``name`` is a key of the metric dictionary. ``percentiles`` are by name ("p50", "p99.9");
    those in ``weak`` rest on too few values to be trusted. ``low``/``high`` are the 95 %
    confidence interval of the mean, None where none can be given.
    """

    name: str
    unit: str
    n: int
    mean: float
    min: float
    max: float
    stddev: float
    percentiles: Mapping[str, float]
    weak: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@frozen(kw_only=True)
class Population:
    """A part of the run with everything measured in it.

    ``name`` is "run", "steady", "full-concurrency", or "window N". The times are ns after the
    start. ``note`` says how the part was found, or why it could not be.
    """

    name: str
    begin_ns: int
    end_ns: int
    statistics: tuple[Statistics, ...] = ()
    figures: tuple[Figure, ...] = ()
    note: str = ""


@frozen(kw_only=True)
class RequestCounts:
    """Outcomes of the measured requests; ``warm_up`` and ``cool_down`` ones are apart."""

    total: int = 0
    success: int = 0
    failed: int = 0
    cancelled: int = 0
    retried: int = 0
    """Attempts that failed and were followed by another."""
    warm_up: int = 0
    cool_down: int = 0
    empty: int = 0
    """Successful ones without a token."""
    short: int = 0
    """Successful ones with fewer tokens than were demanded (``ignore_eos``, ``min_tokens``); empty
    ones are apart."""


@frozen(kw_only=True)
class Health:
    """Whether the client kept up. ``doubts`` says which figures are not to be trusted, and why;
    empty when none. ``values`` are plain numbers by name, their unit in the name."""

    kept_up: bool
    doubts: tuple[str, ...] = ()
    values: Mapping[str, float] = field(factory=dict)


@frozen(kw_only=True)
class LabelledValue:
    """The requests of one value of a label, over the whole run.

    The figures are those of the run, of these requests alone: throughputs and goodput are their
    share of it. Gaps between tokens are not apart by label.
    """

    value: str
    counts: RequestCounts
    statistics: tuple[Statistics, ...] = ()
    figures: tuple[Figure, ...] = ()


@frozen(kw_only=True)
class LabelResult:
    """The requests of a load by one of their labels, such as "group" or "adapter".

    ``values`` are in natural order ("level 9" before "level 10"). Of more than 100 they are those
    with the most requests: ``distinct`` is how many there are, and ``requests.parquet`` has them
    all. ``unlabelled`` are measured requests without this label. (1.3)
    """

    name: str
    values: tuple[LabelledValue, ...]
    distinct: int
    unlabelled: int = 0


@frozen(kw_only=True)
class PerformanceResult:
    """One model under one load with one data set.

    ``load`` labels the load among those of the run ("rate=8"); ``settings`` are the load's own,
    and ``notes`` sentences that a reader must know.
    """

    model: str
    dataset: str
    variant: str
    load: str
    settings: JsonObject
    complete: bool
    """False when the run was cut short; the figures are of what had been done."""
    streamed: bool
    counts: RequestCounts
    populations: tuple[Population, ...]
    health: Health
    faults: Mapping[str, int] = field(factory=dict)
    """Failed attempts by cause, in words a user understands."""
    ledger: TokenLedger | None = None
    """Token counts compared by their source; None only in summaries of early versions."""
    server: ServerMetrics | None = None
    """What the server published over the same time; None where it was not asked."""
    notes: tuple[str, ...] = ()
    slo: SloResult | None = None
    """None where the suite sets no limits."""
    devices: DevicesResult | None = None
    """What the devices told beside the load; None where nothing read them."""
    labels: tuple[LabelResult, ...] = ()
    """Its requests by each of their labels; empty where they have none."""
    prefix_cache: PrefixCacheResult | None = None
    """None where the tokens of its prompts are not known: no tokenizer was named. (1.3)"""
    speculation: SpeculationResult | None = None
    """None where nothing told of speculative decoding. (1.3)"""
    single_phase: SinglePhase | None = None
    """Of a load of prefill or decode alone; None of any other. (1.3)"""


@frozen(kw_only=True)
class SearchProbe:
    """One load that a search ran. Figures are those of the whole run; None where there is none."""

    value: Number
    """Of the key that was searched."""
    held: bool
    """Whether the SLO held, in a load that ran to its end."""
    kept_up: bool
    """Whether the client did."""
    load: str
    """The label of the load."""
    request_throughput: float | None = None
    """requests/s"""
    goodput: float | None = None
    """requests/s"""
    slo_attainment: float | None = None
    """0..1"""
    ttft_p99: float | None = None
    """ms"""
    tpot_p99: float | None = None
    """ms"""
    e2el_p99: float | None = None
    """ms"""


@frozen(kw_only=True)
class SearchResult:
    """The heaviest load that a model carried within the SLO.

    ``best`` is None when not even the lightest did. ``low``/``high`` bound the true limit:
    the heaviest load that held and the lightest that did not (None: none was found).
    ``reason`` says why the search ended, ``sure`` how sure it is, in words.
    """

    model: str
    dataset: str
    key: str
    best: float | None
    low: float | None
    high: float | None
    reason: str
    sure: str
    probes: tuple[SearchProbe, ...] = ()
