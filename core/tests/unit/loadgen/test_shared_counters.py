"""Counters in shared memory: each in its worker's slot of its name."""

from __future__ import annotations

import attrs
import pytest

from aisbench.loadgen.shared_counters import COUNTERS, SharedCounters
from aisbench.store.recording.documents import WorkerTotals


def test_every_counter_has_a_slot_of_its_own() -> None:
    shared = SharedCounters(2)
    try:
        for number, name in enumerate(COUNTERS, 1):
            shared.worker(0)[name] = number
            shared.worker(1)[name] = 1000 * number
        first, second = shared.worker(0).totals(), shared.worker(1).totals()
        assert attrs.asdict(first) == {name: at for at, name in enumerate(COUNTERS, 1)}
        assert second.held_back == 1000 * first.held_back
        assert shared.total("held_back") == 1001 * first.held_back
        assert (shared["start"], shared["stop"], shared["next"]) == (0, 0, 0)
    finally:
        shared.close()


def test_a_counter_that_does_not_exist() -> None:
    shared = SharedCounters(1)
    try:
        with pytest.raises(ValueError, match="not in tuple"):
            shared.worker(0)["heldback"]
        assert shared.worker(0).totals() == WorkerTotals()
    finally:
        shared.close()


def test_conversations_are_claimed_up_to_the_limit() -> None:
    for workers in (1, 2):
        shared = SharedCounters(workers)
        try:
            assert [shared.claim(3) for _ in range(4)] == [0, 1, 2, None]
            assert shared.claim(None) == 3
        finally:
            shared.close()
