"""References, cleaning, made fields, texts and settings by part, pictures, functions."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from declaring import declared, fields, made, rows

from aisbench.base.errors import DataError, PluginError
from aisbench.data import is_media
from aisbench.declared.offers import offer_of_file
from aisbench.media.contents import source_of
from aisbench.media.values import media_of
from aisbench.types.answer import Answer
from aisbench.types.offer import Capability
from aisbench.types.prompt import Message, Prompt
from aisbench.types.sample import Sample
from aisbench.types.score import Verdict


@pytest.mark.parametrize(
    ("aliases", "target"),
    [
        ("more", ["a", "b", "c"]),
        (["more", "one"], ["a", "b", "c", "x"]),
        (["date.day"], ["a", "3"]),
        (["{date.day} {date.month}"], ["a", "3 May"]),
        (["all[*].n"], ["a", "1"]),
        (["{all[*].n}/{all[*].d.m}"], ["a", "1/5", "/6"]),
        (["none", "blank"], "a"),
        (["absent?"], "a"),
    ],
)
def test_aliases(tmp_path: Path, aliases: Any, target: Any) -> None:
    line = {
        "answer": "a", "more": ["b", "", "a", "c", None], "one": "x", "none": None, "blank": " ",
        "date": {"day": 3, "month": "May"},
        "all": [{"n": "1", "d": {"m": 5}}, {"n": "", "d": {"m": 6}}],
    }  # fmt: skip
    keys = {"columns": {"answer": "answer", "aliases": aliases}}
    (sample,) = made(tmp_path, keys, line)
    assert sample.target == target
    assert sample.fields["target"] == "a"


def test_a_reference_that_no_row_has(tmp_path: Path) -> None:
    line = {"q": "?", "anwser": 1}
    for columns, message in (
        ({"answer": "answer"}, r"columns.answer: no row has 'answer' \(columns: q, anwser\)"),
        ({"aliases": ["answer", "anwser"]}, "columns.aliases: no row has 'answer'"),
        ({"aliases": ["{q} {x.y}"]}, "columns.aliases: no row has 'x.y'"),
    ):
        with pytest.raises(DataError, match=message):
            made(tmp_path, {"columns": columns}, line)
    keys = {"columns": {"answer": "answer"}}
    assert made(tmp_path, {**keys, "unanswered": ["test"]})[0].target is None
    lines = (line, {"q": "!", "answer": "x"})
    assert [one.target for one in made(tmp_path, keys, *lines)] == [None, "x"]


def test_cleaning_of_references_and_inside_rows(tmp_path: Path) -> None:
    keys = {
        "columns": {"answer": "answer", "choices": "in.o[*].t", "answer_is": "letter"},
        "clean": [
            {"fields": ["answer"], "pattern": r"\W"},
            {"fields": ["in.o[*].t", "in.list"], "pattern": r"^\(\w\)", "strip": True},
        ],
    }
    line = {"answer": "(B)", "in": {"o": [{"t": "(A) x"}, {"t": "(B)y "}], "list": ["(C)z", 1]}}
    (sample,) = made(tmp_path, keys, line)
    assert (sample.target, sample.fields["choices"]) == ("B", ["x", "y"])
    assert sample.fields["in"] == {"o": [{"t": "x"}, {"t": "y"}], "list": ["z", 1]}
    with pytest.raises(DataError, match=r"clean\[0\].fields: no row has 'anwser'"):
        made(tmp_path, {"clean": [{"fields": ["anwser"], "strip": True}]})


def test_fields_of_patterns_and_lists(tmp_path: Path) -> None:
    keys = {
        "fields": {
            "before": {"of": "s", "pattern": "^(.*?)_"},
            "after": {"of": "{s}!", "pattern": r"(?<=_)\s*\S.*"},
            "facts": {"of": "f[*]", "line": "{number}. {item.t} ({s})", "join": "; "},
            "plain": {"of": "l"},
        }
    }
    line = {"s": "a _ b", "f": [{"t": "x"}, {"t": "y"}], "l": ["1", "2"]}
    (sample,) = made(tmp_path, keys, line)
    found = sample.fields
    assert (found["before"], found["after"], found["plain"]) == ("a ", " b!", "1\n2")
    assert found["facts"] == "1. x (a _ b); 2. y (a _ b)"
    with pytest.raises(DataError, match=r":1: fields.before: '\^\(.*\)_' finds nothing in 'ab'"):
        made(tmp_path, keys, {**line, "s": "ab"})
    with pytest.raises(PluginError, match=r"fields.x: \{ q \} names nothing"):
        declared(tmp_path, {"fields": {"x": "{ q }"}})
    with pytest.raises(PluginError, match=r"fields\.x\.pattern: must be a regular expression"):
        declared(tmp_path, {"fields": {"x": {"of": "q", "pattern": "("}}})


PARTS = {"files": {"test": "{part}.jsonl"}, "parts": ["owl", "bee"]}


def test_texts_and_settings_by_part(tmp_path: Path) -> None:
    for part in ("owl", "bee"):
        rows(tmp_path, {"q": part, "n": 5}, name=f"{part}.jsonl")
        (tmp_path / f"{part}.txt").write_text(f"canary\n-----\n {part}s: {{q}}\n")
    (tmp_path / "all.json").write_text(
        json.dumps(
            {"owl": {"form": "Hoot {q}!"}, "bee": {"form": "Buzz {q}!"}, "len": {"owl": 32}}
        )
    )
    keys: dict[str, Any] = {
        **PARTS,
        "texts": {
            "cot": {"file": "{part}.txt", "after": "-----\n", "strip": True},
            "form": {"file": "all.json", "key": "{part}.form", "fill": True},
            "own": {"parts": {"owl": {"q": "Frage"}}, "default": {"q": "Question"}},
        },
        "generation": {"max_tokens": {"parts": {"owl": 32}, "default": 64}, "n": {"column": "n"}},
        "fields": {"asked": "{own.q}: {form}"},
    }
    samples = made(tmp_path, keys)
    assert fields(samples, "cot") == ["owls: {q}", "bees: {q}"]
    assert fields(samples, "asked") == ["Frage: Hoot owl!", "Question: Buzz bee!"]
    assert [one.generation for one in samples] == [
        {"max_tokens": 32, "n": 5}, {"max_tokens": 64, "n": 5},
    ]  # fmt: skip
    assert made(tmp_path, keys, own_generation=False)[0].generation == {}
    assert {"all.json", "owl.txt"} <= {file.name for file in declared(tmp_path, keys).files()}
    for table, message in (
        ({"file": "all.json", "key": "len.{part}"}, "texts.cot.key 'len.bee': len has no 'bee'"),
        ({"file": "{part}.md"}, "texts.cot: .*owl.md does not exist"),
        ({"file": "{part}.txt", "after": "===="}, "owl.txt: '====' does not occur in it"),
        ({"parts": {"owl": "x"}}, "texts.cot: says nothing of the part 'bee'"),
    ):
        with pytest.raises(DataError, match=message):
            made(tmp_path, {**PARTS, "texts": {"cot": table}})
    with pytest.raises(PluginError, match=r"texts\.x: must have one of file, parts and column"):
        declared(tmp_path, {"texts": {"x": {}}})


PNG = b"\x89PNG\r\n\x1a\n" + bytes(80)


def test_pictures(tmp_path: Path) -> None:
    (tmp_path / "pics").mkdir()
    (tmp_path / "pics" / "a.png").write_bytes(PNG)
    with zipfile.ZipFile(tmp_path / "pics.zip", "w") as archive:
        archive.writestr("in/b.png", PNG)
    keys = {"media": {"image": {"column": "p", "folder": "pics"}}}
    declared(tmp_path, keys)
    assert offer_of_file(tmp_path / "made-up.toml").needs == {Capability.IMAGES}
    (one,) = made(tmp_path, keys, {"p": ["a.png", "a.png"]})
    assert is_media(one.fields["image"]) and len(one.fields["image"]) == 2  # type: ignore[arg-type]
    zipped = {"media": {"image": {"column": "p", "zip": "pics.zip"}}}
    (one,) = made(tmp_path, zipped, {"p": "in/b.png"})
    assert is_media(one.fields["image"])
    for table, message in ((keys, "b.png: No such file"), (zipped, "zip: has no member 'b.png'")):
        (one,) = made(tmp_path, table, {"p": "b.png"})
        with pytest.raises(DataError, match=message):
            source_of(media_of(one.fields["image"], "image"))


CODE = """
from aisbench.api import Prompt, Message
def read(file, split, part):
    for line in file.read_text().splitlines():
        yield {"q": line, "split": split, "part_is": part}
