"""AISBench's meta file: rows chosen and repeated, ids unique, limits drawn."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.api import DataError, Sample
from aisbench_plugin_custom.meta import Meta, Shares, Uniform, read_meta

SAMPLES = [Sample(id=f"row-{n}", generation={"max_tokens": 7, "top_k": n}) for n in range(5)]


def meta(tmp_path: Path, content: Any) -> Meta:
    file = tmp_path / "x.meta.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_meta(file)


def rows(samples: list[Sample]) -> list[Any]:
    return [sample.generation["top_k"] for sample in samples]


def test_an_empty_one_changes_nothing(tmp_path: Path) -> None:
    assert meta(tmp_path, {}).apply(SAMPLES, 0) == SAMPLES


def test_rows_are_cut_or_come_again() -> None:
    assert Meta(request_count=2).apply(SAMPLES, 0) == SAMPLES[:2]
    again = Meta(request_count=12).apply(SAMPLES, 0)
    assert rows(again) == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]
    assert [sample.id for sample in again[5:12:5]] == ["row-0#2", "row-0#3"]


def test_an_id_that_looks_repeated_is_not_taken_twice() -> None:
    samples = [Sample(id="a"), Sample(id="a#2")]
    found = Meta(request_count=6).apply(samples, 0)
    assert [one.id for one in found] == ["a", "a#2", "a#3", "a#2#2", "a#4", "a#2#3"]


def test_shuffling_takes_from_the_whole_file() -> None:
    firsts = {
        sample.id
        for seed in range(30)
        for sample in Meta(request_count=2, sampling_mode="shuffle").apply(SAMPLES, seed)
    }
    assert firsts == {sample.id for sample in SAMPLES}
    whole = Meta(sampling_mode="shuffle").apply(SAMPLES, 1)
    assert sorted(rows(whole)) == [0, 1, 2, 3, 4]
    assert whole == Meta(sampling_mode="shuffle").apply(SAMPLES, 1)


def test_random_draws_each_anew() -> None:
    drawn = Meta(request_count=500, sampling_mode="random").apply(SAMPLES, 3)
    assert min(Counter(rows(drawn)).values()) > 60
    assert len({sample.id for sample in drawn}) == 500
    assert rows(drawn) != rows(Meta(request_count=500, sampling_mode="random").apply(SAMPLES, 4))


def test_limits_win_over_the_rows(tmp_path: Path) -> None:
    config = {"method": "uniform", "params": {"min_value": "3", "max_value": 5}}
    found = meta(tmp_path, {"request_count": "90", "output_config": config}).apply(SAMPLES, 0)
    limits = Counter(sample.generation["max_tokens"] for sample in found)
    assert set(limits) == {3, 4, 5}
    assert found[1].generation["top_k"] == 1


def test_shares_are_met(tmp_path: Path) -> None:
    config = {
        "method": "percentage",
        "params": {"percentage_distribute": [[128, 0.7], [1024, 0.3]]},
    }
    found = meta(tmp_path, {"request_count": 10, "output_config": config}).apply(SAMPLES, 0)
    limits = [sample.generation["max_tokens"] for sample in found]
    assert Counter(limits) == {128: 7, 1024: 3}
    assert limits != sorted(limits)


@given(
    st.lists(st.integers(1, 100), min_size=1, max_size=6), st.integers(0, 200), st.integers(0, 9)
)
def test_shares_are_off_by_less_than_one(weights: list[int], count: int, seed: int) -> None:
    pairs = tuple((n + 1, weight / sum(weights)) for n, weight in enumerate(weights))
    found = Counter(Shares(pairs=pairs).draw(count, Random(seed)))
    assert found.total() == count
    for tokens, share in pairs:
        assert abs(found[tokens] - share * count) < 1 + 1e-6


@given(st.integers(1, 50), st.integers(0, 50), st.integers(0, 60))
def test_uniform_stays_within(low: int, width: int, count: int) -> None:
    drawn = Uniform(low=low, high=low + width).draw(count, Random(0))
    assert len(drawn) == count
    assert all(low <= one <= low + width for one in drawn)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not JSON"),
        ("[]", "it is not a JSON object"),
        ({"count": 5}, "'count' is not a key of it"),
        ({"request_count": 0}, "request_count is 0, not a positive integer"),
        ({"request_count": "many"}, "request_count is 'many'"),
        ({"request_count": True}, "request_count is True"),
        ({"sampling_mode": "sorted"}, "sampling_mode is 'sorted'"),
        ({"output_config": 5}, "output_config is not a JSON object"),
        ({"output_config": {"method": "zipf", "params": {}}}, "output_config.method is 'zipf'"),
        ({"output_config": {"method": "uniform"}}, "output_config.params is not a JSON object"),
        (
            {"output_config": {"method": "uniform", "params": {"min_value": 3}}},
            "output_config.params lacks max_value",
        ),
        (
            {"output_config": {"method": "uniform", "params": {"min_value": 3, "max_value": 2}}},
            "min_value 3 is above max_value 2",
        ),
    ],
)
def test_what_it_cannot_mean_is_told(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        meta(tmp_path, content)
    assert "x.meta.json" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "add up to 0, not 1"),
        ([[10, 0.5]], "add up to 0.5, not 1"),
        ([[10, 70], [20, 30]], r"holds \[10, 70\]"),
        ([[0, 1.0]], "percentage_distribute is 0"),
        ([[10]], r"holds \[10\]"),
        ([[10, True]], r"holds \[10, True\]"),
    ],
)
def test_shares_that_are_none(tmp_path: Path, pairs: Any, message: str) -> None:
    params = {"percentage_distribute": pairs}
    with pytest.raises(DataError, match=message):
        meta(tmp_path, {"output_config": {"method": "percentage", "params": params}})
