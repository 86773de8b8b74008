"""Line numbers of TOML keys."""

from __future__ import annotations

from typing import Any

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.config.lines import find_line

TEXT = '''\
# a comment = 1
title = "x"

[suite]      # the table
name = "n"

# about the models
[models.qwen]
url = [
  "http://a",
  "http://b",
]
timeout = { connect = 1, total = 2 }
retry.attempts = 3
retry.backoff = 1
prompt = """
[models.fake]
name = 1
"""
after = 1

[models."with.dot"]
key = 1

[[exclude]]
model = "a"
[[exclude]]

model = "b"
dataset = """c"""
[models.qwen.generation]
seed = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("suite",), 4),
        (("suite", "name"), 5),
        (("models",), 8),
        (("models", "qwen"), 8),
        (("models", "qwen", "url"), 9),
        (("models", "qwen", "url", 1), 9),
        (("models", "qwen", "timeout"), 13),
        (("models", "qwen", "timeout", "total"), 13),
        (("models", "qwen", "retry"), 14),
        (("models", "qwen", "retry", "attempts"), 14),
        (("models", "qwen", "retry", "backoff"), 15),
        (("models", "qwen", "prompt"), 16),
        (("models", "qwen", "after"), 20),
        (("models", "with.dot"), 22),
        (("models", "with.dot", "key"), 23),
        (("exclude",), 25),
        (("exclude", 0, "model"), 26),
        (("exclude", 1), 27),
        (("exclude", 1, "model"), 29),
        (("exclude", 1, "dataset"), 30),
        (("models", "qwen", "generation"), 31),
        (("models", "qwen", "generation", "seed"), 32),
    ],
)
def test_every_shape_of_key(path: tuple[str | int, ...], line: int) -> None:
    assert find_line(TEXT, path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("suite", "seed"), 4),
        (("models", "qwen", "modle"), 8),
        (("models", "fake"), 8),
        (("exclude", 1, "x"), 27),
        (("exclude", 7), 25),
        (("suite", "name", "deeper"), 5),
    ],
)
def test_an_absent_key_has_its_parents_line(path: tuple[str | int, ...], line: int) -> None:
    assert find_line(TEXT, path) == line


def test_what_the_text_does_not_hold_has_no_line() -> None:
    assert find_line(TEXT, ("nothing",)) is None
    assert find_line("", ("a",)) is None
    assert find_line(TEXT, ()) is None


def test_an_inline_list_of_tables() -> None:
    text = 'exclude = [\n  { model = "a" },\n  { model = "b" },\n]\nlast = 1\n'
    assert find_line(text, ("exclude", 1, "model")) == 1
    assert find_line(text, ("last",)) == 5


def test_a_file_without_a_last_line_end() -> None:
    assert find_line("a = 1\n\nb = 2", ("b",)) == 3


def test_windows_line_ends() -> None:
    assert find_line("a = 1\r\n\r\n[t]\r\nb = 2\r\n", ("t", "b")) == 4


def test_a_text_that_is_no_toml_at_its_end_still_gives_lines() -> None:
    assert find_line("a = 1\nb = 2\n[[[\n", ("b",)) == 2


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85"])
def test_unicode_separators_are_no_line_ends(separator: str) -> None:
    assert find_line(f'a = "x{separator}y"\nb = 2\n', ("b",)) == 2


# -- random documents whose lines are known

KEYS = st.one_of(
    st.text("abcdefgh-_09", min_size=1, max_size=4),
    st.sampled_from(["two words", "a.b", "#no", "ключ", "=", "[x]"]),
)
SCALARS = st.sampled_from(
    [
        "1",
        "-2.5",
        "true",
        '"text"',
        "'[no.table]'",
        '"""one"""',
        '"""\nfirst\n[not.a.table]\nkey = 1\n"""',
        "'''\n\n# no comment\n'''",
        "[1, 2]",
        "[\n  1, # one\n\n  2,\n]",
        "{ x = 1, y = { z = 2 } }",
        "2026-01-01",
    ]
)
FILLER = st.lists(st.sampled_from(["", "# comment", "  # key = 1", "\t"]), max_size=2)


def bare(key: str) -> str:
    """A key as TOML writes it."""
    plain = key and all(one.isascii() and (one.isalnum() or one in "-_") for one in key)
    return key if plain else f'"{key}"'


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[tuple[str | int, ...], int]]:
    """A TOML text, and the line of every key written in it."""
    lines: list[str] = []
    known: dict[tuple[str | int, ...], int] = {}

    def statements(prefix: tuple[str | int, ...]) -> None:
        for key in draw(st.lists(KEYS, max_size=4, unique=True)):
            lines.extend(draw(FILLER))
            path: tuple[str | int, ...] = (*prefix, key)
            written = bare(key)
            if draw(st.booleans()):
                tail = draw(KEYS)
                known[path] = len(lines) + 1
                path, written = (*path, tail), f"{written} . {bare(tail)}"
            known[path] = len(lines) + 1
            indent = draw(st.sampled_from(["", "  "]))
            value = draw(SCALARS)
            lines.extend(f"{indent}{written} = {value}".split("\n"))
            if value.startswith("{"):
                known[(*path, "y", "z")] = known[path]

    statements(())
    used = {path[0] for path in known}
    for table in draw(st.lists(KEYS, max_size=3, unique=True)):
        if table in used:
            continue
        if draw(st.booleans()):
            for index in range(draw(st.integers(1, 3))):
                lines.extend(draw(FILLER))
                lines.append(f"[[{bare(table)}]]")
                known.setdefault((table,), len(lines))
                known[table, index] = len(lines)
                statements((table, index))
        else:
            below = draw(KEYS)
            lines.extend(draw(FILLER))
            lines.append(f"[ {bare(table)} . {bare(below)} ]")
            known[(table,)] = known[table, below] = len(lines)
            statements((table, below))
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n"])), known


def value_at(table: Any, path: tuple[str | int, ...]) -> Any:
    """The value of a path, which must be there."""
    for key in path:
        table = table[key]
    return table


@given(documents())
@settings(deadline=None, max_examples=150)
def test_random_documents(document: tuple[str, dict[tuple[str | int, ...], int]]) -> None:
    text, known = document
    table = tomli.loads(text)
    for path, line in known.items():
        value_at(table, path)
        assert find_line(text, path) == line, path
