"""summary.json of a load: its keys stay what they are, and early summaries are read."""

from __future__ import annotations

import json
from typing import Any

import attrs

from aisbench.api import result_json
from aisbench.store.rows import converter
from aisbench.types.ledger import (
    InputLedger,
    OutputLedger,
    TokenLedger,
    TokenSources,
    TokenTotal,
)
from aisbench.types.performance import (
    Health,
    PerformanceResult,
    RequestCounts,
    SearchProbe,
    SearchResult,
)
from aisbench.types.server_metrics import (
    LatencyGap,
    ServerLatency,
    ServerLevel,
    ServerMetrics,
    SpeculativeDecoding,
)
from aisbench.types.slo_result import RequestLimitResult, RunLimitResult, SloResult

TOTAL = TokenTotal(total=90, known=3)
UNKNOWN = TokenTotal(total=None, known=0)
SOURCE = TokenSources(server=3, tokenizer=0, unknown=0)
BARE = PerformanceResult(
    model="m", dataset="d", variant="v", load="load", settings={}, complete=True, streamed=True,
    counts=RequestCounts(total=3, success=3), populations=(), health=Health(kept_up=True),
)  # fmt: skip
WHOLE = attrs.evolve(
    BARE,
    ledger=TokenLedger(
        requests=3,
        output=OutputLedger(
            asked=UNKNOWN, server=TOTAL, tokenizer=UNKNOWN, events=TOTAL, reads=TOTAL,
            reasoning=UNKNOWN, source=SOURCE, server_tokenizer_differ=0,
            server_tokenizer_compared=0, events_differ=1, over_asked=0, under_asked=2,
            cancelled_events=0,
        ),
        input=InputLedger(
            server=TOTAL, tokenizer=UNKNOWN, cached=UNKNOWN, source=SOURCE,
            server_tokenizer_differ=0, server_tokenizer_compared=0,
        ),
    ),
    server=ServerMetrics(
        readings=3,
        read_from="http://a/metrics",
        counters={"requests": 3, "seconds": 1.5},
        levels={"running_requests": ServerLevel(mean=1.5, max=2)},
        latencies={"ttft": ServerLatency(metric="x", n=3, mean_ms=5.0, p50_ms=(4.0, 6.0))},
        speculative_decoding=SpeculativeDecoding(
            acceptance_rate_percent=50.0, acceptance_length=2.0, acceptance_by_position={"0": 0.5}
        ),
        missing="nothing",
        client_against_server={"ttft": LatencyGap(mean_ms=1.0, n_client=3, n_server=4)},
    ),
    slo=SloResult(
        holds=None, population="run", requests=3, good=3, attainment=None, attainment_low=None,
        attainment_high=None, attainment_asked=0.99,
        limits=(
            RequestLimitResult(
                key="ttft_ms", metric="ttft", limit_ms=500.0, statistic=None, share=None
            ),
            RunLimitResult(
                key="tpot_p99_ms", metric="tpot", limit_ms=50.0, statistic="p99", value=None,
                holds=None,
            ),
        ),
    ),
)  # fmt: skip

