"""The masks of a table of attempts: what each says of a row, once."""

from __future__ import annotations

import numpy as np
import pytest

from aisbench.store.recording.columns import ABSENT, FIELDS, AttemptOutcome, Columns, Phase

MASKS = (
    "measured", "last", "requests", "succeeded", "cancelled", "cut", "failed_attempts",
    "was_sent", "has_ended", "travelled",
)  # fmt: skip
ROWS: dict[str, tuple[dict[str, int], set[str]]] = {
    "answered": (
        {},
        {"measured", "last", "requests", "succeeded", "was_sent", "has_ended", "travelled"},
    ),
    "to be repeated": (
        {"final": 0, "outcome": AttemptOutcome.FAILED},
        {"measured", "failed_attempts", "was_sent", "has_ended", "travelled"},
    ),
    "never sent": (
        {"sent": ABSENT, "outcome": AttemptOutcome.FAILED},
        {"measured", "last", "requests", "failed_attempts", "has_ended"},
    ),
    "cut with tokens": (
        {"outcome": AttemptOutcome.CANCELLED, "events": 4},
        {"measured", "last", "requests", "cancelled", "cut", "was_sent", "has_ended", "travelled"},
    ),
    "cut without": (
        {"outcome": AttemptOutcome.CANCELLED, "events": 0, "done": ABSENT},
        {"measured", "last", "requests", "cancelled", "was_sent"},
    ),
    "warm-up": ({"phase": Phase.WARM_UP}, {"last", "was_sent", "has_ended"}),
    "failed warm-up": (
        {"phase": Phase.WARM_UP, "outcome": AttemptOutcome.FAILED},
        {"last", "failed_attempts", "was_sent", "has_ended"},
    ),
}


def table(*rows: dict[str, int]) -> Columns:
    plain = {
        **dict.fromkeys(FIELDS, ABSENT), "phase": Phase.MEASURED, "final": 1, "sent": 20,
        "done": 30, "outcome": AttemptOutcome.SUCCESS, "events": 3,
    }  # fmt: skip
    made = [{**plain, **row} for row in rows]
    return Columns({name: np.array([row[name] for row in made]) for name in FIELDS})


@pytest.mark.parametrize("name", ROWS)
def test_what_each_mask_says(name: str) -> None:
    row, expected = ROWS[name]
    columns = table(row)
    assert {mask for mask in MASKS if getattr(columns, mask)[0]} == expected


def test_a_mask_is_worked_out_once_and_cannot_be_changed() -> None:
    columns = table({}, {"phase": Phase.WARM_UP})
    for mask in (*MASKS, "started"):
        first = getattr(columns, mask)
        assert getattr(columns, mask) is first
        with pytest.raises(ValueError, match="read-only"):
            first[0] = 0
    assert columns.tokens("prompt") is columns.tokens("prompt")
    assert columns.phase(Phase.WARM_UP).tolist() == [False, True]
    assert columns.rows == 2


def test_when_an_attempt_began() -> None:
    columns = table(
        {"scheduled": 5, "dispatched": 7},
        {"scheduled": 5, "dispatched": 7, "sent": ABSENT},
        {"scheduled": 5, "sent": ABSENT},
    )
    assert columns.started.tolist() == [20, 7, 5]


def test_tokens_are_the_server_s_count_else_the_tokenizer_s() -> None:
    columns = table(
        {"completion_tokens": 9, "counted_completion": 8},
        {"counted_completion": 8, "counted_prompt": 4},
        {},
    )
    assert columns.tokens("completion").tolist()[:2] == [9, 8]
    assert np.isnan(columns.tokens("completion")[2])
    assert np.isnan(columns.tokens("prompt")).tolist() == [True, False, True]


def test_every_column_must_be_there() -> None:
    with pytest.raises(KeyError, match="row"):
        Columns({})
