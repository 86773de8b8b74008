"""What a prefix cache could have of a schedule, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
import pytest
from recordings import Maker

from aisbench.metrics.prefix_hits import HitTable
from aisbench.metrics.prefix_theory import theory_of
from aisbench.metrics.ttft_split import split
from aisbench.store.recording.columns import ABSENT
from aisbench.store.recording.prompt_blocks import Basis, PromptBlocks, block_keys

SYSTEM = list(range(100, 108))


def blocks(size: int, *asked: tuple[Sequence[int], Sequence[int]]) -> PromptBlocks:
    """Of prompts with their answers."""
    return PromptBlocks(
        size=size,
        basis="ids",
        rows=np.arange(len(asked)),
        prompt_tokens=np.array([len(prompt) for prompt, _ in asked]),
        keys=tuple(
            np.array(block_keys([*prompt, *answer[:-1]], size), dtype=np.int64)
            for prompt, answer in asked
        ),
    )


def test_one_after_the_other() -> None:
    made = Maker()
    for at in (0, 100, 200, 300):
        made.simple(sent=at, ttft=10, gap=1, count=4)
    found = theory_of(
        made.recording(),
        blocks(
            4,
            ([*SYSTEM, 1, 2], [7, 8, 9, 9]),
            ([*SYSTEM, 3], []),
            # The turn after the first: with its answer but for the last token.
            ([*SYSTEM, 1, 2, 7, 8, 9, 9, 4, 5, 6], []),
            # The same again is computed from its last block on.
            (SYSTEM, []),
        ),
    )
    assert found.strict.tolist() == [0, 8, 12, 4]
    assert found.most.tolist() == [0, 8, 12, 4]
    assert found.limited is None


def test_in_flight_at_once() -> None:
    made = Maker()
    made.simple(sent=0, ttft=50, gap=1, count=2)
    made.simple(sent=10, ttft=50, gap=1, count=2)  # the first is not computed yet
    made.simple(sent=50, ttft=50, gap=1, count=2)  # at the very instant of its first token
    prompts = [([*SYSTEM, one], []) for one in (1, 2, 3)]
    found = theory_of(made.recording(), blocks(4, *prompts))
    assert found.strict.tolist() == [0, 0, 8]
    assert found.most.tolist() == [0, 8, 8]


def test_replicas_and_adapters_share_nothing() -> None:
    made = Maker()
    for at, (replica, adapter) in enumerate([(0, "a"), (1, "a"), (0, "b"), (0, "a")]):
        made.simple(sent=100 * at, ttft=10, gap=1, count=2, replica=replica)
        made.label(adapter=adapter)
    prompts = [([*SYSTEM, 1], [])] * 4
    assert theory_of(made.recording(), blocks(4, *prompts)).strict.tolist() == [0, 0, 0, 8]


def test_a_small_cache_drops_what_was_used_longest_ago() -> None:
    made = Maker()
    for at in range(4):
        made.simple(sent=100 * at, ttft=10, gap=1, count=2)
    one, two = [*range(8), 90], [*range(50, 58), 90]
    asked = [(one, []), (two, []), (two, []), (one, [])]
    table = blocks(4, *asked)
    assert theory_of(made.recording(), table, 4).limited is not None
    limited = {
        most: theory_of(made.recording(), table, most).limited for most in (1, 2, 3, 4)
    }  # fmt: skip
    assert {most: found.tolist() for most, found in limited.items() if found is not None} == {
        1: [0, 0, 4, 0],
        2: [0, 0, 8, 0],
        3: [0, 0, 8, 4],
        4: [0, 0, 8, 8],
    }


def test_larger_blocks_are_every_second_key() -> None:
    tokens = list(range(40))
    small = blocks(4, (tokens, [1, 2, 3]))
    assert small.of_size(8).keys[0].tolist() == small.keys[0].tolist()[1::2]
    assert small.of_size(4) is small
    made = Maker()
    for at in (0, 100):
        made.simple(sent=at, ttft=10, gap=1, count=2)
    both = blocks(4, (tokens, []), ([*tokens[:15], 99, 98], []))
    assert theory_of(made.recording(), both).strict.tolist() == [0, 12]
    assert theory_of(made.recording(), both.of_size(8)).strict.tolist() == [0, 8]


def test_groups_and_usage() -> None:
    made = Maker()
    for at, group in enumerate(["10", "9", "10"]):
        made.simple(sent=100 * at, ttft=10, gap=1, count=2, prompt=9, cached_tokens=8 * (at == 2))
        made.label(group=group)
    table = blocks(4, ([*SYSTEM, 1], []), ([5, *SYSTEM], []), ([*SYSTEM, 2], []))
    found = HitTable(made.recording(), table, theory_of(made.recording(), table), True)
    groups = list(found.groups())
    assert [(one.label, one.value, one.hits.theory, one.hits.reported) for one in groups] == [
        ("group", "9", 0, 0),
        ("group", "10", 8, 8),
    ]
    assert found.of(found.measured).hit_requests == 1


@pytest.mark.parametrize(("basis", "told"), [("template", (2, 4)), ("words", (0, 0))])
def test_tokens_that_the_server_sees_otherwise(basis: Basis, told: tuple[int, int]) -> None:
    made = Maker()
    for count in (9, 10, 6, ABSENT):
        made.simple(sent=0, ttft=10, gap=1, count=2, prompt=count)
    asked: list[tuple[Sequence[int], Sequence[int]]] = [(range(9), [])] * 4
    table = attrs.evolve(blocks(4, *asked), basis=basis)
    found = HitTable(made.recording(), table, theory_of(made.recording(), table), True)
    assert found.apart(found.measured) == told


def test_turns() -> None:
    made = Maker()
    made.simple(sent=0, ttft=10, gap=1, count=2, turn=0)
    made.simple(sent=100, ttft=10, gap=1, count=2, turn=1)
    table = blocks(4, ([*SYSTEM, 1], []), ([*SYSTEM, 1, 2, 3], []))
    found = HitTable(made.recording(), table, theory_of(made.recording(), table), True)
    assert [(one.label, one.value, one.hits.theory) for one in found.groups()] == [
        ("turn", "1", 0),
        ("turn", "2", 8),
    ]


class TestTimes:
    def test_two_parts(self) -> None:
        source = np.random.default_rng(1)
        times = np.concatenate([source.normal(100, 4, 30), source.normal(200, 8, 10)])
        found = split(times)
        assert found is not None
        assert found.share == 0.75
        assert found.low < 0.75 < found.high
        assert found.fast_ms == pytest.approx(100, rel=0.05)
        assert found.slow_ms == pytest.approx(200, rel=0.05)

    @pytest.mark.parametrize("seed", range(5))
    def test_one_part_is_not_split(self, seed: int) -> None:
        source = np.random.default_rng(seed)
        assert split(source.normal(100, 10, 200)) is None
        assert split(source.uniform(50, 150, 200)) is None
        assert split(source.exponential(100, 200)) is None
        # One that is late, of many: no part.
        assert split(np.concatenate([source.normal(100, 2, 50), [400.0]])) is None

    def test_too_few(self) -> None:
        assert split(np.array([1.0, 1.0, 1.0, 9.0, 9.0])) is None