TOTAL_JSON = {"total": 90, "known": 3}
UNKNOWN_JSON = {"total": None, "known": 0}
SOURCE_JSON = {"server": 3, "tokenizer": 0, "unknown": 0}
LEDGER_JSON: dict[str, Any] = {
    "requests": 3,
    "output": {
        "asked": UNKNOWN_JSON, "server": TOTAL_JSON, "tokenizer": UNKNOWN_JSON,
        "events": TOTAL_JSON, "reads": TOTAL_JSON, "reasoning": UNKNOWN_JSON,
        "source": SOURCE_JSON, "server_tokenizer_compared": 0, "server_tokenizer_differ": 0,
        "events_differ": 1, "over_asked": 0, "under_asked": 2, "cancelled_events": 0,
    },
    "input": {
        "server": TOTAL_JSON, "tokenizer": UNKNOWN_JSON, "cached": UNKNOWN_JSON,
        "source": SOURCE_JSON, "server_tokenizer_compared": 0, "server_tokenizer_differ": 0,
    },
}  # fmt: skip
SERVER_JSON = {
    "readings": 3,
    "from": "http://a/metrics",
    "counters": {"requests": 3, "seconds": 1.5},
    "levels": {"running_requests": {"mean": 1.5, "max": 2}},
    "latencies": {"ttft": {"metric": "x", "n": 3, "mean_ms": 5.0, "p50_ms": [4.0, 6.0]}},
    "speculative_decoding": {
        "acceptance_rate_percent": 50.0,
        "acceptance_length": 2.0,
        "acceptance_by_position": {"0": 0.5},
    },
    "missing": "nothing",
    "client_against_server": {"ttft": {"mean_ms": 1.0, "n_client": 3, "n_server": 4}},
}
SLO_JSON = {
    "holds": None, "population": "run", "requests": 3, "good": 3, "attainment": None,
    "attainment_low": None, "attainment_high": None, "attainment_asked": 0.99,
    "limits": [
        {"key": "ttft_ms", "metric": "ttft", "limit_ms": 500.0, "statistic": None, "share": None},
        {"key": "tpot_p99_ms", "metric": "tpot", "limit_ms": 50.0, "statistic": "p99",
         "value": None, "holds": None},
    ],
}  # fmt: skip


def written(result: PerformanceResult) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(converter().unstructure(result)))
    return made


def test_the_keys_of_a_summary() -> None:
    made = written(WHOLE)
    assert made["ledger"] == LEDGER_JSON
    assert made["server"] == SERVER_JSON
    assert made["slo"] == SLO_JSON


def test_a_summary_is_read_as_it_was_written() -> None:
    for result in (WHOLE, BARE):
        found = converter().structure(written(result), PerformanceResult)
        assert found == result
    assert found.ledger is None
    assert isinstance(converter().structure(SERVER_JSON, ServerMetrics).latencies["ttft"].n, int)  # type: ignore[index]


def test_a_summary_of_an_early_version() -> None:
    output = dict(LEDGER_JSON["output"])
    for name in ("server_tokenizer_compared", "under_asked", "cancelled_events"):
        del output[name]
    early = {**written(BARE), "ledger": {**LEDGER_JSON, "output": output, "gone": 1}}
    ledger = converter().structure(early, PerformanceResult).ledger
    assert ledger is not None
    assert ledger.output.server == TOTAL
    assert (ledger.output.server_tokenizer_compared, ledger.output.under_asked) == (None, None)


def test_files_of_summarizers_have_every_key() -> None:
    made = json.loads(json.dumps(result_json(WHOLE)))
    assert set(made) == set(attrs.fields_dict(PerformanceResult))
    assert (made["ledger"], made["server"], made["slo"]) == (LEDGER_JSON, SERVER_JSON, SLO_JSON)
    assert made["counts"]["failed"] == 0
    bare = result_json(BARE)
    assert (bare["ledger"], bare["server"], bare["slo"], bare["notes"]) == ({}, {}, {}, [])


def test_a_search_says_what_its_loads_had() -> None:
    probe = SearchProbe(value=4, held=True, kept_up=False, load="rate=4,run=1", ttft_p99=40.5)
    search = SearchResult(
        model="m", dataset="d", key="rate", best=4.0, low=4.0, high=None, reason="why",
        sure="sure", probes=(probe,),
    )  # fmt: skip
    made = json.loads(json.dumps(converter().unstructure(search)))
    assert made["high"] is None
    assert made["probes"] == [
        {"value": 4, "held": True, "kept_up": False, "load": "rate=4,run=1", "ttft_p99": 40.5}
    ]
    assert result_json(search)["probes"] == made["probes"]
    found = converter().structure(made, SearchResult)
    assert found == search
    assert type(found.probes[0].value) is int
