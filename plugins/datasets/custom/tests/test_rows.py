"""What a row becomes, what is told of it, and what each fault is told like."""

from __future__ import annotations

import csv
import datetime
import decimal
import io
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.api import DataError, MediaPlace, Sample
from aisbench.data import media_value, read_table, whole_number
from aisbench_plugin_custom.dataset import Custom
from aisbench_plugin_custom.rows import log
from aisbench_plugin_custom.settings import CustomColumns, CustomSettings
from aisbench_plugin_custom.templates import RowChat, RowChatSettings

DATA = Path(__file__).parent / "data"


def custom(path: Path, **settings: Any) -> Custom:
    return Custom(CustomSettings(path=path, **settings))


def written(tmp_path: Path, content: str | bytes, name: str = "rows.jsonl") -> Path:
    file = tmp_path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def only(file: Path, **settings: Any) -> Sample:
    (sample,) = custom(file, **settings).samples()
    return sample


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Our messages, also where core's own logging has been set up in this process."""
    messages: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    with caplog.at_level(logging.INFO, log.name):
        yield messages
    log.removeHandler(handler)


def test_questions() -> None:
    first, second, third = custom(DATA / "questions.jsonl").samples()
    assert [first.id, second.id, third.id] == ["row-0", "row-1", "last"]
    assert (first.target, second.target, third.target) == ("8", "braces", None)
    assert first.generation == {"max_tokens": 64}
    assert second.generation == {"temperature": 0.5}
    assert third.generation == {}
    assert first.fields["context"] == "Zoology"
    assert second.fields["system"] == "Be brief."
    assert "answer" not in third.fields


def test_choices() -> None:
    river, cork = custom(DATA / "choices.csv").samples()
    assert river.fields["question"] == "Which, of these, is a river?"
    assert river.fields["options"] == "A. Elbe\nB. Alps"
    assert river.fields["letters"] == "A, B"
    assert (river.target, river.generation) == ("A", {})
    assert cork.fields["choices"] == ["lead", "cork,\nof course", "gold"]
    assert (cork.target, cork.generation) == ("B", {"max_tokens": 16})


def test_chats() -> None:
    first, second = custom(DATA / "chats.jsonl").samples()
    assert first.target == "at six"
    assert first.fields["messages"] == [
        {"role": "system", "content": "You know tides."},
        {"role": "user", "content": "When?"},
    ]
    assert second.generation == {"max_tokens": 5}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("questions.jsonl", "3 rows, questions"),
        ("choices.csv", "2 rows, multiple choice"),
        ("chats.jsonl", "2 rows, whole chats"),
    ],
)
def test_what_was_detected_is_said(name: str, words: str, told: list[str]) -> None:
    custom(DATA / name).samples()
    (message,) = told
    assert message.startswith(f"custom: {name}: {words} (told from the columns")


def test_the_kind_can_be_set(told: list[str]) -> None:
    samples = custom(DATA / "choices.csv", kind="qa").samples()
    assert "letters" not in samples[0].fields
    assert samples[1].target == "b"
    assert told == ["custom: choices.csv: 2 rows, questions (as set)"]
    with pytest.raises(DataError, match="0 options"):
        custom(DATA / "questions.jsonl", kind="mcq").samples()
    with pytest.raises(DataError, match="no list of messages"):
        custom(DATA / "questions.jsonl", kind="messages").samples()


def test_columns_can_be_called_otherwise(tmp_path: Path) -> None:
    row = {"q": "?", "gold": "opt2", "opt1": "x", "opt2": 5, "sys": "S", "cap": 3, "key": 9}
    columns = CustomColumns(
        question="q",
        answer="gold",
        choices=("opt1", "opt2"),
        system="sys",
        max_tokens="cap",
        id="key",
    )
    sample = only(written(tmp_path, json.dumps(row)), columns=columns)
    assert sample.id == "9"
    assert sample.fields["options"] == "A. x\nB. 5"
    assert (sample.target, sample.generation) == ("B", {"max_tokens": 3})
    assert sample.fields["system"] == "S"


