"""Which row a conversation asks: by its number alone, in every process."""

from __future__ import annotations

from collections import Counter
from typing import Any

from load_specs import NumberedRows, load_spec

from aisbench.config.load_keys import LoadSettings
from aisbench.loadgen.row_order import RowOrder
from aisbench.types.load import OpenLoop

COUNT = 7


def row_order(*, rows: tuple[int, ...] | None = None, **keys: Any) -> RowOrder:
    schedule = None if rows is None else OpenLoop(due_ns=[0] * len(rows), rows=rows)
    return RowOrder(load_spec(schedule, LoadSettings(**keys), conversations=NumberedRows(COUNT)))


def order(of: RowOrder, count: int = 3 * COUNT) -> list[int]:
    return [of.begin(number)[0] for number in range(count)]


def test_rows_in_their_order_again_and_again() -> None:
    assert order(row_order()) == list(range(COUNT)) * 3


def test_the_conversation_is_that_of_the_row_and_counts_its_repeats() -> None:
    row, conversation = row_order().begin(COUNT + 2)
    assert (row, conversation.sample.id, conversation.repeat) == (2, "2", 1)


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


def test_the_warm_up_takes_the_last_rows_first() -> None:
    made = row_order()
    assert [made.warm_up(number)[0] for number in range(COUNT + 1)] == [6, 5, 4, 3, 2, 1, 0, 6]
