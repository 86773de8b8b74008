"""What the servers call their metrics.

vLLM: https://docs.vllm.ai/en/latest/usage/metrics.html and a recorded /metrics of vLLM 0.32;
SGLang: https://docs.sglang.ai/references/production_metrics.html;
TGI: https://huggingface.co/docs/text-generation-inference/reference/metrics;
Triton: https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html.
Several names of one meaning: the first that the server has counts. Counters are written without
the suffix ``_total``, which some versions add.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

COUNTERS: Mapping[str, tuple[str, ...]] = {
    "prompt_tokens": (
        "vllm:prompt_tokens",
        "sglang:prompt_tokens",
        "tgi_request_input_length_sum",
    ),
    "generation_tokens": (
        "vllm:generation_tokens",
        "sglang:generation_tokens",
        "tgi_request_generated_tokens_sum",
    ),
    "requests": (
        "vllm:request_success",
        "sglang:num_requests",
        "tgi_request_success",
        "nv_inference_request_success",
    ),
    "failed_requests": ("tgi_request_failure", "nv_inference_request_failure"),
    "preemptions": ("vllm:num_preemptions",),
    "prefix_cache_queries": ("vllm:prefix_cache_queries", "vllm:gpu_prefix_cache_queries"),
    "prefix_cache_hits": ("vllm:prefix_cache_hits", "vllm:gpu_prefix_cache_hits"),
    "cached_tokens": ("sglang:cached_tokens",),
    "drafts": ("vllm:spec_decode_num_drafts",),
    "draft_tokens": ("vllm:spec_decode_num_draft_tokens",),
    "accepted_tokens": ("vllm:spec_decode_num_accepted_tokens",),
    "queue_us": ("nv_inference_queue_duration_us",),
    "compute_us": ("nv_inference_compute_infer_duration_us",),
}
"""Sums that only grow: their difference over the load counts."""

GAUGES: Mapping[str, tuple[str, ...]] = {
    "running_requests": (
        "vllm:num_requests_running",
        "sglang:num_running_reqs",
        "tgi_batch_current_size",
    ),
    "waiting_requests": (
        "vllm:num_requests_waiting",
        "sglang:num_queue_reqs",
        "tgi_queue_size",
        "nv_inference_pending_request_count",
    ),
    "cache_usage": ("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc", "sglang:token_usage"),
    "cache_hit_rate": ("sglang:cache_hit_rate",),
    "accept_length": ("sglang:spec_accept_length",),
}
"""Levels: their mean and maximum over the readings count."""

ACCEPTED_BY_POSITION = "vllm:spec_decode_num_accepted_tokens_per_pos"


@frozen
class Histogram:
    """Names of a histogram and what one of its units is in ms."""

    names: tuple[str, ...]
    ms: float = 1000.0


HISTOGRAMS: Mapping[str, Histogram] = {
    "ttft": Histogram(("vllm:time_to_first_token_seconds", "sglang:time_to_first_token_seconds")),
    "itl": Histogram(
        (
            "vllm:inter_token_latency_seconds",
            "vllm:time_per_output_token_seconds",
            "sglang:inter_token_latency_seconds",
            "sglang:time_per_output_token_seconds",
            "tgi_request_mean_time_per_token_duration",
        )
    ),
    "e2el": Histogram(
        (
            "vllm:e2e_request_latency_seconds",
            "sglang:e2e_request_latency_seconds",
            "tgi_request_duration",
        )
    ),
    "queue": Histogram(("vllm:request_queue_time_seconds", "tgi_request_queue_duration")),
}
"""Latencies as the server saw them."""
