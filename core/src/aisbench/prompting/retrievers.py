"""Ways to choose few-shot examples."""

from __future__ import annotations

import hashlib
import math
import random
import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.settings.fields import setting
from aisbench.types.sample import Sample


def _require(pool: Sequence[Sample], count: int) -> None:
    if len(pool) < count:
        raise DataError(
            f"{count} few-shot examples are asked for, and the pool holds {len(pool)}",
            hint="lower `shots`, or check the file that the examples come from",
        )


@frozen
class FixedSettings:
    """Which examples."""

    ids: tuple[str, ...] = setting(
        default=(), help="ids of the examples, in the order shown", example=["17", "4"]
    )


class FixedRetriever:
    """The same examples for every question."""

    def __init__(self, settings: FixedSettings) -> None:
        self.settings = settings

    def pick(
        self, sample: Sample, pool: Sequence[Sample], count: int, seed: int
    ) -> Sequence[Sample]:
        ids = self.settings.ids
        if not ids:
            _require(pool, count)
            return pool[:count]
        by_id = {example.id: example for example in pool}
        if missing := [name for name in ids if name not in by_id]:
            known = ", ".join(list(by_id)[:3])
            raise DataError(
                f"the pool has no few-shot example {', '.join(missing)}",
                hint=f"ids look like: {known}",
            )
        if len(ids) < count:
            raise DataError(
                f"`shots` asks for {count} examples, and {len(ids)} ids are given",
                hint="give as many ids as shots, or lower `shots`",
            )
        return [by_id[name] for name in ids[:count]]


class RandomRetriever:
    """Examples drawn anew for each question. With one seed they are equal in every run."""

    def pick(
        self, sample: Sample, pool: Sequence[Sample], count: int, seed: int
    ) -> Sequence[Sample]:
        _require(pool, count)
        digest = hashlib.sha256(f"{seed}/{sample.id}".encode()).digest()
        return random.Random(digest).sample(list(pool), count)


@frozen
class SimilarSettings:
    """What is compared."""

    field: str = setting(
        default="question", help="the field whose words are compared", example="problem"
    )
    order: Literal["nearest-last", "nearest-first"] = setting(
        default="nearest-last", help="where the most similar example stands"
    )


class SimilarRetriever:
    """The examples most like each question, by Okapi BM25 (k1 = 1.5, b = 0.75).

    S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009),
    section 3. Words are runs of letters and digits in lower case; of scripts without blanks, each
    pair of neighbouring characters. Examples with equal scores keep the pool's order.
    """

    def __init__(self, settings: SimilarSettings) -> None:
        self._settings = settings
        self._index: tuple[Sequence[Sample], _Index] | None = None

    def pick(
        self, sample: Sample, pool: Sequence[Sample], count: int, seed: int
    ) -> Sequence[Sample]:
        _require(pool, count)
        if self._index is None or self._index[0] is not pool:
            self._index = (pool, _Index([self._words(example) for example in pool]))
        scores = self._index[1].scores(self._words(sample))
        best = sorted(range(len(pool)), key=lambda place: (-scores[place], place))[:count]
        chosen = [pool[place] for place in best]
        return chosen[::-1] if self._settings.order == "nearest-last" else chosen

    def _words(self, sample: Sample) -> list[str]:
        value = sample.fields.get(self._settings.field)
        if not isinstance(value, str):
            raise DataError(
                f"sample {sample.id} has no text {self._settings.field!r} to compare",
                hint=f"set retrieval.field to one of: {', '.join(sorted(sample.fields))}",
            )
        return words_of(value)


_WORDS = re.compile(r"[a-z0-9]+|[^\W\d_a-z]+")


def words_of(text: str) -> list[str]:
    """Words of ``text``, for comparing texts."""
    found: list[str] = []
    for run in _WORDS.findall(text.lower()):
        if run.isascii() or len(run) == 1:
            found.append(run)
        else:
            found += [run[at : at + 2] for at in range(len(run) - 1)]
    return found


class _Index:
    """Word counts of a pool."""

    K1 = 1.5
    B = 0.75

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._lengths = [len(words) for words in documents]
        self._mean = sum(self._lengths) / len(documents) or 1.0
        self._postings: dict[str, list[tuple[int, int]]] = {}
        for place, words in enumerate(documents):
            for word, times in Counter(words).items():
                self._postings.setdefault(word, []).append((place, times))

    def scores(self, words: Sequence[str]) -> list[float]:
        """``sum idf · tf (k1 + 1) / (tf + k1 (1 - b + b · length / mean))`` of each document."""
        total = len(self._lengths)
        found = [0.0] * total
        for word in dict.fromkeys(words):
            postings = self._postings.get(word, ())
            weight = math.log(1 + (total - len(postings) + 0.5) / (len(postings) + 0.5))
            for place, times in postings:
                norm = self.K1 * (1 - self.B + self.B * self._lengths[place] / self._mean)
                found[place] += weight * times * (self.K1 + 1) / (times + norm)
        return found
