"""Ways to choose few-shot examples."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

from attrs import frozen

from aisbench.errors import DataError
from aisbench.settings import setting
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

    ids: tuple[str, ...] = setting(default=(), help="ids of the examples, in the order shown")


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
    """Examples drawn anew for each question, the same on every run with one seed."""

    def pick(
        self, sample: Sample, pool: Sequence[Sample], count: int, seed: int
    ) -> Sequence[Sample]:
        _require(pool, count)
        digest = hashlib.sha256(f"{seed}/{sample.id}".encode()).digest()
        return random.Random(digest).sample(list(pool), count)
