"""Rows too many for the memory are made once."""

from __future__ import annotations

import tempfile
from typing import Any

import pytest

from aisbench.api import Sample
from aisbench_plugin_needles.kept_rows import rows_made_once


class Maker:
    """Counts what it makes."""

    def __init__(self) -> None:
        self.made: list[int] = []

    def __call__(self, number: int) -> Sample:
        self.made.append(number)
        return Sample(
            id=f"r-{number}",
            part="p",
            fields={"prompt": "雨 rain \ud7ff" * number, "depths": [1, None], "length": 4096},
            target=["a", "b"],
            generation={"max_tokens": 3},
        )


def test_rows_are_made_once_and_are_the_same() -> None:
    make = Maker()
    rows = rows_made_once(5, make, 10**9)
    assert not isinstance(rows, list)
    assert make.made == []
    first = list(rows[3:])
    assert [*rows, rows[4]] == [*map(Maker(), range(5)), first[1]]
    assert make.made == [3, 4, 0, 1, 2]
    few = Maker()
    assert rows_made_once(2, few, 100) == [*map(Maker(), range(2))]
    assert few.made == [0, 1]


def test_a_full_disk_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(**_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", none)
    make = Maker()
    rows = rows_made_once(2, make, 10**9)
    assert [*rows, *rows] == [*map(Maker(), (0, 1, 0, 1))]
    assert make.made == [0, 1, 0, 1]
