"""Random choices that are the same on every machine and in every version of Python.

Only ``random.random()`` is promised to stay as it is; all else is made of it here. Each purpose
draws from a stream of its own, named by a key, so that what one draws never moves another's.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """A stream of choices. The same ``key`` gives the same ones."""

    def __init__(self, *key: str | int) -> None:
        self._random = random.Random("/".join(map(str, key))).random

    def below(self, count: int) -> int:
        """A whole number from 0 to ``count - 1``."""
        return int(self._random() * count)

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def choice(self, items: Sequence[T]) -> T:
        """One of ``items``."""
        return items[self.below(len(items))]

    def letters(self, alphabet: str, count: int) -> str:
        """``count`` letters, each of the whole alphabet."""
        return "".join(self.choice(alphabet) for _ in range(count))

    def bits(self, count: int) -> int:
        """A number of ``count`` bits, a multiple of 16."""
        value = 0
        for _ in range(count // 16):
            value = value << 16 | self.below(1 << 16)
        return value

    def each_place(self, size: int) -> Iterator[int]:
        """All numbers below ``size`` in random order, drawn as they are taken."""
        moved: dict[int, int] = {}
        for place in range(size):
            other = place + self.below(size - place)
            yield moved.get(other, other)
            moved[other] = moved.get(place, place)

    def places(self, size: int, count: int) -> list[int]:
        """``count`` different numbers below ``size``; fewer are the beginning of more."""
        return list(islice(self.each_place(size), count))

    def sample(self, items: Sequence[T], count: int) -> list[T]:
        """``count`` different ones of ``items``, in random order."""
        return [items[place] for place in self.places(len(items), count)]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """All of them in random order."""
        return self.sample(items, len(items))
