"""Which LoRA adapter answers a row."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aisbench.base.errors import DataError
from aisbench.config.adapter_keys import AdapterMix, read_map
from aisbench.conversation.adapters import AdapterChoice
from aisbench.types.sample import Sample

TASK: Any = SimpleNamespace(dataset=SimpleNamespace(name="d"))


def choice(places: int = 0, *, seed: int = 0, vary: bool = False, **mix: Any) -> AdapterChoice:
    known = {f"r{at}": (at, "") for at in range(places)}
    return AdapterChoice(TASK, AdapterMix(**mix), known, seed, vary=vary)


def test_shares_hold_whatever_the_order_and_the_other_rows() -> None:
    made = choice(share={"a": 3, "b": 1, "": 1})
    rows = [Sample(id=str(number)) for number in range(2000)]
    first = [made.of(one, 0) for one in rows]
    counts = Counter(first)
    assert [round(counts[name] / 2000, 1) for name in ("a", "b", "")] == [0.6, 0.2, 0.2]
    assert [made.of(one, 0) for one in reversed(rows)] == first[::-1]
    assert [made.of(one, 5) for one in rows] == first  # a row has one, however often it is asked
    again = choice(share={"a": 3, "b": 1, "": 1}, vary=True)
    assert [again.of(one, 1) for one in rows] != [again.of(one, 0) for one in rows]
    assert [choice(seed=1, share={"a": 1, "b": 1}).of(one, 0) for one in rows] != first
    assert made.check(rows) == {"a", "b"}


def test_ways_of_asking_one_question_have_one_adapter() -> None:
    made = choice(share={"a": 1, "b": 1})
    for number in range(50):
        ways = [Sample(id=f"{number}/{way}", question_id=str(number)) for way in range(4)]
        assert len({made.of(one, 0) for one in ways}) == 1


def test_a_field_names_it_by_a_path_too() -> None:
    made = choice(field="meta.task")
    assert made.of(Sample(id="1", fields={"meta": {"task": "sql"}}), 0) == "sql"
    with pytest.raises(DataError, match=r"rows.csv:7: row '1' has no adapter: its field 'meta"):
        made.of(Sample(id="1", place="rows.csv:7"), 0)
    with pytest.raises(DataError, match=r"names no adapter: it is 3"):
        made.of(Sample(id="1", fields={"meta": {"task": 3}}), 0)
    assert choice(field="task", rest="x").of(Sample(id="1"), 0) == "x"
    assert choice(field="task", rest="").of(Sample(id="1", fields={"task": ""}), 0) == ""


def test_a_map_goes_by_ids_or_by_places() -> None:
    by_id = choice(3, map={"r0": "a", "r2": "b", "gone": "c"})
    assert [by_id.of(Sample(id=one), 0) for one in ("r0", "r2")] == ["a", "b"]
    assert by_id.spare() == ["gone"]
    with pytest.raises(DataError, match=r"row 'r1' has no adapter: adapters\.map has no such id"):
        by_id.of(Sample(id="r1"), 0)
    by_place = choice(3, map={"0": "a", "2": "b", "9": "c"})
    assert [by_place.of(Sample(id=one), 0) for one in ("r0", "r2")] == ["a", "b"]
    assert by_place.spare() == ["9"]
    with pytest.raises(DataError, match="no such place"):
        by_place.of(Sample(id="r1"), 0)
    with pytest.raises(DataError, match="names neither ids of this data set nor places"):
        choice(3, map={"row-1": "a"}).of(Sample(id="r1"), 0)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'\xef\xbb\xbf{"0": "a", "1": null}', None),
        (b'{"0": "a", "1": "b", "0": "c"}', "names the row '0' more than once"),
        (b'{"0": 1}', "the adapter of row '0' is 1, and no string"),
        (b'["a"]', "must hold an object"),
        (b'{"0": "a"', "is not JSON"),
        ('{"0": "ä"}'.encode("latin-1"), "is not UTF-8"),
    ],
)
def test_files_of_maps(content: bytes, told: str | None, tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    path.write_bytes(content)
    if told is None:
        assert read_map(path) == {"0": "a", "1": ""}
        return
    with pytest.raises(ValueError, match=told):
        read_map(path)


def test_the_settings_of_a_request_say_which() -> None:
    made = choice(1, map={"r0": "sql"}, rest="")
    own, labels = made.settings({"max_tokens": 5}, Sample(id="r0"), 0)
    assert own == {"max_tokens": 5, "adapter_id": "sql"} and labels == {"adapter": "sql"}
    own, labels = made.settings({"max_tokens": 5}, Sample(id="y"), 0)
    assert own == {"max_tokens": 5} and labels == {"adapter": "(base)"}
