"""Sharing requests among replicas."""

from __future__ import annotations

import pytest

from aisbench.base.clock import now_ns
from aisbench.engine.replicas import COOLDOWN_NS, Replicas, join_url


def test_one_replica_is_always_taken() -> None:
    replicas = Replicas(["http://a/"])
    one = replicas.pick()
    assert one.url == "http://a"
    one.down_since = now_ns()
    one.in_flight = 9
    assert replicas.pick(avoid=one) is one


def test_equals_take_turns() -> None:
    replicas = Replicas(["http://a", "http://b", "http://c"])
    urls = [replicas.pick().url for _ in range(9)]
    assert sorted(urls[:3]) == ["http://a", "http://b", "http://c"]
    assert urls[:3] == urls[3:6] == urls[6:]


def test_the_least_busy_is_taken() -> None:
    replicas = Replicas(["http://a", "http://b", "http://c"])
    for replica, busy in zip(replicas.all, (2, 1, 3), strict=True):
        replica.in_flight = busy
    assert {replicas.pick().url for _ in range(6)} == {"http://b"}


def test_load_is_spread_evenly() -> None:
    replicas = Replicas([f"http://{one}" for one in "abcd"])
    for _ in range(102):
        replicas.pick().in_flight += 1
    assert sorted(one.in_flight for one in replicas.all) == [25, 25, 26, 26]


def test_one_that_is_down_is_passed_over_for_a_while() -> None:
    replicas = Replicas(["http://a", "http://b"])
    a, b = replicas.all
    a.down_since = now_ns()
    b.in_flight = 50
    assert {replicas.pick().url for _ in range(4)} == {"http://b"}
    a.down_since = now_ns() - COOLDOWN_NS
    assert replicas.pick() is a


def test_when_all_are_down_the_least_busy_is_taken() -> None:
    replicas = Replicas(["http://a", "http://b"])
    a, b = replicas.all
    a.down_since = b.down_since = now_ns()
    a.in_flight = 1
    assert replicas.pick() is b


def test_another_one_is_tried_after_a_failure() -> None:
    replicas = Replicas(["http://a", "http://b"])
    a, b = replicas.all
    b.in_flight = 10
    assert {replicas.pick(avoid=a).url for _ in range(4)} == {"http://b"}
    b.down_since = now_ns()
    assert replicas.pick(avoid=a) is a


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        ("http://a:8000", "/v1/chat/completions", "http://a:8000/v1/chat/completions"),
        ("http://a:8000/v1", "/v1/chat/completions", "http://a:8000/v1/chat/completions"),
        ("http://a/deep/v1", "/v1/models", "http://a/deep/v1/models"),
        ("http://a/deep", "/v1/models", "http://a/deep/v1/models"),
        ("http://a/v2", "/v1/models", "http://a/v2/v1/models"),
        ("http://a/v1", "/v10/models", "http://a/v1/v10/models"),
        ("http://a/v1", "/health", "http://a/v1/health"),
        ("http://a/v1beta", "/v1/models", "http://a/v1beta/v1/models"),
        ("http://a?k=1", "/v1/models", "http://a/v1/models?k=1"),
        ("http://a/?k=1", "/v1/models", "http://a/v1/models?k=1"),
        ("http://a/v1?k=1&l=2", "/v1/models", "http://a/v1/models?k=1&l=2"),
        ("http://a/b?k=1", "/models?l=2", "http://a/b/models?l=2&k=1"),
    ],
)
def test_join_url(base: str, path: str, url: str) -> None:
    assert join_url(base, path) == url