@pytest.mark.parametrize("answer", ["B", "b", " B ", "second"])
def test_one_column_may_hold_all_options(tmp_path: Path, answer: str) -> None:
    row = {"question": "?", "choices": ["first", "second"], "answer": answer}
    columns = CustomColumns(choices=("choices",))
    assert only(written(tmp_path, json.dumps(row)), columns=columns).target == "B"


def test_only_the_columns_in_a_row_from_a_are_options(tmp_path: Path) -> None:
    row = {"question": "?", "A": "x", "B": "y", "X": "another matter"}
    assert only(written(tmp_path, json.dumps(row))).fields["choices"] == ["x", "y"]


def test_a_column_that_the_template_decides_by_is_not_taken_by_name(tmp_path: Path) -> None:
    row = {"question": "?", "messages": "note", "letters": "note", "note": "kept"}
    fields = only(written(tmp_path, json.dumps(row)), kind="qa").fields
    assert fields == {"question": "?", "note": "kept"}


def test_generation_and_messages_in_csv_are_json(tmp_path: Path) -> None:
    cells = [
        ["messages", "generation", "max_tokens"],
        ['[{"role": "user", "content": "Hi"}]', '{"max_tokens": 9, "top_k": 3}', "4"],
        ['[{"role": "user", "content": "Ho"}]', "", ""],
    ]
    text = io.StringIO()
    csv.writer(text).writerows(cells)
    first, second = custom(written(tmp_path, text.getvalue(), "t.CSV")).samples()
    assert first.generation == {"max_tokens": 4, "top_k": 3}
    assert second.generation == {}


