"""Which rows the files hold: [rows], [[rows.join]], formats, patterns and parts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from declaring import declared, fields, made, rows

from aisbench.base.errors import DataError, PluginError
from aisbench.declared.offers import offer_of_file

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"
SQUAD = {
    "data": [
        {
            "title": "Foxes",
            "paragraphs": [
                {"context": "c1", "qas": [{"id": "1", "q": "a?"}, {"id": "2", "q": "b?"}]},
                {"context": "c2", "qas": [{"id": "3", "q": "c?"}]},
            ],
        },
        {"title": "Owls", "paragraphs": [{"context": "c3", "qas": []}]},
    ]
}


def write(folder: Path, name: str, content: Any) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")


def test_lists_in_lists(tmp_path: Path) -> None:
    write(tmp_path, "test.json", SQUAD)
    keys = {
        "files": {"test": "test.json"},
        "columns": {"records": "data", "id": "id"},
        "rows": {"explode": ["paragraphs", "qas"], "item": "nr"},
    }
    samples = made(tmp_path, keys)
    assert [one.id for one in samples] == ["test-1", "test-2", "test-3"]
    assert fields(samples, "context") == ["c1", "c1", "c2"]
    assert fields(samples, "nr") == [0, 1, 0]
    assert samples[0].fields["title"] == "Foxes" and "qas" not in samples[0].fields
    assert samples[1].place.endswith("test.json: row 1: paragraphs[0]: qas[1]")


def test_an_object_of_objects(tmp_path: Path) -> None:
    drop = {
        "p1": {"passage": "x", "qa_pairs": [{"question": "1?"}, {"question": "2?"}]},
        "p2": {"passage": "y", "qa_pairs": [{"question": "3?"}]},
    }
    write(tmp_path, "test.json", drop)
    keys = {
        "files": {"test": "test.json"},
        "rows": {"key": "passage_id", "explode": "qa_pairs"},
        "columns": {"id": "{passage_id}/{question}"},
    }
    samples = made(tmp_path, keys)
    assert [one.id for one in samples] == ["test-p1/1?", "test-p1/2?", "test-p2/3?"]
    assert fields(samples, "passage") == ["x", "x", "y"]


def test_lists_that_go_together_in_a_file_for_each_row(tmp_path: Path) -> None:
    """RACE: each text file is one JSON object."""
    for level, name in (("high", "2"), ("high", "10"), ("middle", "1")):
        write(
            tmp_path,
            f"test/{level}/{name}.txt",
            {"article": name, "questions": ["a", "b"], "options": [["x", "y"], ["z", "w"]]},
        )
    keys: dict[str, Any] = {
        "files": {"test": "test/{part}/*.txt"},
        "parts": ["*"],
        "rows": {"format": "json", "explode": [["questions", "options"]], "item": "nr"},
        "columns": {"choices": "options", "id": "{article}-{nr}"},
    }
    samples = made(tmp_path, keys)
    assert [one.id for one in samples][:3] == [
        "high/test-10-0", "high/test-10-1", "high/test-2-0",
    ]  # fmt: skip
    assert {one.part for one in samples} == {"high", "middle"}
    assert samples[1].fields["questions"] == "b" and samples[1].fields["choices"] == ["z", "w"]
    assert len(made(tmp_path, keys, parts=["middle"])) == 2
    write(tmp_path, "test/high/2.txt", {"article": "2", "questions": ["a"], "options": []})
    with pytest.raises(DataError, match=r"different lengths \(questions: 1, options: 0\)"):
        made(tmp_path, keys)


def test_second_files(tmp_path: Path) -> None:
    write(tmp_path, "test-labels.lst", "1\n0\n")
    join: dict[str, Any] = {"file": "{split}-labels.lst", "by": "line", "names": ["label"]}
    keys = {"rows": {"join": [join]}, "columns": {"answer": "label"}}
    lines = ({"q": "a", "id": 7}, {"q": "b", "id": "8"})
    assert [one.target for one in made(tmp_path, keys, *lines)] == ["1", "0"]
    assert tmp_path / "test-labels.lst" in declared(tmp_path, keys).files()
    for content, message in (
        ("1\n", "1 rows, and .*test.jsonl:1 and what follows are 2"),
        ("1\n0\n1\n", "3 rows, and"),
    ):
        write(tmp_path, "test-labels.lst", content)
        with pytest.raises(DataError, match=message):
            made(tmp_path, keys, *lines)


def test_second_files_by_id(tmp_path: Path) -> None:
    lines = ({"q": "a", "id": 7}, {"q": "b", "id": "8"})
    join: dict[str, Any] = {"file": ["gone.json", "gold.json"], "by": "id", "other": "nr"}
    keys = {"rows": {"join": [join]}, "columns": {"answer": "gold"}}
    write(tmp_path, "gold.json", [{"nr": "8", "gold": "y"}, {"nr": "7", "gold": "x"}])
    assert [one.target for one in made(tmp_path, keys, *lines)] == ["x", "y"]
    for content, message in (
        ([{"nr": 7, "gold": "x"}], r"test.jsonl:2: .*gold.json has no row whose 'nr' is '8'"),
        ([{"nr": 7}, {"nr": "7"}], r"row 2: the 'nr' '7' is that of .*row 1 already"),
        ([{"nr": 7, "q": 1}, {"nr": 8, "q": 2}], r"the column 'q' is in .*test.jsonl:1 too"),
    ):
        write(tmp_path, "gold.json", content)
        with pytest.raises(DataError, match=message):
            made(tmp_path, keys, *lines)
    under = {"rows": {"join": [{**join, "under": "two"}]}, "columns": {"answer": "two.q"}}
    assert [one.target for one in made(tmp_path, under, *lines)] == ["1", "2"]
    other_split = {"rows": {"join": [{**join, "file": {"dev": "gold.json"}}]}}
    assert "gold" not in made(tmp_path, other_split, *lines)[0].fields


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ({"n": 1}, ["a"]),
        ({"n": "2"}, ["b"]),
        ({"n": [1, 3]}, ["a", "c"]),
        ({"n": {"not": 1}}, ["b", "c"]),
        ({"n": {"not": [1, "2"]}}, ["c"]),
        ({"q": {"matches": "[bc]"}}, ["b", "c"]),
        ({"x": {"present": True}}, ["c"]),
        ({"x": {"present": False}, "n": 1}, ["a"]),
        ({"ok": True}, ["a"]),
        ({"in.deep": 5}, ["b"]),
    ],
)
def test_rows_that_are_kept(tmp_path: Path, where: dict[str, Any], kept: list[str]) -> None:
    lines = (
        {"q": "a", "n": 1, "x": "", "ok": True, "in": {"deep": 4}},
        {"q": "b", "n": 2, "x": [], "ok": False, "in": {"deep": 5}},
        {"q": "c", "n": "3", "x": "y", "ok": None, "in": {"deep": 6}},
    )
    assert fields(made(tmp_path, {"rows": {"where": where}}, *lines), "q") == kept


def test_a_condition_on_nothing(tmp_path: Path) -> None:
    for where, message in (
        ({"m": 1}, r":1: no column 'm' \(columns: q, n\)"),
        ({"q.x": 1}, r":1: 'q.x' leads nowhere: q has no 'x': it is a text"),
        ({"n": 9}, "no row of .* is left"),
    ):
        with pytest.raises(DataError, match=message):
            made(tmp_path, {"rows": {"where": where}}, {"q": "a", "n": 1})


def test_headers_quotes_and_skipped_lines(tmp_path: Path) -> None:
    write(tmp_path, "test.csv", ",Question,A\n0,why?,x\n")
    samples = made(tmp_path, {"files": {"test": "test.csv"}, "columns": {"id": "column_1"}})
    assert samples[0].id == "test-0" and samples[0].fields["Question"] == "why?"
    write(tmp_path, "test.csv", 'made by hand\n"q\n"why, q\t["a"]\n')
    keys = {
        "files": {"test": "test.csv"},
        "rows": {"format": "tsv", "quotes": False, "skip": 2, "parse": {"a": "literal"}},
        "columns": {"names": ["q", "a"], "answer": "a"},
    }
    samples = made(tmp_path, keys)
    assert samples[0].fields["q"] == '"why, q' and samples[0].target == ["a"]
    assert samples[0].place.endswith("test.csv:3")
    write(tmp_path, "test.csv", "h,i\n0,q1,r\n")
    keys = {
        "files": {"test": "test.csv"},
        "rows": {"skip": 1},
        "columns": {"names": ["", "q", "r"]},
    }
    assert made(tmp_path, keys)[0].fields == {"q": "q1", "r": "r"}
    (tmp_path / "test.lst.gz").write_bytes(gzip.compress(b"one\ntwo\n"))
    assert fields(made(tmp_path, {"files": {"test": "test.lst.gz"}}), "line") == ["one", "two"]


def test_data_in_texts(tmp_path: Path) -> None:
    keys = {"rows": {"parse": {"j": "json", "l": "list"}, "explode": "j"}}
    lines = ({"j": '[{"q": 1}, {"q": 2}]', "l": "a"}, {"j": "[]", "l": "['x']"})
    assert fields(made(tmp_path, keys, *lines), "q") == [1, 2]
    assert made(tmp_path, {"rows": {"parse": {"l": "list"}}}, *lines)[1].fields["l"] == ["x"]
    with pytest.raises(DataError, match=r":1: 'j' is no literal of Python: "):
        made(tmp_path, {"rows": {"parse": {"j": "literal"}}}, {"j": "open('x')"})


def test_limits(tmp_path: Path) -> None:
    lines = [{"q": str(n), "p": "ab"[n % 2]} for n in range(6)]
    columns = {"columns": {"part": "p"}}
    assert fields(made(tmp_path, {**columns, "rows": {"limit": 2}}, *lines), "q") == [
        "0", "1", "2", "3",
    ]  # fmt: skip
    keys = {**columns, "rows": {"limit": {"a": 1}}}
    assert fields(made(tmp_path, keys, *lines), "q") == ["0", "1", "3", "5"]


def test_one_file_for_all_parts_and_columns_of_one_split(tmp_path: Path) -> None:
    """MGSM's exemplars."""
    write(tmp_path, "exemplars.json", {"de": {"1": {"q": "Q", "a": 5}}, "fr": {"1": {"q": "R"}}})
    for part in ("de", "fr"):
        write(tmp_path, f"{part}.tsv", "why?\t3\n")
    keys = {
        "files": {"test": "{part}.tsv", "dev": "exemplars.json"},
        "examples": "dev",
        "groups": [{"name": "all", "members": ["de", "fr"]}],
        "titles": ["German", "French"],
        "columns": {"names": ["question", "answer"], "answer": "answer"},
        "splits": {
            "dev": {
                "columns": {"names": [], "records": "{part}", "answer": "a"},
                "rows": {"key": "nr"},
            }
        },
        "unanswered": ["dev"],
    }
    dataset = declared(tmp_path, keys)
    assert [(one.id, one.target, one.fields["title"]) for one in dataset.samples()] == [
        ("de/test-0", "3", "German"),
        ("fr/test-0", "3", "French"),
    ]
    assert [(one.id, one.part, one.target) for one in dataset.examples()] == [
        ("de/dev-0", "de", "5"),
        ("fr/dev-0", "fr", None),
    ]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"rows": {"explod": "x"}}, "rows.explod: is not a key here .did you mean 'explode'"),
        ({"rows": {"join": [{"by": "line"}]}}, r"rows.join\[0\].file: is missing"),
        ({"rows": {"item": "n"}}, "rows.item: has no effect without rows.explode"),
        ({"rows": {"where": {"q": {"like": 1}}}}, r"rows.where.q: .*like"),
        ({"rows": {"where": {"q": {"matches": "("}}}}, r"rows.where.q: .*regular expression"),
        ({"rows": "reader"}, 'rows: must be "module:function"'),
        (
            {"splits": {"test": {"rows": {"use": "reader"}}}},
            'splits.test.rows.use: must be "module:function"',
        ),
        ({"splits": {"dv": {}}}, "splits.dv: there is no split 'dv' under files"),
        ({"splits": {"test": {"columns": {"nam": "x"}}}}, "splits.test.columns.nam: is not a key"),
        ({"files": {"test": "{part}.csv"}}, r"parts: is missing: files.test names \{part\}"),
        ({"unanswered": ["tset"]}, "there is no split 'tset'.*did you mean 'test'"),
    ],
)
def test_wrong_keys(tmp_path: Path, keys: dict[str, Any], message: str) -> None:
    with pytest.raises(PluginError, match=message) as caught:
        declared(tmp_path, keys)
    assert str(tmp_path / "made-up.toml") in str(caught.value)


