"""Reading a suite: the file, the flags over it, where each value is from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aisbench.base.errors import ConfigError, ExitCode, Problem
from aisbench.config.source import (
    Override,
    Source,
    parse_set,
    read_source,
    set_key,
    source_of_tables,
)
from aisbench.settings.keys import dotted

TEXT = """\
[suite]
name = "n"

[models.q]
url = "http://a"
generation = { seed = 1 }

[[exclude]]
model = "q"
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "suite.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def flag(*path: str, value: Any = 1, origin: str = "--flag") -> Override:
    return Override(path=path, value=value, origin=origin)


def message_of(path: Path | None, *overrides: Override) -> str:
    with pytest.raises(ConfigError) as caught:
        read_source(path, overrides)
    assert caught.value.exit_code == ExitCode.USAGE
    return str(caught.value)


# -- files


def test_a_file(suite: Path) -> None:
    source = read_source(suite)
    assert source.tables["models"]["q"]["url"] == "http://a"
    assert source.base == suite.parent
    assert source.name == str(suite)


def test_a_relative_file_has_an_absolute_base(suite: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(suite.parent)
    source = read_source(Path("suite.toml"))
    assert source.base == suite.parent
    assert source.name == "suite.toml"


def test_no_file(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    source = read_source(None, [flag("suite", "name", value="x")])
    assert source.tables == {"suite": {"name": "x"}}
    assert source.base == tmp_path
    assert source.where(("models",)) == "command line"


def test_a_missing_file(tmp_path: Path) -> None:
    text = message_of(tmp_path / "none.toml")
    assert text == f"{tmp_path}/none.toml: no such file\n  help: give the path of a suite.toml"


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    assert message_of(tmp_path) == f"{tmp_path}: cannot be read: Is a directory"


def test_bad_toml_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text("[suite]\nname = \n")
    text = message_of(path)
    assert text.startswith(f"{path}: is not valid TOML: ")
    assert "line 2" in text


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_bytes('name = "é"'.encode("latin-1"))
    assert message_of(path).startswith(f"{path}: is not UTF-8: ")


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_bytes(b'\xef\xbb\xbf[suite]\nname = "n"\n')
    assert read_source(path).tables == {"suite": {"name": "n"}}


# -- overrides


def test_flags_win_over_the_file_and_make_tables(suite: Path) -> None:
    source = read_source(
        suite,
        [
            flag("models", "q", "url", value="http://b"),
            flag("models", "q", "retry", "attempts", value=5),
            flag("new", value=[1]),
        ],
    )
    assert source.tables["models"]["q"] == {
        "url": "http://b",
        "generation": {"seed": 1},
        "retry": {"attempts": 5},
    }
    assert source.tables["new"] == [1]


def test_a_flag_through_a_value_is_refused(suite: Path) -> None:
    text = message_of(suite, flag("suite", "name", "deeper", origin="--set suite.name.deeper"))
    assert text == "--set suite.name.deeper: suite.name is not a table"


def test_the_last_flag_wins(suite: Path) -> None:
    flags = [
        flag("suite", "name", value="a", origin="--name"),
        flag("suite", "name", value="b", origin="--set suite.name"),
    ]
    source = read_source(suite, flags)
    assert source.tables["suite"]["name"] == "b"
    assert source.origin(("suite", "name")) == "--set suite.name"


# -- where values are from


def test_origins(suite: Path) -> None:
    flags = [flag("models", "q", "url", value=["http://b"], origin="--url")]
    source = read_source(suite, flags)
    assert source.origin(("suite", "name")) == f"{suite}:2"
    assert source.origin(("models", "q", "url")) == "--url"
    assert source.origin(("models", "q", "url", 0)) == "--url"
    assert source.origin(("models", "q", "generation", "seed")) == f"{suite}:6"
    assert source.origin(("models", "q", "stream")) == "default"
    assert source.origin(("exclude", 0, "model")) == f"{suite}:9"
    assert source.origin(("exclude", 3)) == "default"


def test_where_falls_back_to_the_parent_and_the_file(suite: Path) -> None:
    source = read_source(suite)
    assert source.where(("models", "q", "absent")) == f"{suite}:4"
    assert source.where(("absent",)) == str(suite)
    assert source.where(()) == str(suite)


def test_errors_hold_every_problem_with_place_and_help() -> None:
    source = Source(tables={}, text=TEXT, name="s.toml", origins={("x",): "--set x"})
    error = source.error(
        [
            Problem(path=("models", "q", "url"), message="is wrong", hint="mend it"),
            Problem(path=("x", "y"), message="is bad"),
            Problem(path=("exclude", 0, "model"), message="matches nothing"),
            Problem(path=(), message="is empty"),
        ]
    )
    assert error.problems == (
        "s.toml:5: models.q.url: is wrong\n  help: mend it",
        "--set x: x.y: is bad",
        "s.toml:9: exclude[0].model: matches nothing",
        "s.toml: suite: is empty",
    )
    assert str(error) == "\n".join(error.problems)


def test_dotted() -> None:
    assert dotted(("a", 0, "b", 1, 2)) == "a[0].b[1][2]"
    assert dotted(()) == "suite"


# -- --set


@pytest.mark.parametrize(
    ("argument", "path", "value"),
    [
        ("suite.seed=7", ("suite", "seed"), 7),
        ("load.rate=2.5", ("load", "rate"), 2.5),
        ("models.q.stream=false", ("models", "q", "stream"), False),
        ("suite.name=nightly", ("suite", "name"), "nightly"),
        ('suite.name="7"', ("suite", "name"), "7"),
        ("models.q.url=http://10.0.0.7:8000", ("models", "q", "url"), "http://10.0.0.7:8000"),
        (
            'models.q.url=["http://a", "http://b"]',
            ("models", "q", "url"),
            ["http://a", "http://b"],
        ),
        ("models.q.timeout={ total = 5 }", ("models", "q", "timeout"), {"total": 5}),
        ('models."a.b".url=x', ("models", "a.b", "url"), "x"),
        ("models.'a b'.url=x", ("models", "a b", "url"), "x"),
        ("suite.name=a=b", ("suite", "name"), "a=b"),
        ("suite.name=", ("suite", "name"), ""),
        ("suite.name=#1", ("suite", "name"), "#1"),
        ("api_key=env:KEY", ("api_key",), "env:KEY"),
    ],
)
def test_set(argument: str, path: tuple[str, ...], value: Any) -> None:
    made = parse_set(argument)
    assert made.path == path
    assert made.value == value
    assert type(made.value) is type(value)
    assert made.origin == f"--set {argument.partition('=')[0]}"


@pytest.mark.parametrize("argument", ["suite.seed", "=5", " =5", ""])
def test_set_without_key_or_value(argument: str) -> None:
    with pytest.raises(ConfigError, match=r"must be KEY\.PATH=VALUE"):
        parse_set(argument)


@pytest.mark.parametrize("argument", ["a b=1", "exclude[0].model=x", "a..b=1", '"a.b=1', "ü=1"])
def test_set_with_a_key_that_is_none(argument: str) -> None:
    with pytest.raises(ConfigError, match="is not a TOML key"):
        parse_set(argument)


def test_set_with_a_comment_for_a_key() -> None:
    with pytest.raises(ConfigError, match="is not a TOML key"):
        parse_set("#a=1")


def test_set_with_blanks_around_the_equals_sign() -> None:
    assert parse_set("suite.name = nightly").value == "nightly"


def test_set_with_a_line_end_in_the_value() -> None:
    assert parse_set("a=1\nb=2").value == "1\nb=2"


# -- what no reader of TOML or JSON takes


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 100 + "]" * 100,
        "x = " + "[" * 5000 + "]" * 5000,
        "x = " + "{a=" * 100 + "1" + "}" * 100,
        "a." * 100 + "b = 1",
        "a." * 3000 + "b = 1",
        "[" + ".".join("abc" * 40) + "]\nx = 1",
    ],
)
def test_nesting_is_bounded(tmp_path: Path, text: str) -> None:
    path = tmp_path / "s.toml"
    path.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"s\.toml: .*(nested more than 64 deep|TOML)"):
        read_source(path)


