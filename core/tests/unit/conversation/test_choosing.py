"""Which rows are asked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.base.errors import DataError
from aisbench.config.row_choice import RowChoice, read_ids, span_problem
from aisbench.conversation.choosing import choose, stratified
from aisbench.settings.convert import structure
from aisbench.settings.problems import Problems
from aisbench.types.sample import Sample


def in_parts(**sizes: int) -> list[Sample]:
    return [
        Sample(id=f"{part}/{n}", part=part) for part, size in sizes.items() for n in range(size)
    ]


def ids(samples: list[Sample], seed: int = 0, **keys: Any) -> list[str]:
    choice = structure(RowChoice, keys, Path())
    return [one.id for one in choose("d", choice, samples, seed).samples]


TABLE = in_parts(a=4, b=6)


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        ({"ids": ["b/5", "a/1"]}, "a/1 b/5"),
        ({"ids": ["a/*", "b/?"], "range": "3:5"}, "a/3 b/0"),
        ({"range": "-2:"}, "b/4 b/5"),
        ({"range": "::4"}, "a/0 b/0 b/4"),
        ({"part_range": "1:2"}, "a/1 b/1"),
        ({"part_limit": 2}, "a/0 a/1 b/0 b/1"),
        ({"part_limit": {"b": 1}, "part_range": "2:"}, "a/2 a/3 b/2"),
        ({"limit": 2}, "a/0 b/0"),
        ({"sample": 1.0}, " ".join(one.id for one in TABLE)),
    ],
)
def test_keys_narrow_the_rows_in_turn(keys: dict[str, Any], left: str) -> None:
    assert ids(TABLE, **keys) == left.split()


def test_how_many_of_how_many() -> None:
    chosen = choose("d", structure(RowChoice, {"limit": 3}, Path()), TABLE, 0)
    assert (chosen.questions, chosen.of) == (3, 10)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"ids": ["a/1", "x", "c/*"]}, r"datasets\.d\.ids: there is no row 'x', 'c/\*'"),
        ({"range": "10:"}, r"datasets\.d\.range: '10:' leaves none of 10 rows"),
        ({"part_limit": {"c": 1}}, "'c' is not a part"),
    ],
)
def test_what_leaves_nothing_or_is_not_there(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        ids(TABLE, **keys)


def test_an_id_with_a_star_is_itself() -> None:
    assert ids([Sample(id="a*"), Sample(id="ab")], ids=["a*"]) == ["a*"]
    assert ids([Sample(id="a[1]b"), Sample(id="a1b")], ids=["a[1]*"]) == ["a[1]b"]


def test_ways_of_a_question_and_rows_that_others_build_on() -> None:
    rows = [
        Sample(id="first", scored=False),
        Sample(id="q~0", question_id="q", after=("first",)),
        Sample(id="q~1", question_id="q", after=("first",)),
        Sample(id="r"),
    ]
    assert ids(rows, ids=["q~1"]) == ["first", "q~0", "q~1"]
    assert ids(rows, ids=["q"]) == ["first", "q~0", "q~1"]
    assert ids(rows, range="1:") == ["r"]


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=6),
    st.integers(0, 100),
    st.integers(0, 9),
    st.randoms(use_true_random=False),
)
def test_samples_are_in_proportion_nested_and_free_of_order(
    sizes: list[int], count: int, seed: int, shuffled: Any
) -> None:
    rows = in_parts(**{f"p{n}": size for n, size in enumerate(sizes)})
    some = stratified(rows, count, seed)
    assert len(some) == min(count, len(rows))
    more = stratified(rows, count + 3, seed)
    assert {one.id for one in some} <= {one.id for one in more}
    found = Counter(one.part for one in some)
    for n, size in enumerate(sizes):
        share = min(count, len(rows)) * size / len(rows)
        assert abs(found[f"p{n}"] - share) <= len(sizes) / 2
    other = list(rows)
    shuffled.shuffle(other)
    other.sort(key=lambda one: one.part)
    assert {one.id for one in stratified(other, count, seed)} == {one.id for one in some}


def test_another_seed_draws_others() -> None:
    rows = in_parts(a=200)
    assert ids(rows, seed=1, sample=0.1) != ids(rows, seed=2, sample=0.1)
    assert len(ids(rows, sample=0.1)) == 20


def test_values_that_cannot_be() -> None:
    for key, value in [
        ("sample", 0), ("sample", 1.5), ("sample", True), ("range", "5"), ("range", "1:2:0"),
        ("range", "a:b"), ("part_limit", 0), ("limit", 0), ("ids", 3),
    ]:  # fmt: skip
        with pytest.raises(Problems):
            structure(RowChoice, {key: value}, Path())
    assert span_problem("") is None


def test_files_of_ids(tmp_path: Path) -> None:
    def read(name: str, text: str) -> tuple[str, ...]:
        (tmp_path / name).write_text(text)
        return read_ids(tmp_path / name)

    assert read("a.txt", "x 1\n\ny\nx 1\n") == ("x 1", "y")
    assert read("a.jsonl", '{"id": "x"}\n{"sample": "y"}\n"z"\n') == ("x", "y", "z")
    assert read("a.json", '["x"]') == ("x",)
    # The scores of a run hold answers, which may hold line separators other than LF.
    assert read("a.jsonl", '{"sample": "x", "answer": "a\u2028b"}\r\n') == ("x",)
    (tmp_path / "b.txt").write_bytes(b"x\n\xff\n")
    with pytest.raises(ValueError, match="line 2 is not UTF-8"):
        read_ids(tmp_path / "b.txt")
    for name, text, words in [
        ("b.txt", "\n", "holds no id"),
        ("b.jsonl", '{"id": 1}\n', "line 1 has neither"),
        ("b.jsonl", "x\n", "line 1 is not JSON"),
        ("b.json", "{}", "a list of ids"),
    ]:
        with pytest.raises(ValueError, match=words):
            read(name, text)
