"""What the servers call their metrics.

vLLM: https://docs.vllm.ai/en/latest/usage/metrics.html, a recorded /metrics of vLLM 0.32 and its
``v1/metrics/loggers.py``; SGLang: https://docs.sglang.ai/references/production_metrics.html and
its ``metrics/collector.py``;
TGI: https://huggingface.co/docs/text-generation-inference/reference/metrics;
Triton: https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html
and, for ``nv_trt_llm_*``, the README of its TensorRT-LLM backend;
llama.cpp: ``tools/server/README.md`` and ``server-task.cpp``;
transfers of the KV cache between servers: vLLM's ``docs/features/nixl_connector_usage.md`` and its
Mooncake connectors, in the builds that have them; SGLang's metrics of its PD disaggregation;
MindIE: its manual's page on the metrics in Prometheus's format.

Of several names of one meaning the first that the server has counts, so MindIE's, which have no
prefix, stand last. Names are written without the suffix ``_total``, which some versions add, and a
colon matches an underscore as well, which some collectors make of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen


@frozen
class Series:
    """Metrics whose values are added up: all ``names``, and of each the label sets that fit."""

    names: tuple[str, ...]
    label: str = ""
    only: frozenset[str] = frozenset()
    """Values of ``label`` that count; empty: all but ``without``."""
    without: frozenset[str] = frozenset()


def _of(*names: str) -> tuple[Series, ...]:
    return tuple(Series((name,)) for name in names)


def _labelled(name: str, label: str, *only: str) -> Series:
    return Series((name,), label, frozenset(only))


_REASON = "finished_reason"
_NO_SUCCESS = frozenset({"abort", "error"})

COUNTERS: Mapping[str, tuple[Series, ...]] = {
    "prompt_tokens": (
        *_of("vllm:prompt_tokens", "sglang:prompt_tokens", "tgi_request_input_length_sum"),
        # llama.cpp counts what it computes; what its cache held is a counter of its own.
        Series(("llamacpp:prompt_tokens", "llamacpp:prompt_tokens_cached")),
        *_of("trtllm_prompt_tokens", "prompt_tokens"),
    ),
    "computed_prompt_tokens": (
        _labelled("vllm:prompt_tokens_by_source", "source", "local_compute"),
        *_of("llamacpp:prompt_tokens"),
    ),
    "cached_tokens": _of(
        "vllm:prompt_tokens_cached",
        "sglang:cached_tokens",
        "llamacpp:prompt_tokens_cached",
        "trtllm_prompt_cached_tokens",
    ),
    "generation_tokens": _of(
        "vllm:generation_tokens",
        "sglang:generation_tokens",
        "tgi_request_generated_tokens_sum",
        "llamacpp:tokens_predicted",
        "generation_tokens",
    ),
    "requests": (
        Series(("vllm:request_success",), _REASON, without=_NO_SUCCESS),
        *_of("sglang:num_requests", "tgi_request_success", "nv_inference_request_success"),
        *_of("request_success"),
    ),
    "failed_requests": (
        _labelled("vllm:request_success", _REASON, "error"),
        *_of("tgi_request_failure"),
        Series(("nv_inference_request_failure",), "reason", without=frozenset({"CANCELED"})),
        *_of("request_failed"),
    ),
    "aborted_requests": (
        _labelled("vllm:request_success", _REASON, "abort"),
        *_of("sglang:num_aborted_requests"),
        _labelled("nv_inference_request_failure", "reason", "CANCELED"),
    ),
    "rejected_requests": _of("vllm:admission_rejections"),
    "preemptions": _of("vllm:num_preemptions", "num_preemptions"),
    "prefix_cache_queries": _of("vllm:prefix_cache_queries", "vllm:gpu_prefix_cache_queries"),
    "prefix_cache_hits": _of("vllm:prefix_cache_hits", "vllm:gpu_prefix_cache_hits"),
    "drafts": _of("vllm:spec_decode_num_drafts", "llamacpp:spec_decode_num_drafts"),
    "draft_tokens": _of(
        "vllm:spec_decode_num_draft_tokens",
        "llamacpp:spec_decode_num_draft_tokens",
        "trtllm_spec_decode_drafted_tokens",
    ),
    "accepted_tokens": _of(
        "vllm:spec_decode_num_accepted_tokens",
        "llamacpp:spec_decode_num_accepted_tokens",
        "trtllm_spec_decode_accepted_tokens",
    ),
    "kv_transfers": _of(
        "vllm:nixl_xfer_time_seconds_count",
        "vllm:mooncake_xfer_time_seconds_count",
        "sglang:kv_transfer_latency_ms_count",
    ),
    "kv_transfer_bytes": _of(
        "vllm:nixl_bytes_transferred_sum", "vllm:mooncake_bytes_transferred_sum"
    ),
    "kv_transfer_megabytes": _of("sglang:kv_transfer_total_mb_sum"),
    "kv_transfer_failures": _of(
        "vllm:nixl_num_failed_transfers",
        "vllm:mooncake_num_failed_transfers",
        "sglang:num_transfer_failed_reqs",
    ),
    "kv_bootstrap_failures": _of("sglang:num_bootstrap_failed_reqs"),
    "kv_expired_requests": _of(
        "vllm:nixl_num_kv_expired_reqs", "vllm:mooncake_num_kv_expired_reqs"
    ),
    "kv_store_loaded_bytes": (
        _labelled("vllm:mooncake_store_operation_bytes", "operation", "load_get"),
    ),
    "queue_us": _of("nv_inference_queue_duration_us"),
    "compute_us": _of("nv_inference_compute_infer_duration_us"),
}
"""Sums that only grow: what they gained over the load counts."""

GAUGES: Mapping[str, tuple[Series, ...]] = {
    "running_requests": (
        *_of("vllm:num_requests_running", "sglang:num_running_reqs", "tgi_batch_current_size"),
        _labelled("nv_trt_llm_request_metrics", "request_type", "scheduled"),
        *_of("llamacpp:requests_processing", "num_requests_running"),
    ),
    "waiting_requests": (
        *_of("vllm:num_requests_waiting", "sglang:num_queue_reqs", "tgi_queue_size"),
        _labelled("nv_trt_llm_request_metrics", "request_type", "waiting"),
        *_of("nv_inference_pending_request_count", "llamacpp:requests_deferred"),
        *_of("num_requests_waiting"),
    ),
    "prefill_queue": _of(
        "sglang:num_prefill_prealloc_queue_reqs", "sglang:num_prefill_bootstrap_queue_reqs"
    ),
    "prefill_transfers": _of("sglang:num_prefill_inflight_queue_reqs"),
    "decode_queue": _of("sglang:num_decode_prealloc_queue_reqs"),
    "decode_transfers": _of("sglang:num_decode_transfer_queue_reqs"),
}
"""Levels that are added up over engines and replicas: their mean and maximum over the readings
count."""

SHARES: Mapping[str, tuple[Series, ...]] = {
    "cache_usage": (
        *_of("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc", "sglang:token_usage"),
        _labelled("nv_trt_llm_kv_cache_block_metrics", "kv_cache_block_type", "fraction"),
        *_of("llamacpp:kv_cache_usage_ratio", "npu_cache_usage_perc"),
    ),
    "cache_hit_rate": _of(
        "sglang:cache_hit_rate",
        "vllm:gpu_prefix_cache_hit_rate",
        "trtllm_kv_cache_hit_rate",
        "npu_prefix_cache_hit_rate",
    ),
    "accept_length": _of("sglang:spec_accept_length"),
    "accept_rate": _of("sglang:spec_accept_rate"),
}
"""Levels of which engines and replicas have one each: the mean over them counts, not the sum."""

ACCEPTED_BY_POSITION = "vllm:spec_decode_num_accepted_tokens_per_pos"


@frozen
class HistogramNames:
    """Names of a histogram in seconds, and of one in ms."""

    names: tuple[str, ...]
    names_ms: tuple[str, ...] = ()


HISTOGRAMS: Mapping[str, HistogramNames] = {
    "ttft": HistogramNames(
        (
            "vllm:time_to_first_token_seconds",
            "sglang:time_to_first_token_seconds",
            "time_to_first_token_seconds",
        ),
        # The first response of a decoupled model, --metrics-config histogram_latencies=true.
        ("nv_inference_first_response_histogram_ms",),
    ),
    "tpot": HistogramNames(
        (
            "vllm:request_time_per_output_token_seconds",
            "sglang:request_time_per_output_token_seconds",
        )
    ),
    "itl": HistogramNames(
        (
            "vllm:inter_token_latency_seconds",
            # vLLM's name of the same before 0.11, whatever it says.
            "vllm:time_per_output_token_seconds",
            "sglang:inter_token_latency_seconds",
            "sglang:time_per_output_token_seconds",
            "time_per_output_token_seconds",
        )
    ),
    "e2el": HistogramNames(
        (
            "vllm:e2e_request_latency_seconds",
            "sglang:e2e_request_latency_seconds",
            "tgi_request_duration",
            "e2e_request_latency_seconds",
        )
    ),
    "queue": HistogramNames(
        (
            "vllm:request_queue_time_seconds",
            "sglang:queue_time_seconds",
            "tgi_request_queue_duration",
        )
    ),
    "prefill": HistogramNames(("vllm:request_prefill_time_seconds",)),
    "kv_transfer": HistogramNames(
        ("vllm:nixl_xfer_time_seconds", "vllm:mooncake_xfer_time_seconds"),
        ("sglang:kv_transfer_latency_ms",),
    ),
    "kv_transfer_post": HistogramNames(("vllm:nixl_post_time_seconds",)),
    "kv_transfer_bootstrap": HistogramNames((), ("sglang:kv_transfer_bootstrap_ms",)),
    "kv_transfer_alloc": HistogramNames((), ("sglang:kv_transfer_alloc_ms",)),
    # Inference divided by tokens, prefill included: neither TPOT nor ITL.
    "time_per_token": HistogramNames(("tgi_request_mean_time_per_token_duration",)),
}
"""Latencies as the server saw them."""


DISAGGREGATED = frozenset(
    {
        "kv_transfers",
        "kv_transfer_bytes",
        "kv_transfer_megabytes",
        "kv_transfer_failures",
        "kv_bootstrap_failures",
        "kv_expired_requests",
        "kv_store_loaded_bytes",
        "prefill_queue",
        "prefill_transfers",
        "decode_queue",
        "decode_transfers",
        "kv_transfer",
        "kv_transfer_post",
        "kv_transfer_bootstrap",
        "kv_transfer_alloc",
    }
)
"""What no server by itself publishes: nobody misses it there."""

ROLES = ("prefill", "decode", "router", "encode")
"""Of the servers of a disaggregated deployment."""

OWNERS: Mapping[str, str] = {
    "prompt_tokens": "prefill",
    "computed_prompt_tokens": "prefill",
    "cached_tokens": "prefill",
    "prefix_cache_queries": "prefill",
    "prefix_cache_hits": "prefill",
    "generation_tokens": "decode",
    "requests": "decode",
    "drafts": "decode",
    "draft_tokens": "decode",
    "accepted_tokens": "decode",
}
"""The role whose count is the deployment's: a request passes through several roles, and each
counts it. What stands here of none is told for each role alone."""


@frozen
class Mean:
    """A latency of which a server publishes a sum and the number of its parts alone."""

    total: str
    count: str
    ms: float
    """What one of the sum's units is in ms."""


MEANS: Mapping[str, tuple[Mean, ...]] = {
    # Of a decoupled model it ends when the model takes the request over, not with its last answer:
    # no E2EL.
    "handling": (Mean("nv_inference_request_duration_us", "nv_inference_request_success", 1e-3),),
    "queue": (Mean("nv_inference_queue_duration_us", "nv_inference_request_success", 1e-3),),
    "time_per_token": (
        Mean("llamacpp:tokens_predicted_seconds", "llamacpp:tokens_predicted", 1e3),
    ),
}


@frozen
class Port:
    """Where a server publishes when it is not at its API's own port."""

    server: str
    number: int
    mark: str
    """What its metrics hold and nobody else's do."""


PORTS = (
    Port("Triton", 8002, "nv_inference_"),
    Port("MindIE", 1027, "npu_cache_usage_perc"),
)
"""Ports of their own by default: Triton's ``--metrics-port``, MindIE's ``metricsPort``."""