def test_a_cell_may_be_longer_than_csv_s_own_limit(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    file = written(tmp_path, "question\n" + "x" * 200_000 + "\n", "long.csv")
    assert len(str(only(file).fields["question"])) == 200_000
    assert csv.field_size_limit() == before


def test_files_with_long_cells_are_read_at_once(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    text = "question\n" + ("x" * 200_000 + "\n") * 20
    files = [written(tmp_path, text, f"long-{number}.csv") for number in range(8)]
    with ThreadPoolExecutor(len(files)) as pool:
        for _ in range(3):
            assert [len(rows) for rows in pool.map(read_table, files)] == [20] * len(files)
    assert csv.field_size_limit() == before


QUESTION = '{"question": "?"}\n'
USER = '{"role": "user", "content": "a"}'


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b"", "the file is empty"),
        ("a.jsonl", b"\n \n", "the file is empty"),
        ("a.csv", b"", "the file is empty"),
        ("a.csv", b"question,answer\n", "there are no rows"),
        ("a.csv", b"How many?,8\nWhy?,7\n", r"a\.csv:2: no column 'question' .*How many"),
        ("a.csv", b"question,column_1,\nb,c\n", r":2: 2 cells, and line 1 names 3 columns"),
        ("a.csv", b"question,question\nb,c\n", r":1: the header names two columns 'question'"),
        ("a.csv", b"question,answer\nb,c\nd\n", r":3: 1 cells, and line 1 names 2 columns"),
        ("a.csv", b'question,answer\n"b\nb",c\nd,e,f\n', r":4: 3 cells"),
        ("a.csv", b'question,answer\n"b"b,c\n', r":2: not CSV"),
        ("a.csv", b'question,answer\n"b,c\n', r":2: not CSV"),
        ("a.csv", b"question\nb\xff\n", r":2: not UTF-8"),
        ("a.csv", b"question,max_tokens\nb,2\nc,-1\n", r":3: max_tokens is '-1', not a positive"),
        ("a.csv", b"question,max_tokens\nb,1.5\n", r":2: max_tokens is '1\.5', not a positive"),
        ("a.csv", "question,max_tokens\nb,²\n".encode(), ":2: max_tokens is '²', not a pos"),
        ("a.txt", b"question\nb\n", "the ending '.txt' is not that of a known format"),
        ("a", b"question\nb\n", "the ending 'nothing' is not that of a known format"),
        ("a.jsonl", QUESTION.encode() + b'{"question": "b', r":2: not JSON"),
        ("a.jsonl", b"[1]\n", r":1: not a JSON object"),
        ("a.jsonl", b'{"question": "a", "n": -Infinity}\n', r":1: not JSON \(-Infinity is not a"),
        ("a.jsonl", b'{"a":' * 100_000, r":1: not JSON"),
        ("a.jsonl", b'{"question": "a \\ud83d"}\n', r":1: half of a surrogate pair"),
        ("a.jsonl", b'{"Question": "a"}\n', r":1: no column 'question' \(columns: Question\)"),
        ("a.jsonl", b"{}\n", r":1: no column 'question' \(columns: none\)"),
        ("a.jsonl", b'{"question": " "}\n', r":1: no text under 'question'"),
        ("a.jsonl", b'{"question": 4}\n', r":1: no text under 'question'"),
        ("a.jsonl", b'{"question": "a", "max_tokens": 0}\n', ":1: max_tokens is 0"),
        ("a.jsonl", b'{"question": "a", "max_tokens": true}\n', ":1: max_tokens is True"),
        ("a.jsonl", b'{"question": "a", "max_tokens": 2.0}\n', r":1: max_tokens is 2\.0"),
        (
            "a.jsonl",
            b'{"question": "a", "generation": [1]}\n',
            ":1: 'generation' is not a JSON",
        ),
        ("a.jsonl", b'{"question": "a", "generation": "{"}\n', ":1: not JSON"),
        ("a.jsonl", b'{"question": "a", "system": []}\n', ":1: 'system' is not text"),
        ("a.jsonl", b'{"question": "a", "id": 1.5}\n', ":1: 'id' is not text"),
        (
            "a.jsonl",
            b'{"question": "a", "id": 1}\n{"question": "b", "id": "1"}',
            r":2: the id '1' is that of .*a\.jsonl:1 already",
        ),
        ("a.jsonl", b'{"question": "?", "A": "x", "B": ""}\n', r":1: 1 options"),
        ("a.jsonl", b'{"question": "?", "A": "", "B": "x"}\n', r":1: 2 options, an empty one"),
        (
            "a.jsonl",
            b'{"question": "?", "A": "x", "B": "y", "answer": "C"}\n',
            r":1: the answer 'C' is none of the options",
        ),
        ("a.jsonl", b'{"messages": []}\n', ":1: no list of messages"),
        ("a.jsonl", b'{"messages": "Hello"}\n', ":1: not JSON"),
        ("a.jsonl", b'{"messages": [{"role": "user"}]}\n', ":1: a message without role"),
        ("a.jsonl", b'{"messages": [{"role": "me", "content": ""}]}', ":1: a message without"),
        (
            "a.jsonl",
            f'{{"messages": [{USER}, {{"role": "assistant", "content": "b"}}]}}'.encode(),
            ":1: the last message is not the user's",
        ),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        custom(written(tmp_path, content, name)).samples()
    assert name in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (CustomColumns(answer="gold"), r"no column 'gold', which columns\.answer names"),
        (CustomColumns(choices=("A", "E")), r"no column 'E', which columns\.choices names"),
    ],
)
def test_a_column_that_the_suite_names_must_be_there(columns: CustomColumns, message: str) -> None:
    with pytest.raises(DataError, match=message):
        custom(DATA / "choices.csv", columns=columns).samples()


def test_files(tmp_path: Path) -> None:
    file = written(tmp_path, QUESTION)
    assert custom(file).files() == [file]
    meta = written(tmp_path, '{"request_count": 2}', "rows.jsonl.meta.json")
    assert custom(file).files() == [file, meta]
    assert len(custom(file).samples()) == 2
    examples = DATA / "examples.jsonl"
    named = custom(file, meta=DATA / "meta.json", examples=examples)
    assert named.files() == [file, DATA / "meta.json", examples]
    assert [one.id for one in named.examples()] == ["example-0", "example-1"]
    with pytest.raises(DataError, match="no file of examples is named"):
        custom(file).examples()
    for key in ("meta", "examples"):
        with pytest.raises(DataError, match="nowhere does not exist") as caught:
            custom(file, **{key: tmp_path / "nowhere"}).files()
        assert caught.value.hint.startswith(key)
    with pytest.raises(DataError, match="is a folder"):
        custom(tmp_path).samples()


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(st.lists(st.dictionaries(TEXTS, TEXTS | st.integers(), max_size=4), min_size=1, max_size=6))
def test_jsonl_comes_back_as_it_was(tmp_path_factory: Any, rows: list[dict[str, Any]]) -> None:
    folder = tmp_path_factory.mktemp("rows")
    text = "\n".join(json.dumps(row, ensure_ascii=bool(len(row) % 2)) for row in rows)
    assert [row.cells for row in read_table(written(folder, text))] == rows


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6), st.sampled_from("\n\r"))
def test_csv_comes_back_as_it_was(
    tmp_path_factory: Any, rows: list[tuple[str, str]], end: str
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("one", "two"), *rows])
    found = read_table(written(folder, text.getvalue(), "rows.csv"))
    assert [tuple(row.cells.values()) for row in found] == rows