def broken(file, split, part):
    yield {"q": 1}
    raise KeyError("x")
def texts(file, split, part):
    return ["a"]
def right(sample, answer):
    return {"right": True, "wrong": False, "half": 0.5, "none": None}.get(answer.text, "?")
def ask(sample, shots):
    return f"{len(shots)} {sample.fields['q']}"
def system(sample, shots):
    return Prompt(messages=(Message(role="system", content="s"),))
"""


def test_functions_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(CODE)
    (tmp_path / "test.x").write_text("a\nb\n")
    path, modules = list(sys.path), set(sys.modules)
    keys: dict[str, Any] = {
        "files": {"test": "test.x"}, "rows": "own:read", "evaluator": "own:right",
        "variants": {"c": {"template": "chat", "prompt": "own:ask"}},
    }  # fmt: skip
    dataset = declared(tmp_path, keys)
    samples = dataset.samples()
    assert fields(samples, "q") == ["a", "b"] and samples[1].place.endswith("test.x: row 2")
    kept = {**keys, "rows": {"use": "own:read", "where": {"q": "b"}}}
    assert fields(made(tmp_path, kept), "q") == ["b"]
    evaluator = dataset.own_evaluator("own:right")
    said = {text: evaluator.score(samples[0], Answer.of(text)) for text in ("right", "none")}
    assert (said["right"].verdict, said["none"].verdict) == (Verdict.RIGHT, Verdict.UNPARSED)
    assert evaluator.score(samples[0], Answer.of("half")).value == 0.5
    with pytest.raises(PluginError, match=r"own:right returns '\?'"):
        evaluator.score(samples[0], Answer.of("?"))
    template = dataset.own_template("c", chat=True)
    assert template is not None
    asked = template.render(samples[0], [samples[1]])
    assert asked == Prompt(messages=(Message(role="user", content="1 a"),))
    assert sys.path == path and "own" not in set(sys.modules) - modules


def test_rows_of_a_function_that_say_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "from aisbench.data import read_table\n"
        "def f(file, split, part): return read_table(file)[1:]\n"
    )
    (tmp_path / "test.jsonl").write_text('{"q": 1}\n{"q": 2}\n')
    (sample,) = made(tmp_path, {"rows": "own:f"})
    assert (sample.fields["q"], sample.place) == (2, f"{tmp_path / 'test.jsonl'}:2")


def test_functions_of_two_folders_and_changed_ones(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "own.py").write_text(f"def f(s, shots): return '{name}'\n")
    keys = {"variants": {"c": {"template": "text", "prompt": "own:f"}}}

    def said(folder: str) -> str | None:
        template = declared(tmp_path / folder, keys).own_template("c", chat=False)
        assert template is not None
        return template.render(Sample(id="x"), ()).text

    assert (said("one"), said("two")) == ("one", "two")
    (tmp_path / "one" / "own.py").write_text("def f(s, shots): return 'new'\n")
    assert said("one") == "new"


@pytest.mark.parametrize(
    ("rule", "error", "message"),
    [
        ("own:broken", DataError, r"test.x: own:broken fails at row 2: KeyError: 'x'"),
        ("own:texts", PluginError, "own:texts gives 'a' as a row"),
        ("own:gone", PluginError, "made-up.toml: rows: 'own:gone': .*own.py has none"),
        ("far:gone", PluginError, r"there is no module 'far', neither in .* nor installed"),
        ("bad:gone", PluginError, "the module cannot be imported: SyntaxError"),
    ],
)
def test_functions_that_fail(
    tmp_path: Path, rule: str, error: type[Exception], message: str
) -> None:
    (tmp_path / "own.py").write_text(CODE)
    (tmp_path / "bad.py").write_text("def")
    (tmp_path / "test.x").write_text("a\nb\n")
    with pytest.raises(error, match=message):
        made(tmp_path, {"files": {"test": "test.x"}, "rows": rule})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"fields": {"a": "{b}"}}, r"fields\.a names \{b\}, which sample test-0 does not have"),
        ({"columns": {"id": "{b}"}}, r"columns\.id names \{b\}, which sample .*:1 does not have"),
        ({"columns": {"id": "n"}}, r":1: columns\.id: 'n' is None, and no name"),
        ({"columns": {"part": "l"}}, r":1: columns\.part: 'l' is \['x'\], and no name"),
        ({"rows": {"parse": {"b": "json"}}}, r":1: rows\.parse: no row has 'b' \(columns: q"),
        ({"fields": {"a": {"of": "q", "line": "x"}}}, r"fields\.a: 'q' is no list"),
    ],
)
def test_what_rows_do_not_have(tmp_path: Path, keys: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        made(tmp_path, keys, {"q": "?", "n": None, "l": ["x"]})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"clean": [{"fields": ["q"], "pattern": "a", "replacement": "\\9"}]}, "does not fit"),
        ({"rows": {"limit": 0}}, r"rows\.limit: must be 1 or more"),
        ({"columns": {"options": ["a"]}}, r"columns\.options: must be two or more"),
        ({"variants": {"a": {"template": "chat", "prompt": 5}}}, r"variants\.a\.prompt: must be"),
    ],
)
def test_keys_that_cannot_be(tmp_path: Path, keys: dict[str, Any], message: str) -> None:
    with pytest.raises(PluginError, match=message):
        declared(tmp_path, keys)


@pytest.mark.parametrize("key", ["media", "downloads", "groups", "metrics", "card", "evaluator"])
def test_what_every_start_reads_is_checked_in_words(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match=rf"made-up.toml: {key}: must be a \w+, got 5"):
        declared(tmp_path, {key: 5})


def test_a_text_by_what_a_column_says(tmp_path: Path) -> None:
    """Rows without options are open questions, and are asked otherwise."""
    keys = {
        "columns": {"choices": "options", "answer": "answer", "answer_is": "letter"},
        "choices": {"optional": True},
        "fields": {
            "asked": {
                "of": "has_options",
                "texts": {"true": "{q}\n{options}\nOne letter of {letters}.", "*": "{q} Briefly."},
            }
        },
    }
    lines = (
        {"q": "Which?", "options": ["x", "y"], "answer": "B"},
        {"q": "How many?", "options": [], "answer": "7"},
        {"q": "How many?", "options": None, "answer": "8"},
    )
    found = made(tmp_path, keys, *lines)
    assert [one.fields["asked"] for one in found] == [
        "Which?\nA. x\nB. y\nOne letter of A, B.",
        "How many? Briefly.",
        "How many? Briefly.",
    ]
    assert [one.target for one in found] == ["B", "7", "8"]
    del keys["fields"]["asked"]["texts"]["*"]
    with pytest.raises(DataError, match="no text for 'false'"):
        made(tmp_path, keys, *lines)