def test_names_of_which_none_is_there(tmp_path: Path) -> None:
    keys: dict[str, Any] = {
        "files": {"test": ["{part}.jsonl", "{part}/all.jsonl"]},
        "parts": ["a"],
    }
    (tmp_path / "a").mkdir()
    with pytest.raises(DataError, match=r"holds no file a.jsonl or a/all.jsonl, but a, made-up"):
        made(tmp_path, keys)
    with pytest.raises(DataError, match="elsewhere does not exist"):
        made(tmp_path, keys, path=str(tmp_path / "elsewhere"))
    (tmp_path / "data.zip").touch()
    with pytest.raises(DataError) as caught:
        made(tmp_path, keys)
    assert "unpack data.zip there, or name the folder" in str(caught.value.hint)
    rows(tmp_path / "a", {"q": 1}, name="all.jsonl")
    assert fields(made(tmp_path, keys), "q") == [1]


def test_patterns_that_match_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no file \*.jsonl"):
        made(tmp_path, {"files": {"test": "*.jsonl"}})
    with pytest.raises(DataError, match=r"no file in .* is called \{part\}.jsonl"):
        made(tmp_path, {"files": {"test": "{part}.jsonl"}, "parts": ["*"]})
    rows(tmp_path, {"q": 1}, name="b.jsonl")
    rows(tmp_path, {"q": 2}, {"q": 3}, name="a.jsonl")
    assert fields(made(tmp_path, {"files": {"test": "*.jsonl"}}), "q") == [2, 3, 1]


