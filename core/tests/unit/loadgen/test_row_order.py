"""Which row a conversation asks and with which words: by number alone, in every process."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import attrs

from aisbench.calibration.codec import make_task
from aisbench.config.load_keys import LoadSettings
from aisbench.conversation.prepare import Rows
from aisbench.loadgen.row_order import RowOrder
from aisbench.loadgen.spec import LoadSpec
from aisbench.store.redactor import Redactor
from aisbench.types.load import ClosedLoop, OpenLoop, VirtualClient
from aisbench.types.sample import Sample

COUNT = 7


def row_order(*, rows: tuple[int, ...] | None = None, nonce: str = "a", **keys: Any) -> RowOrder:
    schedule = (
        ClosedLoop(clients=[VirtualClient()])
        if rows is None
        else OpenLoop(due_ns=[0] * len(rows), rows=rows)
    )
    return RowOrder(
        LoadSpec(
            task=make_task("http://127.0.0.1:1", 4),
            rows=Rows(
                samples=[Sample(id=str(i)) for i in range(COUNT)], examples=(), checksums={}
            ),
            model="m",
            urls=["http://127.0.0.1:1"],
            headers={},
            settings=LoadSettings(**keys),
            schedule=schedule,
            requests=None,
            duration_ns=None,
            seed=3,
            nonce=nonce,
            folder=Path("/nowhere"),
            workers=1,
            connections=1,
            most_connections=1,
            sources=(),
            keep_answers=False,
            abort_after=1,
            session=1,
            redactor=Redactor(),
        )
    )


def order(of: RowOrder, count: int = 3 * COUNT) -> list[int]:
    return [of.begin(number)[0] for number in range(count)]


def words(of: RowOrder, number: int) -> str:
    messages = of.begin(number)[1].request().prompt.messages
    assert messages is not None
    return messages[0].content


def test_rows_in_their_order_again_and_again() -> None:
    assert order(row_order()) == list(range(COUNT)) * 3


def test_shuffled_each_round_has_each_row_once() -> None:
    found = order(row_order(order="shuffle"))
    rounds = [found[i : i + COUNT] for i in range(0, len(found), COUNT)]
    assert all(sorted(one) == list(range(COUNT)) for one in rounds)
    assert rounds[0] != rounds[1]
    assert order(row_order(order="shuffle")) == found


def test_drawn_with_replacement() -> None:
    found = Counter(order(row_order(order="random"), 7000))
    assert set(found) == set(range(COUNT))
    assert max(found.values()) < 1200


def test_any_process_may_begin_any_of_them() -> None:
    for how in ("rows", "shuffle", "random"):
        straight = order(row_order(order=how))
        backwards = row_order(order=how)
        assert [backwards.begin(number)[0] for number in reversed(range(3 * COUNT))] == straight[
            ::-1
        ]


def test_a_trace_names_its_rows() -> None:
    assert order(row_order(rows=(5, 5, 0, 6)), 4) == [5, 5, 0, 6]


def test_salted_prompts_differ_from_each_other_and_from_another_run() -> None:
    plain, first, again, other = (
        row_order(),
        row_order(salt=True),
        row_order(salt=True),
        row_order(salt=True, nonce="b"),
    )
    assert words(plain, 0) == words(plain, COUNT)
    assert words(first, 0) != words(first, COUNT)
    assert words(first, 0) == words(again, 0)
    assert words(first, 0) != words(other, 0)
    # As many words, and the same ones but for the salt's.
    assert words(first, 0).split()[5:] == words(plain, 0).split()[5:]
    assert len(words(first, 0).split()) == len(words(plain, 0).split())


def test_the_warm_up_asks_other_words_of_the_same_length() -> None:
    one = row_order()
    row, conversation = one.warm_up(0)
    assert row == COUNT - 1
    messages = conversation.request().prompt.messages
    assert messages is not None
    real = words(one, 0)
    assert messages[0].content != real
    assert len(messages[0].content.split(" ")) == len(real.split(" "))
    assert one.warm_up(COUNT)[1].request().prompt != conversation.request().prompt


def test_a_load_sends_no_seed_unless_it_is_asked_for() -> None:
    plain, asked = (
        row_order().begin(0)[1].request(),
        row_order(send_seed=True).begin(0)[1].request(),
    )
    assert plain.seed is None
    assert asked.seed is not None
    assert row_order().warm_up(0)[1].request().seed is None


def test_the_key_of_a_request_is_the_same_with_and_without_its_seed() -> None:
    one, other = (
        attrs.evolve(row_order().begin(0)[1], keyed=True, seeded=seeded).request()
        for seeded in (True, False)
    )
    assert one.key == other.key
    assert (one.seed is None, other.seed is None) == (False, True)
