"""Options of a row: their number, labels, several right ones, their order."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from declaring import declared, fields, made, rows
from hypothesis import given
from hypothesis import strategies as st

from aisbench.base.errors import DataError, PluginError
from aisbench.declared.options import OptionOrder

ARC: dict[str, Any] = {
    "columns": {
        "choices": "question.choices[*].text",
        "labels": "question.choices[*].label",
        "answer": "key",
        "answer_is": "label",
    }
}
LETTERS: dict[str, Any] = {
    "columns": {"choices": ["a", "b", "c", "d"], "answer": "key", "answer_is": "letter"}
}


def arc(key: str, *labels: str) -> dict[str, Any]:
    choices = [{"text": f"text {label}", "label": label} for label in labels]
    return {"question": {"stem": "?", "choices": choices}, "key": key}


def test_labels_as_the_file_has_them(tmp_path: Path) -> None:
    lines = (arc("C", *"ABCDE"), arc("2", *"1234"), arc("4", *"1234"))
    keys = {**ARC, "choices": {"line": "({label}) {text}", "join": " "}}
    samples = made(tmp_path, keys, *lines)
    assert [one.target for one in samples] == ["C", "B", "D"]
    assert samples[1].fields["options"] == "(1) text 1 (2) text 2 (3) text 3 (4) text 4"
    assert samples[1].fields["labels"] == ["1", "2", "3", "4"]
    assert fields(samples, "target_text") == ["text C", "text 2", "text 4"]
    with pytest.raises(DataError, match=r"the answer 'E' is the label of none .*\(1, 2\)"):
        made(tmp_path, keys, arc("E", "1", "2"))


def test_options_in_any_number(tmp_path: Path) -> None:
    lines = (
        {"a": "x", "b": "y", "c": "", "d": " ", "key": "B"},
        {"a": "x", "b": "y", "c": "z", "d": None, "key": "C"},
        {"a": "x", "b": "y", "key": "A"},
        {"a": "x", "b": "", "c": "z", "d": "w", "key": "D"},
    )
    samples = made(tmp_path, LETTERS, *lines)
    assert [len(one) for one in fields(samples, "choices")] == [2, 3, 2, 4]
    for line, message in (
        ({"a": "x", "key": "A"}, ":1: no column 'b'"),
        ({"a": "x", "b": "", "c": "", "d": "", "key": "A"}, ":1: 1 options"),
        ({"a": "x", "b": None, "c": "z", "d": "", "key": "A"}, "option 2 of 3 is null"),
        ({"a": "x", "b": "y", "c": "", "d": "", "key": "C"}, "letter of none of the 2 options"),
    ):
        with pytest.raises(DataError, match=message):
            made(tmp_path, LETTERS, line)


@pytest.mark.parametrize(
    ("kind", "key", "target"),
    [
        ("letter", ["A", "D"], ["A", "D"]),
        ("letter", ["D"], "D"),
        ("letters", "DA", ["A", "D"]),
        ("letters", "A, c", ["A", "C"]),
        ("index", [0, 2], ["A", "C"]),
        ("text", ["w", "x"], ["A", "D"]),
        ("letter", None, None),
        ("flags", [1, 0, 0, "1"], ["A", "D"]),
        ("flags", {"y": True, "x": False, "z": 0, "w": 0}, "B"),
    ],
)
def test_several_right_options(tmp_path: Path, kind: str, key: Any, target: Any) -> None:
    keys = {"columns": {**LETTERS["columns"], "answer_is": kind}}
    line = {"a": "x", "b": "y", "c": "z", "d": "w", "key": key}
    assert made(tmp_path, keys, line)[0].target == target


@pytest.mark.parametrize(
    ("kind", "key", "message"),
    [
        ("index", [1, 1, 0, 0], r"names option 2 of 4 twice: \[1, 1, 0, 0\]"),
        ("flags", [1, 0, 0], "is no list of 0 and 1, one for each of the 4 options"),
        ("flags", [0, 0, 0, 0], "one or more of them 1"),
        ("flags", [0, 2, 0, 1], "is no list of 0 and 1"),
        ("flags", {"x": 1}, "is no list of 0 and 1"),
    ],
)
def test_wrong_lists_of_right_options(tmp_path: Path, kind: str, key: Any, message: str) -> None:
    keys = {"columns": {**LETTERS["columns"], "answer_is": kind}}
    with pytest.raises(DataError, match=rf":1: the answer .*{message}"):
        made(tmp_path, keys, {"a": "x", "b": "y", "c": "z", "d": "w", "key": key})


def test_options_that_are_the_keys_of_an_object(tmp_path: Path) -> None:
    keys = {"columns": {"choices": "mc1", "answer": "mc1", "answer_is": "flags"}}
    (sample,) = made(tmp_path, keys, {"q": "?", "mc1": {"no": 0, "yes": 1}})
    assert (sample.target, sample.fields["target_text"]) == ("B", "yes")


def gpqa(tmp_path: Path, count: int = 40, **keys: Any) -> dict[str, Any]:
    rows(tmp_path, *({"q": n, "a": f"right {n}", "b": "x", "c": "y"} for n in range(count)))
    return {"columns": {"choices": ["a", "b", "c"], "right": 0}, **keys}


def test_a_drawn_order_is_kept_in_the_sample(tmp_path: Path) -> None:
    keys = gpqa(tmp_path, choices={"shuffle": True})
    samples = made(tmp_path, keys)
    assert {one.target for one in samples} == {"A", "B", "C"}
    for one in samples:
        order: Any = one.fields["option_order"]
        original = ["a", "b", "c"]
        assert one.fields["choices"] == [one.fields[original[place]] for place in order]
        assert one.target == "ABC"[order.index(0)] and one.fields["target_text"] == one.fields["a"]
    again = made(tmp_path, keys, split="test")
    assert [one.target for one in again] == [one.target for one in samples]
    seeded = made(tmp_path, keys, option_order={"seed": 7})
    assert [one.target for one in seeded] != [one.target for one in samples]
    plain = made(tmp_path, keys, option_order={"shuffle": False})
    assert {one.target for one in plain} == {"A"} and "option_order" not in plain[0].fields


def test_the_order_of_a_row_does_not_depend_on_others(tmp_path: Path) -> None:
    keys = gpqa(tmp_path, choices={"shuffle": True})
    whole = {one.fields["q"]: one.target for one in made(tmp_path, keys)}
    fewer = made(tmp_path, {**keys, "rows": {"limit": 3}})
    assert [one.id for one in fewer] == ["test-0", "test-1", "test-2"]
    assert [one.target for one in fewer] == [whole[n] for n in range(3)]


def test_rows_in_several_orders(tmp_path: Path) -> None:
    samples = made(tmp_path, gpqa(tmp_path, 2, choices={"permute": 3}))
    assert [one.id for one in samples][:4] == ["test-0~0", "test-0~1", "test-0~2", "test-1~0"]
    assert fields(samples, "permutation") == [0, 1, 2, 0, 1, 2]
    assert [one.target for one in samples] == ["A", "C", "B"] * 2
    assert len(made(tmp_path, gpqa(tmp_path, 2), option_order={"permute": 9})) == 12
    two = {**gpqa(tmp_path, 5), "rows": {"limit": 2}}
    assert len(made(tmp_path, two, option_order={"permute": 2})) == 4


@given(st.integers(2, 7), st.integers(1, 30), st.booleans(), st.integers(0, 3))
def test_orders(count: int, permute: int, shuffle: bool, seed: int) -> None:
    found = OptionOrder(shuffle=shuffle, permute=permute, seed=seed).orders(count, "row")
    assert all(sorted(one) == list(range(count)) for one in found)
    assert len(set(found)) == len(found) <= permute
    assert len(found) == permute or (count < 5 and len(found) in (2, 6, 24))
    for place in range(count):  # the first ones have each option at another place
        firsts = [one[place] for one in found[:count]]
        assert len(set(firsts)) == len(firsts)


def test_a_right_option_that_is_always_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keys = gpqa(tmp_path, 12)
    with caplog.at_level(logging.WARNING):
        made(tmp_path, keys)
        assert "the right option of all 12 rows is A" in caplog.text
        caplog.clear()
        made(tmp_path, keys, option_order={"shuffle": True})
        made(tmp_path, gpqa(tmp_path, 5))
        assert not caplog.text


def test_fields_in_double_braces(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def shown(text: str) -> str:
        caplog.clear()
        variant = {"template": "chat", "prompt": {"user": text}}
        made(tmp_path, {"variants": {"v": variant}}, {"q": "a"}, {"q": "b"})
        return caplog.text

    with caplog.at_level(logging.WARNING):
        assert shown("{q}: {{x}} \\boxed{{}} {{q: 1}}") == ""
        wanted = "variants.v.prompt: models get {{q}} as the text {q}"
        assert shown("{{ q }}").count(wanted) == 1


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"columns": {"right": 0}}, "columns.right: has no effect without columns.choices"),
        ({"choices": {"shuffle": True}}, "choices: has no effect without"),
        ({"columns": {"choices": "o", "answer_is": "label"}}, "columns.labels: is missing"),
        ({"columns": {"choices": "o", "aliases": "x"}}, "columns.aliases: cannot stand beside"),
        ({"columns": {"choices": "o"}, "choices": {"line": "{ text }"}}, "choices.line: has a pl"),
    ],
)
def test_keys_that_do_not_go_together(tmp_path: Path, keys: dict[str, Any], message: str) -> None:
    with pytest.raises(PluginError, match=message):
        declared(tmp_path, keys)
