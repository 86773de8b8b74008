"""The prefix cache: what is found, what is told of it, and what it does to times."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from aisbench_plugin_simulator.prefix_cache import PrefixCache, tokens_of


def test_finds_the_longest_beginning_by_whole_blocks() -> None:
    cache = PrefixCache(4, 0)
    text = list(range(13))
    assert cache.look_up(text).cached == 0
    cache.add(text)
    assert cache.look_up(text).cached == 12
    assert cache.look_up([*text[:9], 77, 78, 79]).cached == 8
    assert cache.look_up([99, *text]).cached == 0  # the same tokens at another place
    # Of a prompt that is there wholly, the last block is computed: it makes the first token.
    assert cache.look_up(text[:12]).cached == 8
    assert (cache.queries, cache.hits) == (13 + 13 + 12 + 14 + 12, 12 + 8 + 8)


def test_drops_the_least_recently_used_and_of_a_text_its_end_first() -> None:
    cache = PrefixCache(2, 4)
    one, two = [1, 2, 3, 4, 5], [6, 7, 8, 9, 10]
    cache.add(one)
    cache.add(two)
    assert cache.look_up(one).cached == 4
    cache.add([20, 21])  # drops the end of the text that was used longer ago
    assert cache.look_up(two).cached == 2
    assert cache.evictions == 1
    assert cache.held == 4


def test_models_share_nothing() -> None:
    cache = PrefixCache(2, 0)
    cache.add([1, 2, 3], "one")
    assert (cache.look_up([1, 2, 3], "two").cached, cache.look_up([1, 2, 3], "one").cached) == (
        0,
        2,
    )


def test_a_chat_is_the_same_prompt_over_either_api() -> None:
    turns = [{"role": "system", "content": "be short"}, {"role": "user", "content": "a b"}]
    chat = tokens_of(json.dumps({"messages": turns}).encode())
    user = {"role": "user", "content": [{"type": "input_text", "text": "a b"}]}
    for asked in ("a b", [user]):
        body = {"instructions": "be short", "input": asked}
        assert tokens_of(json.dumps(body).encode()) == chat
    assert tokens_of(json.dumps({"input": turns}).encode()) == chat


def _lines(page: str) -> dict[str, float]:
    pairs = (line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#"))
    return {name.split("{")[0]: float(value) for name, value in pairs}


def test_tells_the_same_everywhere(serve: Callable[..., Any]) -> None:
    api = serve(block_size=4, blocks=100, cached_usage=True, prefill_ms=5, output_tokens=4)
    ids = list(range(1, 22))
    first = api.text(ids).json
    again = api.text([*ids[:10], *ids[:5]], stream=True, stream_options={"include_usage": True})
    assert first["usage"]["prompt_tokens_details"] == {"cached_tokens": 0}
    assert again.events[-1]["usage"]["prompt_tokens_details"] == {"cached_tokens": 8}
    truth = api.stats()["prefix_cache"]
    assert (truth["queries"], truth["hits"], truth["found"]) == (36, 8, {"0": 1, "8": 1})
    log = api.log()
    assert [one["cached_tokens"] for one in log] == [0, 8]
    # 5 ms for each token that had to be read.
    assert [one["done_ns"] - one["arrival_ns"] >= wait for one, wait in zip(
        log, (105e6, 35e6), strict=True)] == [True, True]  # fmt: skip
    assert log[1]["done_ns"] - log[1]["arrival_ns"] < 100e6
    page = api.get("/metrics").body.decode()
    seen = _lines(page)
    assert (seen["vllm:prefix_cache_queries_total"], seen["vllm:prefix_cache_hits_total"]) == (
        36,
        8,
    )
    assert 'block_size="4"' in page
    assert 'num_gpu_blocks="100"' in page
    assert api.post("/reset_prefix_cache", {}).status == 200
    assert api.text(ids).json["usage"]["prompt_tokens_details"] == {"cached_tokens": 0}


def test_an_answer_is_found_by_the_next_turn(serve: Callable[..., Any]) -> None:
    api = serve(block_size=1, cached_usage=True, output_tokens=9)
    question = {"role": "user", "content": "one two three"}
    answer = api.post("/v1/chat/completions", {"messages": [question]}).json
    said = {"role": "assistant", "content": answer["choices"][0]["message"]["content"]}
    turns = [question, said, {"role": "user", "content": "four"}]
    again = api.post("/v1/chat/completions", {"messages": turns}).json
    # Three words, the line break and the answer, whose last token had not been computed.
    assert again["usage"]["prompt_tokens_details"] == {"cached_tokens": 3 + 1 + 8}


@pytest.mark.parametrize("route", ["GET", "POST"])
def test_sglangs_route_empties_it(serve: Callable[..., Any], route: str) -> None:
    api = serve(block_size=2)
    api.text([1, 2, 3, 4, 5])
    assert api.send(route, "/flush_cache").status == 200
    assert api.stats()["prefix_cache"]["held"] == 0
