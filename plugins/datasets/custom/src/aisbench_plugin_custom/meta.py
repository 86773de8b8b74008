"""AISBench's meta file: how many requests, in which order, with which output limits.

``{"request_count": 100, "sampling_mode": "default|random|shuffle", "output_config": {"method":
"uniform", "params": {"min_value": 50, "max_value": 200}}}``, or ``"method": "percentage"`` with
``"params": {"percentage_distribute": [[128, 0.7], [1024, 0.3]]}``, as AISBench 3.1
(github.com/AISBench/benchmark) describes it for its custom data sets.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from aisbench.api import DataError, Sample
from aisbench.data import parse_json, read_text, whole_number

MODES = ("default", "random", "shuffle")
_HINT = "the README of aisbench-plugin-custom shows a meta file"


@frozen(kw_only=True)
class Uniform:
    """Any number of tokens between two, both included, with equal chance."""

    low: int
    high: int

    def draw(self, count: int, chance: random.Random) -> list[int]:
        """``count`` limits."""
        return [chance.randint(self.low, self.high) for _ in range(count)]


@frozen(kw_only=True)
class Shares:
    """Given numbers of tokens, each for a share of the requests."""

    pairs: tuple[tuple[int, float], ...]

    def draw(self, count: int, chance: random.Random) -> list[int]:
        """``count`` limits in random order; the shares are met as exactly as whole requests can
        (largest remainders)."""
        exact = [share * count for _, share in self.pairs]
        whole = [math.floor(part + 1e-9) for part in exact]
        rest = sorted(range(len(exact)), key=lambda one: whole[one] - exact[one])
        for one in rest[: count - sum(whole)]:
            whole[one] += 1
        lengths = [
            tokens
            for (tokens, _), number in zip(self.pairs, whole, strict=True)
            for _ in range(number)
        ]
        chance.shuffle(lengths)
        return lengths


@frozen(kw_only=True)
class Meta:
    """A meta file."""

    request_count: int | None = None
    sampling_mode: str = "default"
    lengths: Uniform | Shares | None = None

    def apply(self, samples: Sequence[Sample], seed: int) -> list[Sample]:
        """The requests: chosen, repeated where there are too few rows, limited. An id that comes
        again gets the ending ``#2``, ``#3``, ..."""
        chance = random.Random(f"{seed}/rows")
        count = len(samples) if self.request_count is None else self.request_count
        order = list(range(len(samples)))
        if self.sampling_mode == "shuffle":
            chance.shuffle(order)
        picked = (
            chance.choices(order, k=count)
            if self.sampling_mode == "random"
            else [order[index % len(order)] for index in range(count)]
        )
        taken = {sample.id for sample in samples}
        times: dict[str, int] = {}
        made = [_again(samples[index], times, taken) for index in picked]
        if self.lengths is None:
            return made
        limits = self.lengths.draw(count, random.Random(f"{seed}/lengths"))
        return [
            attrs.evolve(sample, generation={**sample.generation, "max_tokens": limit})
            for sample, limit in zip(made, limits, strict=True)
        ]


def _again(sample: Sample, times: dict[str, int], taken: set[str]) -> Sample:
    number = times.get(sample.id, 0) + 1
    if number == 1:
        times[sample.id] = 1
        return sample
    while (name := f"{sample.id}#{number}") in taken:
        number += 1
    times[sample.id] = number
    taken.add(name)
    return attrs.evolve(sample, id=name)


def read_meta(file: Path) -> Meta:
    """The meta file. Raises DataError for what it cannot mean."""
    found = parse_json(read_text(file), str(file))
    _keys(found, ("request_count", "sampling_mode", "output_config"), file, "it")
    mode = found.get("sampling_mode", "default")
    if mode not in MODES:
        raise DataError(
            f"{file}: sampling_mode is {mode!r}", hint=f"one of {', '.join(MODES)} is known"
        )
    count = found.get("request_count")
    return Meta(
        request_count=None if count is None else _number(count, file, "request_count"),
        sampling_mode=mode,
        lengths=_lengths(found["output_config"], file) if "output_config" in found else None,
    )


def _lengths(config: Any, file: Path) -> Uniform | Shares:
    _keys(config, ("method", "params"), file, "output_config")
    method, params = config.get("method"), config.get("params")
    if method == "uniform":
        _keys(params, ("min_value", "max_value"), file, "output_config.params", all_needed=True)
        low = _number(params["min_value"], file, "min_value")
        high = _number(params["max_value"], file, "max_value")
        if low > high:
            raise DataError(f"{file}: min_value {low} is above max_value {high}", hint=_HINT)
        return Uniform(low=low, high=high)
    if method == "percentage":
        _keys(params, ("percentage_distribute",), file, "output_config.params", all_needed=True)
        return _shares(params["percentage_distribute"], file)
    raise DataError(
        f"{file}: output_config.method is {method!r}", hint="uniform and percentage are known"
    )


def _shares(value: Any, file: Path) -> Shares:
    pairs = []
    for pair in value if isinstance(value, list) else ():
        share = pair[1] if isinstance(pair, list) and len(pair) == 2 else None
        if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share <= 1:
            raise DataError(
                f"{file}: percentage_distribute holds {pair!r}",
                hint="write [[max_tokens, share], ...] with shares above 0 and up to 1",
            )
        pairs.append((_number(pair[0], file, "percentage_distribute"), float(share)))
    total = sum(share for _, share in pairs)
    if not math.isclose(total, 1.0, abs_tol=1e-6):
        raise DataError(
            f"{file}: the shares of percentage_distribute add up to {total:g}, not 1",
            hint="write [[128, 0.7], [1024, 0.3]]: shares, not per cent",
        )
    return Shares(pairs=tuple(pairs))


def _number(value: Any, file: Path, name: str) -> int:
    found = whole_number(value)
    if found is None:
        raise DataError(f"{file}: {name} is {value!r}, not a positive integer", hint=_HINT)
    return found


def _keys(
    value: Any, known: Sequence[str], file: Path, what: str, *, all_needed: bool = False
) -> None:
    if not isinstance(value, dict):
        raise DataError(f"{file}: {what} is not a JSON object", hint=_HINT)
    for key in value:
        if key not in known:
            raise DataError(
                f"{file}: {key!r} is not a key of {what}", hint=f"known are {', '.join(known)}"
            )
    for key in known:
        if all_needed and key not in value:
            raise DataError(f"{file}: {what} lacks {key}", hint=_HINT)
