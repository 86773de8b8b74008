"""Cold and warm requests of LoRA adapters, as slots and time make them."""

from __future__ import annotations

import numpy as np
import pytest
from recordings import MS, Maker

from aisbench.metrics.adapter_starts import AdapterStarts, adapter_starts
from aisbench.store.recording.columns import ABSENT, AttemptOutcome
from aisbench.telemetry.adapter_slots import adapter_slots
from aisbench.telemetry.reading import Scrape

BASE = "(base)"


def starts(maker: Maker, slots: int | None) -> tuple[AdapterStarts, list[str | None]]:
    recording = maker.recording()
    found = adapter_starts(recording, recording.labels["adapter"], BASE, slots)
    label = found.label
    return found, [None if one == ABSENT else label.values[one] for one in label.codes]


def one_by_one(names: str) -> Maker:
    maker = Maker()
    for at, name in enumerate(names):
        maker.simple(100 * at, 10, 5, 3)
        maker.label(adapter=BASE if name == "-" else name)
    return maker


@pytest.mark.parametrize(
    ("names", "slots", "cold", "again"),
    [
        ("aa-ab", None, [0, 4], 0),
        ("ababa", 1, [0, 1, 2, 3, 4], 3),
        ("ababa", 2, [0, 1], 0),
        # The one that answered longest ago goes: c takes b's place, and b that of a.
        ("abacab", 2, [0, 1, 3, 5], 1),
        ("a-a", 1, [0], 0),
    ],
)
def test_the_one_that_answered_longest_ago_is_dropped(
    names: str, slots: int | None, cold: list[int], again: int
) -> None:
    found, told = starts(one_by_one(names), slots)
    assert [at for at, one in enumerate(told) if one and one.endswith("cold")] == cold
    assert [at for at, one in enumerate(told) if one is None] == [
        at for at, name in enumerate(names) if name == "-"
    ]
    assert (found.first, found.again) == (len(set(names) - {"-"}), again)


def test_what_waits_for_a_load_is_cold_up_to_its_first_token() -> None:
    maker = Maker()
    for sent, ttft in ((0, 50), (20, 30), (47, 4), (49, 2), (55, 5)):
        maker.simple(sent, ttft, 5, 30)
        maker.label(adapter="a")
    found, told = starts(maker, 2)
    assert told == ["a, cold", "a, cold", "a, cold", "a, warm", "a, warm"]
    assert found.doubtful == 1  # sent 49: no answer takes less than its 2 ms


def test_an_adapter_that_answers_is_not_dropped() -> None:
    """With one slot b waits until a's answers are over, and what comes to a meanwhile is warm."""
    maker = Maker()
    for name, sent, ttft, count in (
        ("a", 0, 10, 30), ("b", 20, 200, 2), ("a", 40, 10, 10), ("a", 300, 50, 2),
    ):  # fmt: skip
        maker.simple(sent, ttft, 5, count)
        maker.label(adapter=name)
    assert starts(maker, 1)[1] == ["a, cold", "b, cold", "a, warm", "a, cold"]


@pytest.mark.parametrize(
    "asked",
    [
        # c takes a's slot and takes longer to load than a, which takes that of b.
        (("a", 0, 9), ("b", 20, 9), ("c", 40, 60), ("a", 50, 20)),
        # a's answer has ended at the server, and the client asks a again before it knows that:
        # b and c, which waited, have the slots.
        (("a", 0, 9), ("b", 10, 29), ("c", 12, 40), ("a", 18, 60)),
    ],
)
def test_what_others_were_told_first_shows_what_was_dropped(
    asked: tuple[tuple[str, int, int], ...],
) -> None:
    maker = Maker()
    for name, sent, ttft in asked:
        maker.simple(sent, ttft, 5, 3)
        maker.label(adapter=name)
    found, told = starts(maker, 2)
    assert told == [f"{name}, cold" for name, *_ in asked]
    assert (found.first, found.again) == (3, 1)


def test_many_adapters_are_put_together() -> None:
    told = starts(one_by_one("abcdefghijka-"), 20)[1]
    assert told == ["cold"] * 11 + ["warm", None]


def test_an_adapter_that_was_held_before_is_told() -> None:
    maker = Maker()
    for at, (name, ttft) in enumerate((("a", 60), ("b", 9), ("a", 10), ("b", 9), (BASE, 9))):
        maker.simple(100 * at, ttft, 5, 3)
        maker.label(adapter=name)
    assert starts(maker, None)[0].held == 1


def test_replicas_hold_their_own_and_failures_hold_nothing() -> None:
    maker = one_by_one("aaa")
    maker.rows[1]["replica"] = 1
    maker.add(sent=400 * MS, done=410 * MS, outcome=int(AttemptOutcome.FAILED))
    maker.label(adapter="b")
    found, told = starts(maker, 1)
    assert told == ["a, cold", "a, cold", "a, warm", None]
    assert (found.first, found.again) == (2, 0)
    assert found.label.values == ("a, cold", "a, warm")
    assert np.array_equal(found.label.codes, [0, 0, 1, ABSENT])


def test_slots_are_what_the_servers_say() -> None:
    line = 'vllm:lora_requests_info{max_lora="%s",running_lora_adapters="a,b"} 1.7e+09\n'
    readings = [
        Scrape(0, "x", "up 1\n"), Scrape(1, "x", line % 4), Scrape(2, "y", line % 3),
        Scrape(3, "z", line % "?"), Scrape(3, "z", error="down"),
    ]  # fmt: skip
    assert adapter_slots(readings) == 3
    assert adapter_slots(readings[:1]) is None