@given(st.binary(max_size=60), st.sampled_from([".csv", ".jsonl"]))
def test_any_bytes_are_read_or_refused(tmp_path_factory: Any, content: bytes, end: str) -> None:
    file = written(tmp_path_factory.mktemp("rows"), content, f"rows{end}")
    try:
        custom(file).samples()
    except DataError as error:
        assert error.hint


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none()))
def test_whole_numbers(value: Any) -> None:
    found = whole_number(value)
    assert found is None or (found > 0 and str(found) == str(value).strip().lstrip("0"))


# -- Parquet


def parquet(folder: Path, **columns: Any) -> Path:
    """A file with these columns."""
    file = folder / "rows.parquet"
    pq.write_table(pa.table(columns), file)
    return file


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8


def test_parquet_of_many_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AISBENCH_DATA", str(tmp_path / "home"))
    columns = {
        "question": ["How many?"], "answer": [decimal.Decimal("4.50")],
        "day": [datetime.date(2026, 11, 26)], "image": [{"bytes": PNG, "path": None}],
    }  # fmt: skip
    file = parquet(tmp_path, **columns)
    sample = only(file)
    assert (sample.target, sample.fields["day"]) == ("4.50", "2026-11-26")
    assert sample.place == f"{file}: row 1"
    template = RowChat(RowChatSettings(user="{question} {image}"))
    with pytest.raises(DataError, match=r"names \{image\}: .*rows.parquet: the column 'image'"):
        template.render(sample, ())
    shown = only(file, columns=CustomColumns(files=("image",)))
    assert shown.fields["image"] == media_value(file, MediaPlace(row=0, column="image"), "image")


@pytest.mark.parametrize("name", ["question", "answer", "A", "system", "id", "part"])
def test_columns_that_are_read_must_be_readable(tmp_path: Path, name: str) -> None:
    columns: dict[str, list[Any]] = {
        "question": ["?"], "answer": ["B"], "A": ["a"], "B": ["b"], "system": [""],
        "id": ["1"], "part": ["p"], "picture": [PNG],
    }  # fmt: skip
    assert only(parquet(tmp_path, **columns)).target == "B"
    columns[name] = [PNG]
    with pytest.raises(
        DataError, match=f"rows.parquet: row 1: .*the column '{name}' holds a picture"
    ):
        only(parquet(tmp_path, **columns))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('{"question": "Q:", "A": " yes", "B": " no way ", "answer": "no way"}\n', "rows.jsonl"),
        ("question,A,B,answer\nQ:, yes, no way ,no way\n", "rows.csv"),
    ],
)
def test_options_keep_the_blanks_that_they_have(tmp_path: Path, content: str, name: str) -> None:
    """Behind "Q:" an option without its blank would be scored as "Q:yes"."""
    sample = only(written(tmp_path, content, name))
    assert sample.fields["choices"] == [" yes", " no way "]
    assert sample.fields["options"] == "A. yes\nB. no way"
    assert sample.target == "B"


def test_a_list_of_options_keeps_them_too(tmp_path: Path) -> None:
    row = {"question": "Q:", "options": [" yes", "no", "  "], "answer": "A"}
    file = written(tmp_path, json.dumps(row) + "\n")
    sample = only(file, kind="mcq", columns=CustomColumns(choices=("options",)))
    assert sample.fields["choices"] == [" yes", "no"]
    spoilt = written(tmp_path, json.dumps({**row, "options": [" yes", " ", "no"]}) + "\n")
    with pytest.raises(DataError, match="an empty one among them"):
        only(spoilt, kind="mcq", columns=CustomColumns(choices=("options",)))
