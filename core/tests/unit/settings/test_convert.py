"""Strict conversion of TOML values, and back."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.settings.convert import structure
from aisbench.settings.fields import (
    PathOrName,
    Secret,
    above,
    at_least,
    between,
    not_empty,
    setting,
)
from aisbench.settings.plain import changed, plain
from aisbench.settings.problems import Problems, nearest, show, toml_type
from aisbench.types.json import JsonObject, JsonValue

INTEGERS = st.integers(-(2**63) + 1, 2**63 - 1)
TEXT = st.text(st.characters(exclude_characters="\0"))
BASE = Path("/base")


@frozen
class Inner:
    depth: int = setting(default=1, check=above(0), help="how deep")
    label: str = setting(default="x", help="a word")


@frozen
class Outer:
    name: str = setting(help="what it is called")
    inner: Inner = setting(factory=Inner, help="a table")
    several: tuple[Inner, ...] = setting(default=(), help="tables")
    by_name: Mapping[str, Inner] = setting(factory=dict, help="named tables")
    url: str | tuple[str, ...] = setting(default="", help="one or many")
    limit: int | None = setting(default=None, check=at_least(1), help="at most")
    share: float = setting(default=0.5, check=between(0, 1), help="a part")
    mode: Literal["accuracy", "performance"] = setting(default="accuracy", help="a choice")
    rising: tuple[int, ...] = setting(
        default=(),
        check=lambda found: None if list(found) == sorted(found) else "must rise",
        help="numbers",
    )
    on: bool = setting(default=True, help="a switch")
    path: Path | None = setting(default=None, help="a file")
    key: Secret | None = setting(default=None, help="a secret")
    free: JsonObject = setting(factory=dict, help="anything")


def problems_of(cls: Any, value: object) -> list[tuple[tuple[str | int, ...], str, str]]:
    """(path, message, hint) of everything that is wrong with ``value``."""
    with pytest.raises(Problems) as caught:
        structure(cls, value, BASE)
    return [(one.path, one.message, one.hint) for one in caught.value.problems]


def outer(**values: object) -> Outer:
    """An Outer of TOML values."""
    return structure(Outer, {"name": "n", **values}, BASE)


def wrong(**values: object) -> list[tuple[tuple[str | int, ...], str, str]]:
    """What is wrong with an Outer of TOML values."""
    return problems_of(Outer, {"name": "n", **values})


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (str, 5, "must be a string, got 5"),
        (str, True, "must be a string, got true"),
        (str, ["a"], "must be a string, got a list"),
        (str, {"a": 1}, "must be a string, got a table"),
        (int, "5", "must be an integer, got '5'"),
        (int, True, "must be an integer, got true"),
        (int, False, "must be an integer, got false"),
        (int, 1.0, "must be an integer, got 1.0"),
        (float, True, "must be a number, got true"),
        (float, "1.5", "must be a number, got '1.5'"),
        (bool, 1, "must be true or false, got 1"),
        (bool, 0, "must be true or false, got 0"),
        (bool, "true", "must be true or false, got 'true'"),
        (Path, 5, "must be a path as a string, got 5"),
        (tuple[str, ...], "a", "must be a list, got 'a'"),
        (tuple[int, ...], {"a": 1}, "must be a list, got a table"),
        (Mapping[str, int], [1], "must be a table, got a list"),
        (JsonObject, [1], "must be a table, got a list"),
    ],
)
def test_other_types_are_refused(kind: Any, value: object, message: str) -> None:
    assert problems_of(kind, value) == [((), message, "")]


@pytest.mark.parametrize(
    ("kind", "value"),
    [(str, ""), (str, "5"), (int, 0), (int, -3), (float, 1.5), (bool, False), (bool, True)],
)
def test_values_of_the_type_are_kept(kind: Any, value: object) -> None:
    made = structure(kind, value, BASE)
    assert made == value
    assert type(made) is kind


def test_float_takes_an_integer_as_a_float() -> None:
    made = structure(float, 3, BASE)
    assert made == 3.0
    assert type(made) is float


@pytest.mark.parametrize("value", [math.nan, -1, -0.001])
def test_limits_are_not_passed_by_nan_or_negative_numbers(value: float) -> None:
    assert [one[0] for one in wrong(share=value)] == [("share",)]


def test_float_of_a_huge_integer_is_a_problem() -> None:
    problems_of(float, 10**400)


@pytest.mark.parametrize("value", [2**63, -(2**63), 10**30, 10**400])
def test_integers_beyond_64_bits(value: int) -> None:
    assert "of 64 bits" in problems_of(int, value)[0][1]
    assert "of 64 bits" in problems_of(JsonObject, {"a": [value]})[0][1]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_has_not(value: float) -> None:
    assert "finite" in problems_of(float, value)[0][1]
    [(path, message, _)] = problems_of(JsonObject, {"a": {"b": [1, value]}})
    assert path == ("a", "b", 1)
    assert "finite" in message


@pytest.mark.parametrize("value", [datetime.date(2020, 1, 1), datetime.time(1, 2)])
def test_dates_are_sent_as_what_they_are_or_not_at_all(value: object) -> None:
    assert problems_of(JsonObject, {"a": value})[0][0] == ("a",)


def test_what_no_program_takes_as_a_string() -> None:
    assert "U+0000" in problems_of(str, "a\0b")[0][1]
    assert "cannot be a path" in problems_of(Path, "a\0b")[0][1]


def test_a_table_says_its_keys() -> None:
    assert problems_of(Inner, 5) == [((), "must be a table, got 5", "its keys are: depth, label")]


@given(st.one_of(st.none(), st.booleans(), INTEGERS, st.floats(), TEXT, st.lists(st.none())))
@settings(deadline=None)
def test_exactly_one_scalar_type_accepts_a_value(value: object) -> None:
    accepted = set()
    for kind in (str, int, bool):
        try:
            structure(kind, value, BASE)
        except Problems:
            continue
        accepted.add(kind)
    assert accepted == ({type(value)} if type(value) in (str, int, bool) else set())


# -- literals, unions, optional


def test_a_literal_names_the_choices_and_the_nearest() -> None:
    assert wrong(mode="acuracy") == [
        (
            ("mode",),
            "must be one of 'accuracy', 'performance', got 'acuracy'",
            "did you mean 'accuracy'?",
        )
    ]
    assert wrong(mode=5) == [(("mode",), "must be one of 'accuracy', 'performance', got 5", "")]
    assert outer(mode="performance").mode == "performance"


def test_a_literal_number_does_not_take_true() -> None:
    assert structure(Literal[1, 2], 2, BASE) == 2
    assert problems_of(Literal[1, 2], True) == [((), "must be one of 1, 2, got true", "")]


def test_a_string_for_a_literal_number_is_a_problem() -> None:
    assert problems_of(Literal[1, 2], "1") == [((), "must be one of 1, 2, got '1'", "")]


def test_string_or_list_takes_both() -> None:
    assert outer(url="http://a").url == "http://a"
    assert outer(url=["http://a", "http://b"]).url == ("http://a", "http://b")


def test_string_or_list_names_the_element_that_is_wrong() -> None:
    assert wrong(url=["a", 5, True]) == [
        (("url", 1), "must be a string, got 5", ""),
        (("url", 2), "must be a string, got true", ""),
    ]


def test_string_or_list_of_neither_says_both() -> None:
    ((path, message, _),) = wrong(url=5)
    assert path == ("url",)
    assert message == "must be a string or must be a list, got 5"


def test_optional_says_only_what_it_wants() -> None:
    assert outer().limit is None
    assert outer(limit=3).limit == 3
    assert wrong(limit="3") == [(("limit",), "must be an integer, got '3'", "")]
    assert wrong(limit=0) == [(("limit",), "must be 1 or more, got 0", "")]
    # The type of a list is right there, so what is in it is shown.
    assert wrong(rising=[3, 1]) == [(("rising",), "must rise, got [3, 1]", "")]
    assert wrong(rising=list(range(50, 0, -1)))[0][1].endswith("…")
    assert structure(int | None, None, BASE) is None
    assert problems_of(int | str, None)[0][0] == ()


# -- classes


def test_unknown_keys_name_the_nearest_or_all() -> None:
    assert wrong(inner={"dept": 3}) == [
        (("inner", "dept"), "is not a key here", "did you mean 'depth'?")
    ]
    assert wrong(inner={"zzz": 3}) == [
        (("inner", "zzz"), "is not a key here", "keys are: depth, label")
    ]


def test_a_missing_key_says_what_it_is_for() -> None:
    assert problems_of(Outer, {}) == [(("name",), "is missing", "what it is called")]


def test_every_problem_is_found_at_once_with_its_path() -> None:
    found = problems_of(
        Outer,
        {
            "inner": {"depth": 0, "labl": 1, "label": 2},
            "several": [{"depth": 1}, {"depth": "2"}, 3],
            "by_name": {"a": {"depth": -1}, "b.c": {"depth": True}},
            "share": 1.5,
            "on": "yes",
            "nme": "n",
        },
    )
    assert {path for path, _, _ in found} == {
        ("name",),
        ("nme",),
        ("inner", "depth"),
        ("inner", "labl"),
        ("inner", "label"),
        ("several", 1, "depth"),
        ("several", 2),
        ("by_name", "a", "depth"),
        ("by_name", "b.c", "depth"),
        ("share",),
        ("on",),
    }
    assert len(found) == 11
    messages = {path: message for path, message, _ in found}
    assert messages["inner", "depth"] == "must be above 0, got 0"
    assert messages["share",] == "must be between 0 and 1, got 1.5"
    assert messages["several", 2] == "must be a table, got 3"


def test_an_object_of_the_class_is_kept() -> None:
    inner = Inner(depth=4)
    assert outer(inner=inner).inner is inner


def test_free_tables_are_not_touched() -> None:
    table = {"a": [1, {"b": None}], "c": True, "d": 1.5}
    assert outer(free=table).free == table
    assert structure(JsonValue, [1, "a"], BASE) == [1, "a"]


# -- secrets and paths


@pytest.mark.parametrize("value", ["sk-very-secret", "env:", "", "ENV:KEY", " env:KEY", 12345678])
def test_a_plain_secret_is_refused_and_not_repeated(value: object) -> None:
    ((path, message, hint),) = wrong(key=value)
    assert path == ("key",)
    assert message == 'must be a reference to an environment variable, "env:NAME"'
    if value:
        assert str(value) not in (message + hint).replace("env:NAME", "")


def test_a_secret_reference_is_kept() -> None:
    assert outer(key="env:QWEN_KEY").key == Secret("QWEN_KEY")


def test_paths_are_taken_from_the_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert outer(path="data/x").path == Path("/base/data/x")
    assert outer(path="/abs/x").path == Path("/abs/x")
    assert outer(path="~/x").path == Path("/home/someone/x")


def test_the_base_is_the_one_of_the_call() -> None:
    assert structure(Path, "x", Path("/one")) == Path("/one/x")
    assert structure(Path, "x", Path("/two")) == Path("/two/x")


def test_the_base_is_forgotten_after_a_failed_call() -> None:
    with pytest.raises(Problems):
        structure(Outer, {"path": "x"}, Path("/one"))
    assert structure(Path, "x", Path("/two")) == Path("/two/x")


def test_the_home_of_an_unknown_user_is_a_problem() -> None:
    assert problems_of(Path, "~no-such-user-here/x")[0][0] == ()


# -- and back


def test_plain_is_the_inverse_of_structure() -> None:
    made = outer(
        inner={"depth": 3},
        several=[{"depth": 1}, {"label": "z"}],
        by_name={"a": {"depth": 2}},
        url=["http://a"],
        limit=7,
        share=1,
        mode="performance",
        on=False,
        path="data",
        key="env:K",
        free={"a": [1, 2], "b": {"c": "d"}},
    )
    tables = plain(made)
    assert tables["path"] == "/base/data"
    assert tables["key"] == "env:K"
    assert tables["several"] == [{"depth": 1, "label": "x"}, {"depth": 1, "label": "z"}]
    assert structure(Outer, tables, Path("/elsewhere")) == made


def test_plain_leaves_out_none() -> None:
    tables = plain(outer())
    assert not {"limit", "path", "key"} & tables.keys()
    assert structure(Outer, tables, BASE) == outer()
    assert plain({"a": None, "b": 0}) == {"b": 0}


@given(
    st.builds(
        Outer,
        name=TEXT,
        inner=st.builds(Inner, depth=st.integers(1, 2**63 - 1), label=TEXT),
        several=st.lists(st.builds(Inner, depth=st.integers(1, 2**63 - 1))).map(tuple),
        by_name=st.dictionaries(st.text(), st.builds(Inner, label=TEXT)),
        url=st.one_of(TEXT, st.lists(TEXT).map(tuple)),
        limit=st.one_of(st.none(), st.integers(1, 2**63 - 1)),
        share=st.floats(0, 1),
        on=st.booleans(),
        key=st.one_of(st.none(), st.text(min_size=1).map(Secret)),
    )
)
@settings(deadline=None, max_examples=50)
def test_plain_and_structure_round_trip(made: Outer) -> None:
    assert structure(Outer, plain(made), BASE) == made


def test_changed_holds_only_what_differs_from_the_defaults() -> None:
    assert changed(None) == {}
    assert changed(Inner()) == {}
    assert changed(Inner(depth=2)) == {"depth": 2}
    assert changed(outer()) == {"name": "n"}
    assert changed(outer(inner={}, by_name={}, share=0.5)) == {"name": "n"}
    assert changed(outer(inner={"label": "y"}, key="env:K")) == {
        "name": "n",
        "inner": {"depth": 1, "label": "y"},
        "key": "env:K",
    }


# -- words


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (True, "true/false"),
        ("a", "a string"),
        (1, "an integer"),
        (1.5, "a number"),
        ([], "a list"),
        ({}, "a table"),
        (datetime.date(2026, 1, 1), "date"),
    ],
)
def test_types_have_their_toml_names(value: object, word: str) -> None:
    assert toml_type(value) == word


def test_long_values_are_shortened() -> None:
    assert len(show("x" * 1000)) == 80
    assert show(False) == "false"


def test_dates_are_shown_as_toml_writes_them() -> None:
    assert "2026-01-01" in show(datetime.date(2026, 1, 1))


def test_nearest() -> None:
    assert nearest("retires", ["retries", "url"]) == "did you mean 'retries'?"
    assert nearest("zzz", ["retries", "url"]) == ""


def test_checks() -> None:
    assert at_least(2)(2) is None
    assert at_least(2)(1) == "must be 2 or more"
    assert above(0)(0) == "must be above 0"
    assert above(0.5)(0.6) is None
    assert between(0, 1)(0) is None
    assert between(0, 1)(1) is None
    assert between(0, 1)(1.01) == "must be between 0 and 1"
    assert not_empty("") == not_empty(()) == "must not be empty"
    assert not_empty("a") is None
    assert all(check(None) is None for check in (at_least(1), above(1), between(0, 1), not_empty))


@frozen
class Weights:
    model: PathOrName = setting(help="a folder or a name")


def test_a_path_or_a_name(tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()

    def read(value: str) -> str:
        return structure(Weights, {"model": value}, tmp_path).model

    # What is there is a path from the suite's folder; the rest is a name as it stands.
    assert read("tiny") == str(tmp_path / "tiny")
    assert read("Qwen/Qwen3-8B") == "Qwen/Qwen3-8B"
    assert read("./missing") == str(tmp_path / "missing")
    assert read("/missing") == "/missing"
    assert read("~/x") == str(Path.home() / "x")
    assert read("") == ""
    assert plain(structure(Weights, {"model": "a/b"}, tmp_path)) == {"model": "a/b"}
    with pytest.raises(Problems):
        structure(Weights, {"model": 3}, tmp_path)