def test_rows_that_are_lists(tmp_path: Path) -> None:
    qas = [{"q": "a", "gold": "x"}, {"q": "b", "gold": "y"}]
    content = [[["text"], qas, "d1"], [["more"], qas[:1], "d2"]]
    columns = {"names": ["lines", "qas", "doc"], "answer": "gold"}
    keys: dict[str, Any] = {"columns": columns, "rows": {"explode": "qas"}}
    for name in ("test.json", "test.jsonl"):
        if name == "test.json":
            write(tmp_path, name, content)
        else:
            rows(tmp_path, *content)
        samples = made(tmp_path, {**keys, "files": {"test": name}})
        assert fields(samples, "doc") == ["d1", "d1", "d2"]
        assert [one.target for one in samples] == ["x", "y", "x"]
        few = {**keys, "files": {"test": name}, "columns": {**columns, "names": ["lines", "qas"]}}
        with pytest.raises(DataError, match="a list of 3, and a row has 2 columns"):
            made(tmp_path, few)
    with pytest.raises(DataError, match=r"its rows are lists; columns\.names names what is in"):
        made(tmp_path, {"files": {"test": "test.json"}})


def test_columns_by_another_name(tmp_path: Path) -> None:
    line = {"q": "?", "target": {"span": "him"}, "label": "no"}
    keys: dict[str, Any] = {"columns": {"answer": "label"}, "fields": {"who": "{spans.span}"}}
    renamed = {**keys, "rows": {"rename": {"target": "spans"}, "where": {"spans.span": "him"}}}
    (sample,) = made(tmp_path, renamed, line)
    assert (sample.target, sample.fields["who"]) == ("no", "him")
    assert sample.fields["target"] == "no"
    optional = {"rename": {"target?": "spans", "absent?": "x"}}
    (sample,) = made(tmp_path, {**keys, "rows": optional}, line)
    assert "spans" in sample.fields and "x" not in sample.fields
    for rename, message in (
        ({"targets": "spans"}, r":1: rows\.rename: no column 'targets' \(columns: q, target"),
        ({"target": "q"}, r"rows\.rename: 'q' is there too"),
    ):
        with pytest.raises(DataError, match=message):
            made(tmp_path, {**keys, "rows": {"rename": rename}}, line)
    with pytest.raises(DataError) as caught:
        made(tmp_path, {**keys, "fields": {"who": "{target.span}"}}, line)
    assert "{target} is the reference; rows.rename" in caught.value.hint


