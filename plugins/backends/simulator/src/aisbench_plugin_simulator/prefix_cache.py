"""A cache of prompts' beginnings by blocks, as vLLM keeps one.

A block of tokens is known by its content and by all that stands before it, so that a prompt finds
its longest beginning that is there. What was looked up is answered at once; what was computed is
there from its first token on, and the answer's own blocks from its end on: requests in flight at
once share nothing that is not computed yet.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from typing import Any

import orjson
from attrs import frozen

from aisbench_plugin_simulator.tokens import split_tokens

Tokens = Sequence[str | int]


@frozen
class LookUp:
    """What one request found: ``cached`` of the ``tokens`` of its prompt."""

    tokens: int
    cached: int

    @property
    def computed(self) -> int:
        """Tokens that the model had to read."""
        return self.tokens - self.cached


class PrefixCache:
    """Blocks of ``size`` tokens, at most ``most`` of them (0: any number), the least recently used
    ones dropped first. 0 for ``size``: there is no cache, and nothing is found."""

    def __init__(self, size: int, most: int) -> None:
        self.size = size
        self.most = most
        self._blocks: OrderedDict[int, None] = OrderedDict()
        self.clear_counts()

    def clear_counts(self) -> None:
        """Forget what was counted; the blocks stay."""
        self.queries = 0
        """Tokens of prompts that were looked up."""
        self.hits = 0
        """Of these, tokens that were there."""
        self.evictions = 0
        self.found: Counter[int] = Counter()
        """How many requests found so many tokens."""

    def drop(self) -> None:
        """Forget all blocks."""
        self._blocks.clear()

    def look_up(self, tokens: Tokens, model: str = "") -> LookUp:
        """Counts one request. Models (and adapters) share nothing. The last token of a prompt is
        always computed: without it there would be nothing to make the answer's first token of."""
        cached: list[int] = []
        if self.size:
            for key in _keys(tokens[: max(0, len(tokens) - 1)], self.size, model):
                if key not in self._blocks:
                    break
                cached.append(key)
        self._use(cached)
        found = len(cached) * self.size
        self.queries += len(tokens)
        self.hits += found
        self.found[found] += 1
        return LookUp(len(tokens), found)

    def add(self, tokens: Tokens, model: str = "") -> None:
        """The whole blocks of ``tokens`` were computed."""
        if not self.size:
            return
        self._use(_keys(tokens, self.size, model))
        while self.most and len(self._blocks) > self.most:
            self._blocks.popitem(last=False)
            self.evictions += 1

    def _use(self, keys: Sequence[int]) -> None:
        # The end of a text is dropped before its beginning, without which it is of no use.
        for key in reversed(keys):
            self._blocks[key] = None
            self._blocks.move_to_end(key)

    @property
    def held(self) -> int:
        """Blocks in the cache."""
        return len(self._blocks)

    def stats(self) -> dict[str, Any]:
        """The truth about the cache, as JSON values."""
        return {
            "block_size": self.size,
            "blocks": self.most,
            "held": self.held,
            "evictions": self.evictions,
            "queries": self.queries,
            "hits": self.hits,
            "found": {str(tokens): count for tokens, count in sorted(self.found.items())},
        }

    def lines(self, labels: str) -> list[str]:
        """vLLM's metrics of it, in Prometheus's text format."""
        most = self.most or None
        config = (
            f'block_size="{self.size}",enable_prefix_caching="{bool(self.size)}",'
            f'num_gpu_blocks="{most}"'
        )
        engine = labels.split(",", 1)[0]
        usage = self.held / self.most if self.most else 0.0
        return [
            "# HELP vllm:cache_config_info Information of the cache.",
            "# TYPE vllm:cache_config_info gauge",
            f"vllm:cache_config_info{{{config},{engine}}} 1.0",
            "# HELP vllm:prefix_cache_queries_total Tokens looked up in the prefix cache.",
            "# TYPE vllm:prefix_cache_queries_total counter",
            f"vllm:prefix_cache_queries_total{{{labels}}} {self.queries}.0",
            "# HELP vllm:prefix_cache_hits_total Tokens found in the prefix cache.",
            "# TYPE vllm:prefix_cache_hits_total counter",
            f"vllm:prefix_cache_hits_total{{{labels}}} {self.hits}.0",
            "# HELP vllm:prompt_tokens_cached_total Prompt tokens that were not computed.",
            "# TYPE vllm:prompt_tokens_cached_total counter",
            f"vllm:prompt_tokens_cached_total{{{labels}}} {self.hits}.0",
            "# HELP vllm:kv_cache_usage_perc Share of the blocks that hold something.",
            "# TYPE vllm:kv_cache_usage_perc gauge",
            f"vllm:kv_cache_usage_perc{{{labels}}} {usage!r}",
        ]


def tokens_of(body: bytes) -> Tokens:
    """The prompt's tokens as the model reads them: of a chat, each turn with the line break that
    is this model's template; of a completion, its text or its ids. Empty where there is none."""
    data = orjson.loads(body)
    if isinstance(data, dict):
        messages = data.get("messages", _items(data))
        if isinstance(messages, list):
            return split_tokens("".join(f"{_said(one)}\n" for one in messages))
        for name in ("prompt", "inputs", "text_input", "input_id"):
            prompt = data.get(name)
            if isinstance(prompt, list) and len(prompt) == 1 and not isinstance(prompt[0], int):
                prompt = prompt[0]
            if isinstance(prompt, str):
                return split_tokens(prompt)
            if isinstance(prompt, list) and all(type(one) is int for one in prompt):
                return prompt
    return ()


def _items(data: dict[str, Any]) -> list[Any] | None:
    """The turns of a request to the responses API; None for others."""
    asked, told = data.get("input"), data.get("instructions")
    if isinstance(asked, str):
        asked = [{"content": asked}]
    if not isinstance(asked, list):
        return None
    return [{"content": told}, *asked] if told else asked


def _said(message: Any) -> str:
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    texts = (one.get("text") for one in parts if isinstance(one, dict))
    return "\n".join(one for one in texts if isinstance(one, str))


def model_of(body: bytes) -> str:
    """The model (or adapter) that is asked; "" where the request names none."""
    data = orjson.loads(body)
    name = data.get("model") if isinstance(data, dict) else None
    return name if isinstance(name, str) else ""


def _keys(tokens: Tokens, size: int, model: str) -> list[int]:
    """A number for each whole block, of its tokens and all before it."""
    found = []
    before = hash(model)
    for end in range(size, len(tokens) + 1, size):
        before = hash((before, *tokens[end - size : end]))
        found.append(before)
    return found
