"""What servers publish of their prefix cache itself: how large its blocks are, and how many.

vLLM: labels of ``vllm:cache_config_info``; SGLang: labels of ``sglang:cache_config_info`` (its
pages, of one token by default), gauges of their own since 0.5.11; Triton's TensorRT-LLM:
``nv_trt_llm_kv_cache_block_metrics``; trtllm-serve: ``trtllm_kv_cache_tokens_per_block``. MindIE
publishes neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from aisbench.telemetry.parse import MetricValue, parse
from aisbench.telemetry.reading import Scrape

_INFO: Mapping[str, tuple[str, str]] = {
    "vllm:cache_config_info": ("block_size", "num_gpu_blocks"),
    "vllm_cache_config_info": ("block_size", "num_gpu_blocks"),
    "sglang:cache_config_info": ("page_size", "num_pages"),
    "sglang_cache_config_info": ("page_size", "num_pages"),
}
"""Names of the labels with the tokens of a block and the number of blocks."""
_TRITON = "nv_trt_llm_kv_cache_block_metrics"
_GAUGES = (
    ("sglang:page_size", "sglang:num_pages"),
    ("sglang_page_size", "sglang_num_pages"),
    ("trtllm_kv_cache_tokens_per_block", "trtllm_kv_cache_max_blocks"),
)
"""Names of gauges with the tokens of a block and the number of blocks."""


@frozen(kw_only=True)
class CacheFacts:
    """None where nothing is published, or replicas differ."""

    block_size: int | None = None
    blocks: int | None = None
    caching: bool | None = None
    """Whether prefixes are cached at all."""


def cache_facts(scrapes: Sequence[Scrape]) -> CacheFacts:
    """By the last reading of each server."""
    last = {one.url: one.text for one in scrapes if one.text and not one.error}
    found = [_of(list(parse(text))) for text in last.values()]
    found = [one for one in found if one != CacheFacts()]
    if not found:
        return CacheFacts()
    caching = _same(one.caching for one in found)
    return CacheFacts(
        block_size=_same(one.block_size for one in found),
        # Engines of one server have blocks of their own; the smallest cache drops first.
        blocks=min((one.blocks for one in found if one.blocks), default=None),
        caching=None if caching is None else bool(caching),
    )


def _of(values: Sequence[MetricValue]) -> CacheFacts:
    for one in values:
        if one.name in _INFO:
            size, blocks = _INFO[one.name]
            on = one.labels.get("enable_prefix_caching")
            return CacheFacts(
                block_size=_number(one.labels.get(size)),
                blocks=_number(one.labels.get(blocks)),
                caching=None if on in (None, "None") else on == "True",
            )
    triton = {
        one.labels.get("kv_cache_block_type"): one.value for one in values if one.name == _TRITON
    }
    plain = {one.name: one.value for one in values}
    pairs = [(plain.get(size), plain.get(blocks)) for size, blocks in _GAUGES]
    pairs.append((triton.get("tokens_per"), triton.get("max")))
    tokens, held = next((one for one in pairs if one[0]), (None, None))
    return CacheFacts(
        block_size=int(tokens) if tokens else None, blocks=int(held) if held else None
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() and int(text) > 0 else None


def _same(values: Iterable[int | bool | None]) -> int | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None
