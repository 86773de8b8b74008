"""The names of every server that is known, present and older ones; where metrics are found."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from server_readings import summed_up

from aisbench.telemetry import scrape as scraping
from aisbench.telemetry.families import Port
from aisbench.telemetry.reading import Scrape
from aisbench.telemetry.scrape import scrape_while
from aisbench.telemetry.snapshot import Snapshot

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).resolve().parents[5] / "shared")
WIRE = SHARED / "reference" / "wire"


def one(text: str, url: str = "u", time_ns: int = 0) -> dict[str, Any]:
    return {"url": url, "time_ns": time_ns, "until_ns": time_ns, "text": text, "error": ""}


def summed(before: str, *after: str) -> dict[str, Any]:
    texts = (before, *after)
    return summed_up([one(text, "u", at * 10**9) for at, text in enumerate(texts)])


VLLM_REASONS = """
vllm:request_success_total{{engine="0",finished_reason="stop"}} {0}
vllm:request_success_total{{engine="0",finished_reason="length"}} {1}
vllm:request_success_total{{engine="0",finished_reason="abort"}} {2}
vllm:request_success_total{{engine="0",finished_reason="error"}} {3}
vllm:prompt_tokens_total{{engine="0"}} {4}
vllm:prompt_tokens_cached_total{{engine="0"}} {5}
vllm:prompt_tokens_by_source_total{{engine="0",source="local_compute"}} {6}
vllm:prompt_tokens_by_source_total{{engine="0",source="local_cache_hit"}} {5}
"""
LLAMA = """
llamacpp:prompt_tokens_total {0}
llamacpp:prompt_tokens_cached_total {1}
llamacpp:tokens_predicted_total {2}
llamacpp:tokens_predicted_seconds_total {3}
llamacpp:requests_processing {4}
llamacpp:requests_deferred 0
"""
SGLANG = """
sglang:prompt_tokens_total{{model_name="m"}} {0}
sglang:num_requests_total{{model_name="m"}} {1}
sglang:num_aborted_requests_total{{model_name="m"}} {2}
"""
MINDIE = """
request_success_total{{model_name="m"}} {0}
request_failed_total{{model_name="m"}} {1}
prompt_tokens_total{{model_name="m"}} {2}
generation_tokens_total{{model_name="m"}} {3}
num_requests_running{{model_name="m"}} 1
npu_cache_usage_perc{{model_name="m"}} 0.5
time_to_first_token_seconds_count{{model_name="m"}} {0}
time_to_first_token_seconds_sum{{model_name="m"}} {4}
"""
TGI = """
tgi_request_success {0}
tgi_request_failure{{err="validation"}} {1}
tgi_request_input_length_sum {2}
tgi_request_generated_tokens_sum {3}
tgi_queue_size 3
"""
TRITON = """
nv_inference_request_success{{model="m",version="1"}} {0}
nv_inference_request_failure{{model="m",reason="OTHER",version="1"}} {1}
nv_inference_request_failure{{model="m",reason="BACKEND",version="1"}} {2}
nv_inference_request_failure{{model="m",reason="CANCELED",version="1"}} {3}
nv_inference_request_duration_us{{model="m",version="1"}} {4}
nv_inference_queue_duration_us{{model="m",version="1"}} {5}
nv_trt_llm_request_metrics{{model="m",request_type="scheduled",version="1"}} 4
nv_trt_llm_request_metrics{{model="m",request_type="max",version="1"}} 512
"""


@pytest.mark.parametrize(
    ("form", "before", "after", "counted"),
    [
        (
            VLLM_REASONS,
            (1, 1, 1, 1, 100, 0, 100),
            (5, 3, 2, 4, 400, 200, 200),
            {
                "requests": 6, "aborted_requests": 1, "failed_requests": 3, "prompt_tokens": 300,
                "cached_tokens": 200, "computed_prompt_tokens": 100,
            },
        ),
        (
            LLAMA,
            (10, 5, 100, 1.0, 0),
            (40, 75, 300, 3.0, 2),
            {
                "prompt_tokens": 100, "computed_prompt_tokens": 30, "cached_tokens": 70,
                "generation_tokens": 200,
            },
        ),
        (
            SGLANG,
            (10, 1, 0),
            (30, 5, 2),
            {"prompt_tokens": 20, "requests": 4, "aborted_requests": 2},
        ),
        (
            MINDIE,
            (1, 0, 10, 20, 0.1),
            (11, 2, 110, 220, 2.1),
            {
                "requests": 10, "failed_requests": 2, "prompt_tokens": 100,
                "generation_tokens": 200,
            },
        ),
        (
            TGI,
            (1, 1, 10, 10),
            (3, 2, 30, 40),
            {
                "requests": 2, "failed_requests": 1, "prompt_tokens": 20, "generation_tokens": 30,
            },
        ),
        (
            TRITON,
            (1, 0, 0, 0, 1000, 10),
            (11, 1, 2, 4, 51000, 510),
            {
                "requests": 10, "failed_requests": 3, "aborted_requests": 4, "queue_us": 500,
            },
        ),
    ],
    ids=["vLLM", "llama.cpp", "SGLang", "MindIE", "TGI", "Triton"],
)  # fmt: skip
@pytest.mark.parametrize("rename", [False, True], ids=["as published", "colons gone"])
def test_counters_by_server(
    form: str,
    before: tuple[float, ...],
    after: tuple[float, ...],
    counted: dict[str, float],
    rename: bool,
) -> None:
    texts = [form.format(*values) for values in (before, after)]
    if rename:
        texts = [text.replace("vllm:", "vllm_").replace("sglang:", "sglang_") for text in texts]
    found = summed(*texts)
    assert found["counters"] == {**found["counters"], **counted}
    assert all(isinstance(value, int) for value in found["counters"].values())


def test_what_is_only_in_some_servers() -> None:
    llama = summed(LLAMA.format(10, 5, 100, 1.0, 0), LLAMA.format(40, 75, 300, 3.0, 2))
    assert llama["prefix_cache_hit_rate_percent"] == 70
    assert llama["latencies"]["time_per_token"]["mean_ms"] == pytest.approx(10)
    assert llama["levels"]["running_requests"] == {"mean": 1, "max": 2}
    old = "llamacpp:prompt_tokens_total 3\n"
    assert "prompt_tokens" in summed(old, old)["missing"].split(", "), "computed ones alone"
    triton = summed(TRITON.format(1, 0, 0, 0, 1000, 10), TRITON.format(11, 1, 2, 4, 51000, 510))
    assert triton["latencies"]["handling"]["mean_ms"] == pytest.approx(5.0)
    assert "e2el" not in triton["latencies"], "a decoupled model answers after it was handled"
    assert triton["latencies"]["queue"]["mean_ms"] == pytest.approx(0.05)
    assert triton["levels"]["running_requests"]["max"] == 4, "not its capacity"
    mindie = summed(MINDIE.format(1, 0, 10, 20, 0.1), MINDIE.format(11, 2, 110, 220, 2.1))
    assert mindie["latencies"]["ttft"]["mean_ms"] == pytest.approx(200)
    # vLLM before it told errors: unknown, not none.
    early = 'vllm:request_success_total{finished_reason="stop"} 3\n'
    found = summed(early, early)
    assert "failed_requests" not in found["counters"]
    assert "failed_requests" in found["missing"]


def test_shares_are_averaged_over_engines_and_replicas() -> None:
    text = 'vllm:kv_cache_usage_perc{engine="0"} 0.8\nvllm:kv_cache_usage_perc{engine="1"} 0.6\n'
    text += 'vllm:num_requests_running{engine="0"} 2\nvllm:num_requests_running{engine="1"} 3\n'
    found = summed_up([one(text, url) for url in ("a", "b", "a", "b")])
    assert found["levels"]["cache_usage"]["max"] == pytest.approx(0.7)
    assert found["levels"]["running_requests"]["max"] == 10


def test_a_histogram_in_milliseconds() -> None:
    def text(fast: int, slow: int) -> str:
        name = "nv_inference_first_response_histogram_ms"
        labels = 'model="m",version="1"'
        return (
            f'{name}_bucket{{{labels},le="100"}} {fast}\n'
            f'{name}_bucket{{{labels},le="500"}} {fast + slow}\n'
            f'{name}_bucket{{{labels},le="+Inf"}} {fast + slow}\n'
            f"{name}_sum{{{labels}}} {fast * 50 + slow * 300}\n"
            f"{name}_count{{{labels}}} {fast + slow}\n"
        )

    ttft = summed(text(0, 0), text(1, 9))["latencies"]["ttft"]
    assert ttft["mean_ms"] == pytest.approx(275)
    low, high = ttft["p50_ms"]
    assert 100 <= low <= 300 <= high <= 500


def test_a_restart_between_readings_is_told_and_counted() -> None:
    found = summed(
        "vllm:generation_tokens_total 100\n",
        "vllm:generation_tokens_total 150\n",
        "vllm:generation_tokens_total 20\n",
        "vllm:generation_tokens_total 70\n",
    )
    assert found["counters"]["generation_tokens"] == 50 + 20 + 50
    assert found["restarts"] == 1
    assert "began anew" in found["restarted"]


def test_readings_that_end_before_the_load_are_told() -> None:
    rows = [one("vllm:prompt_tokens_total 1\n", "u", at * 10**9) for at in (0, 1)]
    rows.append({"url": "u", "time_ns": 5 * 10**9, "text": "", "error": "status 503"})
    found = summed_up(rows)
    assert "4.0 s" in found["cut_short"]["u"]
    assert found["readings_lost"] == 1


NUMBERS = st.sampled_from(["NaN", "+Inf", "-Inf", "1e308", "-1", "1_0", "0x", "3", "1e400", "-0"])
NAMES = st.sampled_from(
    [
        "vllm:prompt_tokens_total", "vllm:time_to_first_token_seconds_sum",
        "vllm:time_to_first_token_seconds_count", "vllm:kv_cache_usage_perc",
        'vllm:time_to_first_token_seconds_bucket{le="0.1"}',
        'vllm:time_to_first_token_seconds_bucket{le="1e308"}',
        'vllm:time_to_first_token_seconds_bucket{le="NaN"}',
        'vllm:time_to_first_token_seconds_bucket{le="+Inf"}',
        "nv_inference_request_success", "nv_inference_request_duration_us",
        "vllm:spec_decode_num_drafts", "vllm:spec_decode_num_draft_tokens",
    ]
)  # fmt: skip
TEXTS = st.lists(st.tuples(NAMES, NUMBERS), max_size=12).map(
    lambda rows: "".join(f"{name} {value}\n" for name, value in rows)
)


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_no_number_of_a_server_breaks_the_summary(texts: list[str]) -> None:
    summed(texts[0], *texts[1:])


@pytest.mark.parametrize("name", ["vllm", "triton"])
def test_a_recorded_server(name: str) -> None:
    path = WIRE / f"{name}-metrics.txt"
    if not path.exists():
        pytest.skip(f"{path.name} of the reference material is not here")
    found = summed(path.read_text(), path.read_text())
    known = set(found["counters"]) | set(found["levels"])
    wanted = {
        "vllm": {
            "prompt_tokens", "computed_prompt_tokens", "cached_tokens", "generation_tokens",
            "requests", "failed_requests", "aborted_requests", "preemptions", "cache_usage",
            "prefix_cache_hits", "prefix_cache_queries", "running_requests", "waiting_requests",
        },
        "triton": {"requests", "failed_requests", "aborted_requests", "queue_us", "compute_us"},
    }[name]  # fmt: skip
    assert wanted <= known


# -- where metrics are found


Answer = tuple[int, str]


async def _served(answers: dict[str, Answer], asked: list[str]) -> tuple[web.AppRunner, int]:
    async def handler(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers.get("Authorization", ""))
        status, text = answers["/metrics"]
        return web.Response(status=status, text=text)

    application = web.Application()
    application.router.add_get("/metrics", handler)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, runner.addresses[0][1]


def read_twice(
    monkeypatch: pytest.MonkeyPatch, own: Answer, other: Answer
) -> tuple[list[Scrape], int, list[str]]:
    """A server's own port answers ``own``, the port of Triton's metrics ``other``."""

    async def main() -> tuple[list[Scrape], int, list[str]]:
        asked: list[str] = []
        first, port = await _served({"/metrics": own}, [])
        second, metrics = await _served({"/metrics": other}, asked)
        monkeypatch.setattr(scraping, "PORTS", (Port("Triton", metrics, "nv_inference_"),))
        stop = asyncio.Event()
        reading = asyncio.create_task(
            scrape_while(
                [f"http://127.0.0.1:{port}/metrics"], 0.02, stop, {"Authorization": "Bearer key"}
            )
        )
        await asyncio.sleep(0.15)
        stop.set()
        found = await reading
        await first.cleanup()
        await second.cleanup()
        return found, metrics, asked

    return asyncio.run(main())


@pytest.mark.alone
def test_tritons_own_port_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found, metrics, asked = read_twice(
        monkeypatch, (404, ""), (200, "nv_inference_request_success 3\n")
    )
    assert len(found) > 2
    assert all(one.text and one.url == f"http://127.0.0.1:{metrics}/metrics" for one in found)
    assert set(asked) == {""}, "a key is for the model's server alone"
    summary = summed_up(
        [{"url": one.url, "time_ns": one.time_ns, "text": one.text} for one in found]
    )
    assert summary["from"] == f"http://127.0.0.1:{metrics}/metrics"
    assert summary["counters"]["requests"] == 0


@pytest.mark.alone
def test_another_server_at_that_port_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _, _ = read_twice(
        monkeypatch,
        (501, '{"error":{"message":"This server does not support metrics endpoint."}}'),
        (200, "vllm:prompt_tokens_total 3\n"),
    )
    assert not any(one.text for one in found)
    assert "status 501" in found[0].error and "does not support metrics" in found[0].error
    assert "--metrics" in found[0].error


@pytest.mark.alone
def test_metrics_without_an_end_are_not_read_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scraping, "MOST_BYTES", 1000)
    found, _, _ = read_twice(monkeypatch, (200, "x 1\n" * 5000), (404, ""))
    assert all("more than" in one.error for one in found)


@pytest.mark.alone
def test_what_only_differences_need_is_kept_of_the_ends_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = '# HELP a b\na_bucket{le="1"} 1\na_count 1\nb 2\n'
    found, _, _ = read_twice(monkeypatch, (200, text), (404, ""))
    assert len(found) >= 3
    assert found[0].text == found[-1].text == text
    assert {one.text for one in found[1:-1]} == {"a_count 1\nb 2\n"}
    assert Snapshot(found[1].text).total("a_count") == 1