def test_a_number_with_thousands_of_digits(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text("x = " + "9" * 5000 + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"s\.toml: is not valid TOML"):
        read_source(path)


def test_a_file_that_is_no_suite(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_bytes(b"#" * ((16 << 20) + 1))
    with pytest.raises(ConfigError, match="more than 16 MiB"):
        read_source(path)


def test_a_key_path_commands_no_terminal() -> None:
    assert dotted(("models", "a\x1b[31m\nb\u202e", 3)) == 'models."a\\x1b[31m\\nb\\u202e"[3]'
    assert dotted(("models", "")) == 'models.""'
    assert len(dotted(("x" * 5000 + "=",))) < 100
    assert dotted(("models", "名前", "x.y-z")) == "models.名前.x.y-z"


@pytest.mark.parametrize("argument", ["=sk-hunter2", "a..b=sk-hunter2", "nothing-hunter2 x"])
def test_set_repeats_no_value(argument: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_set(argument)
    assert "sk-hunter2" not in str(caught.value)


# -- programs


def test_tables_of_a_program_are_as_toml_would_give_them() -> None:
    given = {"models": {"q": {"url": "u", "path": Path("a/b"), "stop": ("x", Path("y"))}}}
    source = source_of_tables(given, "suite")
    assert source.tables == {"models": {"q": {"url": "u", "path": "a/b", "stop": ["x", "y"]}}}
    assert source.where(("models", "q", "url")) == "suite"
    assert source.base == Path.cwd()


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, "suite: a.b: NoneType is not a value of TOML\n  help: leave the key out"),
        ([1, {2, 3}], "suite: a.b[1]: set is not a value of TOML\n  help: give a str"),
        (b"x", "suite: a.b: bytes is not a value of TOML"),
    ],
)
def test_what_toml_has_no_form_for_is_refused(value: object, found: str) -> None:
    with pytest.raises(ConfigError) as caught:
        source_of_tables({"a": {"b": value}}, "suite")
    assert str(caught.value).startswith(found)


def test_a_table_that_holds_itself_is_refused() -> None:
    round_: dict[str, Any] = {}
    round_["a"] = round_
    with pytest.raises(ConfigError, match="nested more than"):
        source_of_tables(round_, "suite")


def test_a_key_is_set_to_a_value_of_a_program() -> None:
    made = set_key('models."a.b".stop', ("x", "y"))
    assert made == Override(
        path=("models", "a.b", "stop"), value=["x", "y"], origin='override models."a.b".stop'
    )
    with pytest.raises(ConfigError, match=r"overrides: 'models\.\.x' is not a TOML key"):
        set_key("models..x", 1)
    with pytest.raises(ConfigError, match=r"overrides: models\.x: object is not a value"):
        set_key("models.x", object())


@pytest.mark.parametrize(
    ("plugins", "names"),
    [({"disable": ["a", 1, "b"]}, ["a", "b"]), ({"disable": "a"}, []), ("a", []), (None, [])],
)
def test_disabled_plugins(plugins: object, names: list[str]) -> None:
    tables = {} if plugins is None else {"plugins": plugins}
    assert Source(tables=tables).disabled_plugins == names
