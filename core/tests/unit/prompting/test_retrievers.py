"""The choice of few-shot examples."""

from __future__ import annotations

import pytest

from aisbench.base.errors import DataError
from aisbench.prompting.retrievers import (
    FixedRetriever,
    FixedSettings,
    RandomRetriever,
    SimilarRetriever,
    SimilarSettings,
)
from aisbench.types.sample import Sample

POOL = [Sample(id=f"e{number}") for number in range(10)]
Q1, Q2 = Sample(id="q1"), Sample(id="q2")


def fixed(*ids: str) -> FixedRetriever:
    return FixedRetriever(FixedSettings(ids=ids))


def ids(samples: object) -> list[str]:
    return [one.id for one in samples]  # type: ignore[attr-defined]


def test_fixed_takes_the_first_of_the_pool() -> None:
    assert ids(fixed().pick(Q1, POOL, 3, 0)) == ["e0", "e1", "e2"]
    assert ids(fixed().pick(Q2, POOL, 3, 9)) == ["e0", "e1", "e2"]
    assert ids(fixed().pick(Q1, POOL, 10, 0)) == ids(POOL)


def test_fixed_takes_the_ids_in_their_order() -> None:
    assert ids(fixed("e7", "e2", "e5").pick(Q1, POOL, 3, 0)) == ["e7", "e2", "e5"]
    assert ids(fixed("e7", "e2", "e5").pick(Q1, POOL, 2, 0)) == ["e7", "e2"]


def test_fixed_names_ids_that_the_pool_does_not_have() -> None:
    with pytest.raises(DataError) as caught:
        fixed("e1", "x", "y").pick(Q1, POOL, 3, 0)
    assert caught.value.message == "the pool has no few-shot example x, y"
    assert caught.value.hint == "ids look like: e0, e1, e2"


def test_fixed_with_fewer_ids_than_shots() -> None:
    with pytest.raises(DataError, match="`shots` asks for 3 examples, and 2 ids are given"):
        fixed("e1", "e2").pick(Q1, POOL, 3, 0)


@pytest.mark.parametrize("retriever", [fixed(), RandomRetriever()])
def test_a_pool_that_is_too_small(retriever: FixedRetriever | RandomRetriever) -> None:
    with pytest.raises(
        DataError, match="11 few-shot examples are asked for, and the pool holds 10"
    ):
        retriever.pick(Q1, POOL, 11, 0)


def test_random_is_the_same_in_every_process() -> None:
    pick = RandomRetriever().pick
    assert ids(pick(Q1, POOL, 4, 42)) == ["e6", "e1", "e5", "e0"]
    assert ids(pick(Q2, POOL, 4, 42)) == ["e1", "e8", "e6", "e3"]


def test_random_depends_on_question_and_seed() -> None:
    pick = RandomRetriever().pick
    drawn = {tuple(ids(pick(Sample(id=f"q{n}"), POOL, 4, 1))) for n in range(20)}
    assert len(drawn) > 15
    drawn = {tuple(ids(pick(Q1, POOL, 4, seed))) for seed in range(20)}
    assert len(drawn) > 15


def test_random_draws_each_example_once() -> None:
    assert sorted(ids(RandomRetriever().pick(Q1, POOL, 10, 3))) == ids(POOL)


TEXTS = [
    "How many apples are in the basket?",
    "Who wrote the book about apples and pears?",
    "苹果和梨的价格是多少？",
    "What is the speed of light?",
    "香蕉的价格是多少？",
]
LIBRARY = [Sample(id=f"t{place}", fields={"question": text}) for place, text in enumerate(TEXTS)]


@pytest.mark.parametrize(
    ("question", "nearest"),
    [
        ("How many pears are in the basket?", "t0"),
        ("苹果多少钱", "t2"),
        ("light speed", "t3"),
    ],
)
def test_similar_finds_shared_words(question: str, nearest: str) -> None:
    asked = Sample(id="q", fields={"question": question})
    found = SimilarRetriever(SimilarSettings()).pick(asked, LIBRARY, 2, 0)
    assert found[-1].id == nearest
    first = SimilarRetriever(SimilarSettings(order="nearest-first")).pick(asked, LIBRARY, 2, 7)
    assert ids(first) == ids(found)[::-1]


def test_similar_counts_rare_words_more() -> None:
    asked = Sample(id="q", fields={"question": "the speed the the the apples"})
    found = SimilarRetriever(SimilarSettings(order="nearest-first")).pick(asked, LIBRARY, 5, 0)
    assert found[0].id == "t3"
    assert len({one.id for one in found}) == 5


def test_similar_needs_the_field() -> None:
    with pytest.raises(DataError, match="no text 'question' to compare"):
        SimilarRetriever(SimilarSettings()).pick(Q1, LIBRARY, 1, 0)
