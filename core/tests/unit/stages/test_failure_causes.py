"""Failures by their cause."""

from __future__ import annotations

from aisbench.stages.failure_causes import FailureCauses


def test_numbers_do_not_make_causes() -> None:
    causes = FailureCauses()
    for length in (9000, 9001, 12):
        causes.add("http", 400, f"the prompt has {length} tokens,\n 4096 are allowed")
    causes.add("http", 400, "unknown model")
    causes.add("connect", None, "cannot connect: refused")
    assert causes.counts() == {
        "HTTP 400: the prompt has 9000 tokens, 4096 are allowed": 3,
        "HTTP 400: unknown model": 1,
        "connect: cannot connect: refused": 1,
    }


def test_what_always_fails_is_told_apart_and_long_words_are_cut() -> None:
    causes = FailureCauses()
    causes.add("http", 500, "x" * 1000, deterministic=True)
    causes.add("http", 500, "x" * 1000)
    causes.add("http", 503, "")
    first, second, third = causes.counts()
    assert first == f"HTTP 500: {'x' * 160} (always the same for the sample)"
    assert second == f"HTTP 500: {'x' * 160}"
    assert third == "HTTP 503"