def test_compressed_lines_of_a_second_file(tmp_path: Path) -> None:
    (tmp_path / "gold.txt.gz").write_bytes(gzip.compress(b"x\ny\n"))
    keys = {
        "rows": {"join": [{"file": "gold.txt.gz", "by": "line", "names": ["gold"]}]},
        "columns": {"answer": "gold"},
    }
    assert [one.target for one in made(tmp_path, keys, {"q": "a"}, {"q": "b"})] == ["x", "y"]


def test_a_blank_reference_beside_aliases(tmp_path: Path) -> None:
    columns = {
        "answer": "impossible",
        "answers": {"true": "unanswerable", "false": ""},
        "aliases": ["answers[*].text"],
    }
    lines = (
        {"q": "a", "impossible": False, "answers": [{"text": "x"}]},
        {"q": "b", "impossible": True, "answers": []},
    )
    samples = made(tmp_path, {"columns": columns}, *lines)
    assert [one.target for one in samples] == ["x", "unanswerable"]


@pytest.mark.parametrize(
    ("name", "text", "message", "hint"),
    [
        ("t.csv", "id\tq\n1\ta, b\n", "2 cells, and line 1 names 1", 'format = "tsv"'),
        ("t.tsv", "id,q\n1\ta\n", "2 cells, and line 1 names 1", 'format = "csv"'),
        ("t.tsv", "id,q\n1,a\n", r"no row has 'a' \(columns: 'id,q'\)", "correct columns.answer"),
        ("t.json", '{"a": 1}\n{"a": 2}\n', "not JSON", 'format = "jsonl"'),
        ("t.json", '{"a": 1,\n"b"}', "not JSON", "says of it"),
        ("t.json", '{"v": 1, "d": [{"a": 1}]}', r"rows may be under columns\.records = 'd'", ""),
        ("t.csv", 'a,b\n1,"x"y"\n', "not CSV", "quotes = false"),
        ("t.csv", POINTER, "t.csv: is a pointer of Git LFS", "git lfs pull"),
        ("t.parquet", POINTER, "t.parquet: is a pointer of Git LFS", "git lfs pull"),
        ("t.txt", "\n<!DOCTYPE html>\n<html>", "t.txt: is a web page", "the raw file"),
    ],
)
def test_files_of_another_form(
    tmp_path: Path, name: str, text: str, message: str, hint: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        made(tmp_path, {"files": {"test": name}, "columns": {"answer": "a"}})
    assert hint in caught.value.hint


def test_a_parquet_file_in_the_place_of_another_format(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist([{"q": 1}]), tmp_path / "test.parquet")
    names = {"test": ["test.json", "test.parquet"]}
    assert fields(made(tmp_path, {"files": names, "rows": {"format": "jsonl"}}), "q") == [1]


def test_a_published_file_without_references(tmp_path: Path) -> None:
    card = {"task": "capitals", "licence": "MIT", "source": "https://example.org/rows"}
    keys = {"columns": {"answer": "a"}, "card": card}
    with pytest.raises(DataError, match=r"columns\.answer: no row has 'a'") as caught:
        made(tmp_path, keys, {"q": 1})
    assert caught.value.hint.startswith("the file is not as published; get it again from https")


def test_a_declaration_that_begins_with_a_mark_of_its_encoding(tmp_path: Path) -> None:
    rows(tmp_path, {"q": "a"})
    declared(tmp_path, {})
    file = tmp_path / "made-up.toml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert offer_of_file(file).summary == "Made up."


@pytest.mark.parametrize(
    ("name", "keys", "said"),
    [
        ("test.jsonl", {"rows": {"quotes": False}}, r"rows\.quotes has no effect .* jsonl"),
        ("test.jsonl", {"rows": {"key": "id"}}, r"rows\.key has no effect .* jsonl"),
        ("test.csv", {"columns": {"records": "data"}}, r"columns\.records has no effect .* csv"),
        ("test.jsonl", {"columns": {"names": ["a", "b"]}}, r":1: columns\.names has no effect"),
    ],
)
def test_keys_that_say_nothing_about_a_file(
    tmp_path: Path, name: str, keys: dict[str, Any], said: str
) -> None:
    write(tmp_path, name, '{"q": "a?"}\n' if name.endswith("l") else "q\na?\n")
    with pytest.raises(DataError, match=said):
        made(tmp_path, {"files": {"test": name}, **keys})


def test_files_that_a_suite_calls_otherwise(tmp_path: Path) -> None:
    """As a hub does, in folders and pieces."""
    (tmp_path / "main").mkdir()
    for piece in (0, 1):
        line = json.dumps({"q": f"why {piece}?", "a": "5"})
        (tmp_path / "main" / f"test-{piece}.jsonl").write_text(f"{line}\n")
    keys = {"columns": {"answer": "a"}}
    named = {"test": "main/test-*.jsonl"}
    assert fields(made(tmp_path, keys, files=named), "q") == ["why 0?", "why 1?"]
    added = made(tmp_path, keys, files={"more": "main/test-1.jsonl"}, split="more")
    assert fields(added, "q") == ["why 1?"]
