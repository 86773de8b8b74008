"""What servers publish of their cache, in the words of each."""

from __future__ import annotations

import pytest

from aisbench.telemetry.cache_facts import CacheFacts, cache_facts
from aisbench.telemetry.reading import Scrape


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            'vllm:cache_config_info{block_size="128",enable_prefix_caching="True",'
            'num_gpu_blocks="16384"} 1.0',
            CacheFacts(block_size=128, blocks=16384, caching=True),
        ),
        (
            'vllm:cache_config_info{block_size="16",enable_prefix_caching="False",'
            'num_gpu_blocks="None"} 1.0',
            CacheFacts(block_size=16, caching=False),
        ),
        (
            'sglang:cache_config_info{page_size="1",num_pages="200000"} 1.0',
            CacheFacts(block_size=1, blocks=200000),
        ),
        (
            'nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="tokens_per",model="m"} 64\n'
            'nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="max",model="m"} 6240',
            CacheFacts(block_size=64, blocks=6240),
        ),
        (
            'sglang:page_size{tp_rank="0"} 64\nsglang:num_pages{tp_rank="0"} 900',
            CacheFacts(block_size=64, blocks=900),
        ),
        ("trtllm_kv_cache_tokens_per_block 32", CacheFacts(block_size=32)),
        ("npu_prefix_cache_hit_rate 0.5", CacheFacts()),
    ],
)
def test_each_server(text: str, facts: CacheFacts) -> None:
    assert cache_facts([Scrape(1, "a", text="older 1"), Scrape(2, "a", text=text)]) == facts


def test_replicas() -> None:
    def page(size: int, blocks: int) -> str:
        return f'vllm:cache_config_info{{block_size="{size}",num_gpu_blocks="{blocks}"}} 1.0'

    same = [Scrape(1, "a", text=page(16, 90)), Scrape(1, "b", text=page(16, 50))]
    assert cache_facts(same) == CacheFacts(block_size=16, blocks=50)
    other = [Scrape(1, "a", text=page(16, 90)), Scrape(1, "b", text=page(32, 50))]
    assert cache_facts(other).block_size is None
    assert cache_facts([Scrape(1, "a", error="no")]) == CacheFacts()
