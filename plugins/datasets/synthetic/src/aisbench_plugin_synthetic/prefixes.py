"""Which beginnings rows share: trees of prefixes, such as system prompts with documents."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import accumulate

from attrs import frozen

from aisbench.api import DataError, above, at_least, between, setting
from aisbench_plugin_synthetic.lengths import shuffled

NONE = "none"
"""The label "group" of rows that share nothing."""


@frozen
class PrefixLevel:
    """One level of a tree of prefixes."""

    tokens: int = setting(
        unit="tokens", check=at_least(1), help="length of each prefix of this level", example=1024
    )
    groups: int = setting(
        default=1, check=at_least(1), help="how many different ones follow each of the level above"
    )
    share: float = setting(
        default=1.0,
        check=between(0, 1),
        help="share of the rows that reach this level, of those that reached the level above",
        example=0.5,
    )


@frozen
class Prefix:
    """Requests that begin alike. Of tokens, levels and target_hit_rate, one is set."""

    tokens: int | None = setting(
        default=None,
        unit="tokens",
        check=at_least(1),
        help="length of each prefix, counted inside the input",
        example=256,
    )
    groups: int = setting(default=1, check=at_least(1), help="how many different prefixes")
    hit_rate: float = setting(
        default=1.0,
        check=between(0, 1),
        help="share of the rows that begin with one of them",
        example=0.8,
    )
    levels: tuple[PrefixLevel, ...] = setting(
        default=(),
        help="a tree, from its root on: system prompts, the documents of each, and so on",
        example=[{"tokens": 512, "groups": 2}, {"tokens": 2048, "groups": 8}],
    )
    target_hit_rate: float | None = setting(
        default=None,
        check=between(0.001, 0.999),
        help="instead of tokens: the share of all prompt tokens that an infinite cache can have, "
        "where the rows are asked once and one after the other",
        example=0.6,
    )
    block: int = setting(
        default=16,
        unit="tokens",
        check=above(0),
        help="with target_hit_rate: lengths are multiples of the server's blocks",
    )


@frozen
class PrefixPlan:
    """The prefixes of every row."""

    levels: Sequence[PrefixLevel]
    _paths: Sequence[tuple[int, ...]]
    """Of each row the numbers of its prefixes, from the root on; empty: it shares nothing."""

    @property
    def tokens(self) -> int:
        """Of the longest beginning that is shared."""
        return sum(one.tokens for one in self.levels)

    def path(self, row: int) -> tuple[int, ...]:
        """The numbers of a row's prefixes."""
        return self._paths[row] if self._paths else ()

    def parts(self, row: int) -> list[tuple[str, int]]:
        """Keys and lengths of the texts that the row begins with."""
        path = self.path(row)
        single = len(self.levels) == 1
        return [
            (f"prefix/{path[0]}" if single else f"prefix/{name(path[: depth + 1])}", level.tokens)
            for depth, level in enumerate(self.levels[: len(path)])
        ]

    def labels(self, row: int) -> dict[str, str]:
        """ "group" and "depth" of the row; none where no row shares anything."""
        if not self.levels:
            return {}
        path = self.path(row)
        return {"group": name(path), "depth": str(len(path))}


def name(path: Sequence[int]) -> str:
    """How a group is called: "2", or "0.3" on the second level."""
    return ".".join(map(str, path)) or NONE


def plan_prefixes(prefix: Prefix | None, inputs: Sequence[int], seed: int) -> PrefixPlan:
    """Rows are spread at random, and evenly over the groups. Raises DataError."""
    if prefix is None:
        return PrefixPlan((), ())
    levels = _levels(prefix, inputs)
    rows = len(inputs)
    reach = [round(rows * prefix.hit_rate * share) for share in _shares(levels)]
    paths: list[tuple[int, ...]] = [()] * rows
    for number, row in enumerate(shuffled(rows, random.Random(f"{seed}/prefix"))):
        depth = sum(number < one for one in reach)
        left, path = number, []
        for level in levels[:depth]:
            path.append(left % level.groups)
            left //= level.groups
        paths[row] = tuple(path)
    return PrefixPlan(levels, paths)


def _shares(levels: Sequence[PrefixLevel]) -> list[float]:
    return list(accumulate((one.share for one in levels), lambda a, b: a * b))


def _levels(prefix: Prefix, inputs: Sequence[int]) -> Sequence[PrefixLevel]:
    given = [
        key
        for key, value in (
            ("tokens", prefix.tokens),
            ("levels", prefix.levels),
            ("target_hit_rate", prefix.target_hit_rate),
        )
        if value
    ]
    if len(given) != 1:
        raise DataError(
            f"synthetic: prefix has {' and '.join(given) or 'no length'}",
            hint="set one of prefix.tokens, prefix.levels and prefix.target_hit_rate",
        )
    if prefix.levels:
        if prefix.groups != 1:
            raise DataError(
                "synthetic: prefix.groups has no effect beside prefix.levels",
                hint="set groups in each level",
            )
        return prefix.levels
    if prefix.tokens is not None:
        return (PrefixLevel(tokens=prefix.tokens, groups=prefix.groups),)
    return (PrefixLevel(tokens=_target(prefix, inputs), groups=prefix.groups),)


def _target(prefix: Prefix, inputs: Sequence[int]) -> int:
    """The length of prefixes with which the target is met most nearly."""
    assert prefix.target_hit_rate is not None
    rows = round(len(inputs) * prefix.hit_rate)
    again = rows - min(prefix.groups, rows)
    wanted = prefix.target_hit_rate * sum(inputs)
    exact = wanted / again if again else math.inf
    # The last token of a prompt is always computed, so a prefix must leave one.
    most = (min(inputs, default=1) - 1) // prefix.block * prefix.block
    if exact > most + prefix.block / 2:
        best = again * most / max(1, sum(inputs))
        raise DataError(
            f"synthetic: prefix.target_hit_rate = {prefix.target_hit_rate:g} cannot be had: "
            f"{again} rows ask again for a prefix, and with the shortest input of "
            f"{min(inputs, default=0)} a cache has {best:.3f} of the tokens at most",
            hint="raise input.min, rows or prefix.hit_rate, or take fewer groups",
        )
    return max(prefix.block, round(exact / prefix.block) * prefix.block)
