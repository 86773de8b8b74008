"""A server's metrics: parsed from any text, summed up between two readings, set beside ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from server_readings import summed_up

from aisbench.telemetry.parse import parse
from aisbench.telemetry.scrape import scrape_while
from aisbench.telemetry.summary import compare
from aisbench.types.performance import Statistics
from aisbench.types.server_metrics import LatencyGap, ServerLatency

NAME = st.from_regex(r"[a-z_:][a-z0-9_:]{0,12}", fullmatch=True)
LABEL = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@given(
    st.lists(
        st.tuples(
            NAME,
            st.dictionaries(LABEL, st.text(max_size=8), max_size=3),
            st.floats(allow_nan=False, allow_infinity=False),
        )
    )
)
def test_what_is_written_is_read(rows: list[tuple[str, dict[str, str], float]]) -> None:
    lines = ["# HELP x y", "# TYPE x counter", ""]
    for name, labels, value in rows:
        inner = ",".join(f'{key}="{escaped(text)}"' for key, text in labels.items())
        lines.append(f"{name}{{{inner}}} {value!r}" if labels else f"{name} {value!r}")
    found = [
        (one.name, dict(one.labels), one.value) for one in parse("\n".join(lines) + "\n# EOF")
    ]
    assert found == rows


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    list(parse(text))
    summed_up([{"url": "u", "time_ns": 1, "text": text}] * 2)


def test_timestamps_and_exemplars_are_left_out() -> None:
    text = 'a_total{x="}"} 3 1700000000\nb_bucket{le="1"} 4 # {trace="t"} 0.5\nc NaN\nd +Inf\n'
    found = {one.name: one.value for one in parse(text)}
    assert found["a_total"] == 3 and found["b_bucket"] == 4 and found["d"] == float("inf")


def histogram(name: str, buckets: dict[str, int], total: float) -> str:
    lines = [f'{name}_bucket{{le="{le}"}} {count}' for le, count in buckets.items()]
    return "\n".join([*lines, f"{name}_sum {total}", f"{name}_count {buckets['+Inf']}", ""])


def scrape(text: str, url: str = "http://a/metrics", time_ns: int = 0) -> dict[str, Any]:
    return {"url": url, "time_ns": time_ns, "text": text, "error": ""}


VLLM_TTFT = "vllm:time_to_first_token_seconds"


def test_a_vllm_server_between_two_readings() -> None:
    before = (
        "vllm:prompt_tokens_total 100\nvllm:prefix_cache_queries_total 10\n"
        "vllm:prefix_cache_hits_total 0\nvllm:num_requests_waiting 0\n"
        + histogram(VLLM_TTFT, {"0.1": 5, "0.2": 5, "+Inf": 5}, 0.25)
    )
    between = before.replace("waiting 0", "waiting 7")
    after = (
        "vllm:prompt_tokens_total 400\nvllm:prefix_cache_queries_total 110\n"
        "vllm:prefix_cache_hits_total 25\nvllm:num_requests_waiting 2\n"
        + histogram(VLLM_TTFT, {"0.1": 15, "0.2": 105, "+Inf": 105}, 15.25)
    )
    found = summed_up([scrape(before), scrape(between), scrape(after)])
    assert found["readings"] == 3
    assert found["counters"]["prompt_tokens"] == 300
    assert found["prefix_cache_hit_rate_percent"] == 25
    assert found["levels"]["waiting_requests"] == {"mean": 3, "max": 7}
    ttft = found["latencies"]["ttft"]
    assert ttft["n"] == 100
    assert ttft["mean_ms"] == pytest.approx(150)
    # Where in a bucket the median lies nobody knows; the mean leaves less of this one than all.
    low, high = ttft["p50_ms"]
    assert 100 <= low < high <= 200
    assert "itl" in found["missing"] and "ttft" not in found["missing"].split(", ")


def test_speculative_decoding() -> None:
    def text(drafts: int, offered: int, accepted: int, first: int, second: int) -> str:
        position = "vllm:spec_decode_num_accepted_tokens_per_pos_total"
        return (
            f"vllm:spec_decode_num_drafts_total {drafts}\n"
            f"vllm:spec_decode_num_draft_tokens_total {offered}\n"
            f"vllm:spec_decode_num_accepted_tokens_total {accepted}\n"
            f'{position}{{position="0"}} {first}\n{position}{{position="1"}} {second}\n'
        )

    found = summed_up([scrape(text(10, 20, 5, 4, 1)), scrape(text(110, 220, 105, 84, 21))])
    assert found["speculative_decoding"] == {
        "acceptance_rate_percent": 50,
        "acceptance_length": 2,
        "acceptance_by_position": {"0": 0.8, "1": 0.2},
    }


def test_replicas_are_added_up_and_restarts_are_seen() -> None:
    found = summed_up(
        [
            scrape("sglang:generation_tokens_total 10\nsglang:num_queue_reqs 1\n", "a"),
            scrape("sglang:generation_tokens_total 500\nsglang:num_queue_reqs 4\n", "b"),
            scrape("sglang:generation_tokens_total 30\nsglang:num_queue_reqs 3\n", "a"),
            # Fell: the server was started anew and counted 7 since then.
            scrape("sglang:generation_tokens_total 7\nsglang:num_queue_reqs 0\n", "b"),
        ]
    )
    assert found["counters"]["generation_tokens"] == 20 + 7
    assert found["levels"]["waiting_requests"]["max"] == 3 + 4


def test_what_cannot_be_read_is_said() -> None:
    error = {"url": "http://a/metrics", "time_ns": 1, "text": "", "error": "status 404"}
    found = summed_up([error, error])
    assert found["errors"] == {"http://a/metrics": "status 404"}
    assert found["missing"].startswith("all")
    assert summed_up([])["readings"] == 0


def test_the_gap_between_client_and_server() -> None:
    client = Statistics(
        name="ttft", unit="ms", n=100, mean=153.0, min=1, max=300, stddev=1,
        percentiles={"p50": 150.0, "p99": 199.5},
    )  # fmt: skip
    ttft = ServerLatency(
        metric="x", n=100, mean_ms=150.0, p50_ms=(144.0, 146.0), p99_ms=(100.0, 200.0)
    )
    server = {"ttft": ttft, "itl": ServerLatency(metric="y", n=9, mean_ms=1.0)}
    # The 99th percentile lies in a bucket that holds the client's: nothing is known of the gap.
    expected = LatencyGap(mean_ms=3.0, p50_ms=(4.0, 6.0))
    assert compare({"ttft": client}, server) == {"ttft": expected}
    server["ttft"] = attrs.evolve(ttft, p50_ms=(0.0, 149.0), n=103)
    expected = LatencyGap(mean_ms=3.0, n_client=100, n_server=103)
    assert compare({"ttft": client}, server) == {"ttft": expected}


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def _serve(handler: Handler) -> tuple[web.AppRunner, str]:
    application = web.Application()
    application.router.add_get("/metrics", handler)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    return runner, f"http://127.0.0.1:{port}/metrics"


@pytest.mark.alone
def test_a_server_is_read_before_during_and_after() -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers.get("Authorization", ""))
        if len(asked) == 2:
            return web.Response(status=503)
        return web.Response(text=f"vllm:prompt_tokens_total {len(asked)}\n")

    async def main() -> list[Any]:
        runner, url = await _serve(handler)
        stop = asyncio.Event()
        headers = {"Authorization": "Bearer x"}
        reading = asyncio.create_task(
            scrape_while([url, "http://127.0.0.1:1/metrics"], 0.05, stop, headers)
        )
        await asyncio.sleep(0.2)
        stop.set()
        found = await reading
        await runner.cleanup()
        return found

    found = asyncio.run(main())
    good = [one for one in found if one.text]
    assert len(good) >= 3
    assert any(one.error == "status 503" for one in found)
    nobody = [one for one in found if "127.0.0.1:1/" in one.url]
    assert len(nobody) == len(asked) and all(one.error for one in nobody)
    assert "load.scrape_urls" in nobody[0].error
    assert set(asked) == {"Bearer x"}
    assert [one.time_ns for one in found] == sorted(one.time_ns for one in found)
