"""Servers of a disaggregated deployment: each role for itself, nothing counted twice."""

from __future__ import annotations

import attrs

from aisbench.store.rows import converter
from aisbench.telemetry.over_time import server_lines
from aisbench.telemetry.reading import Scrape
from aisbench.telemetry.summary import scrapes_of, summarize_scrapes
from aisbench.types.server_metrics import ServerMetrics

SECOND = 1_000_000_000


def readings(url: str, role: str, *texts: str) -> list[Scrape]:
    return [
        Scrape(SECOND * number, url, text=text, until_ns=SECOND * number, role=role)
        for number, text in enumerate(texts)
    ]


def vllm(prompt: int, generated: int, hits: int, more: str = "") -> str:
    return (
        f"vllm:prompt_tokens_total {prompt}\nvllm:generation_tokens_total {generated}\n"
        f"vllm:prefix_cache_queries_total {prompt}\nvllm:prefix_cache_hits_total {hits}\n"
        f"vllm:num_requests_running 2\n{more}"
    )


NIXL = "\n".join(
    (
        "vllm:nixl_bytes_transferred_sum {0}000000",
        "vllm:nixl_xfer_time_seconds_count {0}",
        "vllm:nixl_xfer_time_seconds_sum 0.0{0}",
        'vllm:nixl_xfer_time_seconds_bucket{{le="0.02"}} {0}',
        'vllm:nixl_xfer_time_seconds_bucket{{le="+Inf"}} {0}',
        "vllm:nixl_num_failed_transfers_total 0\n",
    )
)
DEPLOYMENT = [
    *readings("p1", "prefill", vllm(0, 0, 0), vllm(1000, 10, 250)),
    *readings("p2", "prefill", vllm(0, 0, 0), vllm(500, 5, 125)),
    # A decode server counts the prompts that it is given as well.
    *readings(
        "d",
        "decode",
        vllm(0, 0, 0, NIXL.format(0)),
        vllm(1500, 600, 1500, NIXL.format(4)),
    ),
]


def test_what_several_roles_count_is_never_added_up() -> None:
    found = summarize_scrapes(DEPLOYMENT)
    assert list(found.roles) == ["prefill", "decode"]
    assert found.counters is not None
    assert found.counters["prompt_tokens"] == 1500
    assert found.counters["generation_tokens"] == 600
    assert found.prefix_cache_hit_rate_percent == 25
    assert found.levels is None and found.latencies is None
    prefill, decode = found.roles["prefill"], found.roles["decode"]
    assert prefill.counters is not None and prefill.counters["generation_tokens"] == 15
    assert prefill.levels is not None and prefill.levels["running_requests"].mean == 4
    assert decode.counters is not None and decode.counters["kv_transfer_bytes"] == 4_000_000
    assert decode.counters["kv_transfers"] == 4 and decode.counters["kv_transfer_failures"] == 0
    assert decode.latencies is not None and decode.latencies["kv_transfer"].mean_ms == 10
    assert "kv_transfer" not in prefill.missing


def test_it_is_read_back_as_it_was_written() -> None:
    found = summarize_scrapes(DEPLOYMENT)
    assert converter().structure(converter().unstructure(found), ServerMetrics) == found


def test_lines_of_each_role_on_one_axis() -> None:
    lines = server_lines(DEPLOYMENT, 0)
    running = {one.role: one.values for one in lines if one.name == "running_requests"}
    assert running == {"prefill": (4, 4), "decode": (2, 2)}
    transfers = [one for one in lines if one.name == "kv_transfers"]
    assert [(one.role, one.values) for one in transfers] == [("decode", (None, 4))]


def test_sglang() -> None:
    text = (
        "sglang:num_prefill_inflight_queue_reqs {0}\nsglang:kv_transfer_total_mb_sum {0}\n"
        "sglang:kv_transfer_latency_ms_count {0}\nsglang:kv_transfer_latency_ms_sum {0}0\n"
        "sglang:num_transfer_failed_reqs_total 0\n"
    )
    found = summarize_scrapes(readings("p", "prefill", text.format(0), text.format(3)))
    prefill = found.roles["prefill"]
    assert prefill.counters is not None and prefill.levels is not None
    assert prefill.counters["kv_transfer_megabytes"] == 3
    assert prefill.levels["prefill_transfers"].max == 3
    assert prefill.latencies is not None and prefill.latencies["kv_transfer"].mean_ms == 10


def test_without_roles_all_are_added_up() -> None:
    plain = [attrs.evolve(one, role="") for one in DEPLOYMENT]
    found = summarize_scrapes(plain)
    assert found.roles == {} and found.counters is not None
    assert found.counters["prompt_tokens"] == 3000
    assert scrapes_of(plain, "decode") == plain
    assert {one.role for one in scrapes_of(DEPLOYMENT, "decode")} == {"decode"}
