"""The theory of prefix caches: whether it is a server's truth, and what it takes for many prompts.

python benchmarks/prefix_caches.py [--url http://127.0.0.1:8000 --tokenizer ./models/qwen]
    [--prompts 100000]

With --url (a vLLM with --enable-prompt-tokens-details), three loads are sent: requests with shared
prefixes one after the other, eight at once, and conversations of three turns. Printed are the
tokens that the server says it found, what the theory says for certain and at most, and whether the
truth lies between. Then, without a server, the time and memory of the theory for very many
prompts of 512 tokens.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

import aisbench
from aisbench.metrics.prefix_theory import theory_of
from aisbench.store.recording.columns import ABSENT, FIELDS, Columns, Recording
from aisbench.store.recording.prompt_blocks import PromptBlocks, block_keys

PREFIX = {"levels": [{"tokens": 160, "groups": 2}, {"tokens": 96, "groups": 2, "share": 0.5}]}
LENGTHS = {"method": "uniform", "min": 300, "max": 420}
LOADS: Mapping[str, tuple[int, Mapping[str, Any]]] = {
    "one after the other": (1, {"dataset": "synthetic", "rows": 80, "token_ids": False}),
    "eight at once": (8, {"dataset": "synthetic", "rows": 80, "token_ids": False}),
    "conversations": (1, {"dataset": "synthetic-turns", "rows": 20, "turns": 3}),
}
TOKENS, SHARED, SIZE = 512, 256, 16


def truth(url: str, tokenizer: str) -> None:
    """Each load against the server."""
    print(f"{'load':20} {'prompts':>8} {'server':>8} {'theory':>8} {'at most':>8}  between")
    for seed, (name, (concurrency, data)) in enumerate(LOADS.items(), int(time.time())):
        with tempfile.TemporaryDirectory() as folder:
            result = aisbench.run(
                {
                    "suite": {"name": "prefix", "mode": "performance"},
                    "models": {"m": {"backend": "vllm-chat", "url": url, "tokenizer": tokenizer}},
                    "datasets": {
                        "d": {
                            **data,
                            "tokenizer": tokenizer,
                            "seed": seed,
                            "input": LENGTHS,
                            "output": 16,
                            "prefix": {**PREFIX, "hit_rate": 0.8},
                        }
                    },
                    "load": {"shape": "closed", "concurrency": concurrency, "scrape": True},
                },
                output=folder,
            )
        found = result.loads[0].prefix_cache
        assert found is not None and found.server_hits is not None
        hits, server = found.measured, found.server_hits
        print(
            f"{name:20} {hits.prompt:8,} {server:8,.0f} {hits.theory:8,} {hits.most:8,}  "
            f"{hits.theory <= server <= hits.most}"
        )


def scale(count: int) -> None:
    """Time of hashing, and of both theories."""
    source = np.random.default_rng(0)
    shared = source.integers(0, 30_000, (50, SHARED)).tolist()
    begun = time.monotonic()
    keys = tuple(
        np.frombuffer(
            block_keys([*shared[one % 50], *range(one, one + TOKENS - SHARED)], SIZE), np.int64
        )
        for one in range(count)
    )
    print(f"keys of {count:,} prompts of {TOKENS} tokens: {time.monotonic() - begun:.1f} s")
    columns = {name: np.full(count, ABSENT, dtype=np.int64) for name in FIELDS}
    sent = np.arange(count) * 1_000_000
    columns |= {"sent": sent, "first_token": sent + 200_000_000, "done": sent + 900_000_000}
    columns["replica"] = np.zeros(count, dtype=np.int64)
    recording = Recording(columns=Columns(columns), blocks=lambda: iter(()))
    blocks = PromptBlocks(
        size=SIZE,
        basis="ids",
        rows=np.arange(count),
        prompt_tokens=np.full(count, TOKENS),
        keys=keys,
    )
    for name, most in (("infinite", None), ("16,384 blocks", 16_384)):
        begun = time.monotonic()
        found = theory_of(recording, blocks, most)
        share = found.strict.sum() / (count * TOKENS)
        print(f"theory, {name}: {time.monotonic() - begun:.1f} s, hit rate {share:.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url")
    parser.add_argument("--tokenizer", default="")
    parser.add_argument("--prompts", type=int, default=100_000)
    given = parser.parse_args()
    if given.url:
        truth(given.url, given.tokenizer)
    scale(given.prompts)


if __name__ == "__main__":
    main()
