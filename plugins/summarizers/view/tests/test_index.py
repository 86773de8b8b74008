"""The index says what the journals say, however they came to be as they are."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored_run import prediction_row, sample_row, score_row, stored_run

import aisbench
from aisbench_plugin_view.index import query, tables
from aisbench_plugin_view.index.building import IndexBuilder
from aisbench_plugin_view.index.query import Filter
from aisbench_plugin_view.index.words import terms
from aisbench_plugin_view.viewer import answer_at

ROWS = 5
TEXTS = ("seven apples", "苹果十个", "no answer", "x_1 = \\frac{7}{2}", "")


def write(path: Path, rows: list[Any], end: bytes = b"") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in rows) + end)


def index_of(run: Path, path: Path) -> Iterator[tuple[aisbench.AnswerFiles, Path]]:
    """The index of the only task, brought up to date."""
    for files in aisbench.answer_files(run):
        IndexBuilder(files, path).update()
        yield files, path


def listed(path: Path, wanted: Filter | None = None) -> set[tuple[str, int]]:
    journal = path.parent / "s/20260101_000000/predictions/qwen/math.jsonl"
    found = query.page(path, journal, wanted or Filter(), "set", 0, 500)
    assert found.total == len(found.rows) == sum(found.verdicts.values())
    return {(one["id"], one["repeat"]) for one in found.rows}


def agrees(run: Path, path: Path) -> None:
    """The index knows every answer that core reads, with the same text and score."""
    for files, index in index_of(run, path):
        answers = {(one.sample.id, one.repeat): one for one in aisbench.load_run(run).samples()}
        assert listed(index) == set(answers)
        for (name, repeat), expected in answers.items():
            place = query.places(index, name, repeat)
            assert place is not None
            assert answer_at(files, place, repeat) == expected
        for text in filter(None, TEXTS):
            said = {
                key
                for key, one in answers.items()
                if any(text in turn.text for turn in one.responses)
            }
            words = Filter(words=f'"{text}"', within="answer")
            assert said <= listed(index, words)
        verdicts = [one.score.verdict for one in answers.values() if one.score is not None]
        for verdict in {*verdicts}:
            assert len(listed(index, Filter(verdict=verdict.value))) == verdicts.count(verdict)


ROW = st.tuples(
    st.integers(0, ROWS - 1),
    st.integers(0, 1),
    st.integers(0, 1),
    st.sampled_from(TEXTS),
    st.booleans(),
)
STEP = st.tuples(
    st.sampled_from(["append", "replace", "score"]), st.lists(ROW, max_size=6), st.booleans()
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=1, max_size=5))
def test_after_any_history_of_the_files(tmp_path: Path, steps: Any) -> None:
    shutil.rmtree(tmp_path)
    run = stored_run(tmp_path / "s" / "20260101_000000", ROWS, complete=False)
    samples = [orjson.loads(one) for one in (run / "samples/math.jsonl").read_bytes().splitlines()]
    journal = run / "predictions/qwen/math.jsonl"
    scores = run / "results/qwen/math.scores.jsonl"
    kept: list[Any] = []
    for kind, drawn, torn in steps:
        rows = [answer(samples, *one) for one in drawn]
        if kind == "append":
            kept += rows
        elif kind == "replace":
            kept = rows
        if kind != "score":
            write(journal, kept, b'{"v":1,"sam' if torn else b"")
        else:
            there = dict.fromkeys((one["sample"], one["repeat"]) for one in kept)
            write(
                scores,
                [
                    score_row(samples[int(name[5:])], int(name[5:]), "", verdict, repeat)
                    for (name, repeat), verdict in zip(
                        there, ["right", "wrong", "unparsed"] * ROWS, strict=False
                    )
                ],
            )
        agrees(run, tmp_path / "index.sqlite")


def answer(
    samples: list[Any], number: int, repeat: int, turn: int, text: str, good: bool
) -> dict[str, Any]:
    row = prediction_row(samples[number], number, text, random.Random(number), repeat)
    row["turn"] = turn
    if not good:
        row["response"]["fault"] = {"kind": "http", "message": "503 busy"}
    return row


def test_many_rows_in_several_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aisbench_plugin_view.index import building

    monkeypatch.setattr(building, "CHUNK", 5000)
    monkeypatch.setattr(building, "FIRST", 1000)
    run = stored_run(tmp_path / "s" / "20260101_000000", 120, repeats=2, words=20)
    agrees(run, tmp_path / "index.sqlite")


def test_of_a_load_that_asks_the_same_rows_again(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 4)
    load = run / "performance/qwen/math/rate=5"
    journal = load / "answers.jsonl"
    sample = orjson.loads((run / "samples/math.jsonl").read_bytes().splitlines()[0])
    write(journal, [answer([sample], 0, repeat, 0, "seven", True) for repeat in (9, 2, 4)])
    scores = run / "results/qwen/loads/rate=5/math.scores.jsonl"
    write(scores, [score_row(sample, 0, "seven", "right", number) for number in range(3)])
    for files in aisbench.answer_files(run):
        if files.load:
            IndexBuilder(files, tmp_path / "index.sqlite").update()
            expected = [
                (one.sample.id, one.repeat, one.seed)
                for one in aisbench.load_run(run, verify=False).samples(load="rate=5")
            ]
            assert listed(tmp_path / "index.sqlite") == {one[:2] for one in expected}
            assert listed(tmp_path / "index.sqlite", Filter(verdict="right")) == {
                one[:2] for one in expected
            }


def test_a_damaged_line_is_told_and_hides_no_other(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 6)
    journal = run / "predictions/qwen/math.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    for damaged in (b"{not json\n", b'{"v": 1}\n', b"[]\n"):
        journal.write_bytes(b"".join([*lines[:2], damaged, *lines[3:]]))
        for files, index in index_of(run, tmp_path / "index.sqlite"):
            assert len(listed(index)) == 5
            damage = query.progress(index, files.answers.stat().st_size)["damage"]
            assert f"math.jsonl: the line at byte {len(lines[0] + lines[1]):,}" in damage
    journal.write_bytes(b"".join(lines))
    for _, index in index_of(run, tmp_path / "index.sqlite"):
        assert len(listed(index)) == 6
        assert query.progress(index, 1)["damage"] is None


def test_rows_of_other_kinds_of_values_are_damage(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 6)
    paths = [run / "predictions/qwen/math.jsonl", run / "results/qwen/math.scores.jsonl",
             run / "samples/math.jsonl"]  # fmt: skip
    for path, key, value in zip(
        (*paths, paths[0], paths[0], paths[1], paths[0]),
        ("response", "score", "id", "repeat", "timing", "anomalies", "prompt"),
        ({"text": "x", "usage": {"prompt_tokens": {}}}, {"value": [], "verdict": 1}, {"a": 1},
         10**20, 7, [3], 7),
        strict=True,
    ):  # fmt: skip
        before = path.read_bytes()
        first, _, rest = before.partition(b"\n")
        row = {**orjson.loads(first), key: value}
        path.write_bytes(json.dumps(row).encode() + b"\n" + rest)
        for files, index in index_of(run, tmp_path / "index.sqlite"):
            assert len(listed(index)) >= 5
            told = query.progress(index, files.answers.stat().st_size)["damage"]
            assert key == "id" or f"{path.name}: the line at byte 0" in told
        path.write_bytes(before)


def test_what_no_file_is_is_not_waited_for(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 3)
    journal = run / "predictions/qwen/math.jsonl"
    journal.unlink()
    os.mkfifo(journal)
    for _, index in index_of(run, tmp_path / "index.sqlite"):
        assert listed(index) == set()


def test_an_index_that_is_none_is_made_anew(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 6)
    path = tmp_path / "index.sqlite"
    path.write_bytes(b"no data base " * 1000)
    for _, index in index_of(run, path):
        assert len(listed(index)) == 6
    connection = tables.writable(path)
    tables.write(connection, "layout", 0)
    connection.close()
    for _, index in index_of(run, path):
        assert len(listed(index)) == 6


@pytest.mark.parametrize(
    "words",
    ['"', '""', "AND", "a AND b", "NEAR(a, b)", "text:x", "*", "^x", "'; DROP TABLE answers; --",
     "{", "\\boxed{", "-x", "苹", "\ud800", "a" * 5000],
)  # fmt: skip
def test_no_search_is_an_error(tmp_path: Path, words: str) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 3)
    for _, index in index_of(run, tmp_path / "index.sqlite"):
        for one in (Filter(words=words), Filter(id=words), Filter(odd=words), Filter(part=words)):
            try:
                listed(index, one)
            except UnicodeEncodeError:
                assert "\ud800" in words  # which no address can hold
        assert len(listed(index)) == 3


def test_what_is_searched_for(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 3)
    rows = [sample_row(number, random.Random(number)) for number in range(3)]
    texts = ["Die Äpfel: 3,5 kg. Done", "苹果和梨子一共十个", "print(my_name)\nReally?"]
    journal = run / "predictions/qwen/math.jsonl"
    write(journal, [answer(rows, number, 0, 0, text, True) for number, text in enumerate(texts)])
    for _, index in index_of(run, tmp_path / "index.sqlite"):
        for words, number in (
            ("äpfel", 0), ("apfel done", 0), ("äpf", 0), ("苹果", 1), ("梨子一共", 1),
            ("my_name", 2), ("REALLY", 2), ('"3,5 kg"', 0), ("test-2", 2), ("pfel", 0),
            ("(my_", 2), ("Y_NAM", 2), ('")  rEally"', 2), ("3,5 one", 0), ("apfel 3,5 do", 0),
            (",", 0), (": kg", 0), ("子一共十个", 1), ("t(", 2), ('"Äpfel:"', 0),
        ):  # fmt: skip
            assert listed(index, Filter(words=words, within="answer")) == {
                (f"test-{number}", 0)
            }, words
        assert listed(index, Filter(words="果苹", within="answer")) == set()
        for words in ('"3,5  done"', "pfel (my", "e(m", '"apfel"', "-"):
            assert listed(index, Filter(words=words, within="answer")) == set(), words


def test_what_a_judge_said_is_found_with_its_answer(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 3)
    (files,) = aisbench.answer_files(run)
    row = orjson.loads(files.answers.read_bytes().splitlines()[1])

    def said(number: int, turn: int, response: dict[str, Any]) -> dict[str, Any]:
        return {**row, "sample": f"test-1#0#{number}", "turn": turn, "response": response}

    fault = {"fault": {"kind": "http", "message": "503"}}
    rows = [said(1, 0, {"text": "no"}), said(0, 1, {"text": "yes"}), said(0, 0, fault),
            said(0, 0, {"text": "hm"}), said(0, 0, fault)]  # fmt: skip
    for kept in (rows[:2], rows, rows[::-1]):  # it grows, and is replaced
        write(files.judgements, kept)
        agrees(run, tmp_path / "index.sqlite")
    place = query.places(tmp_path / "index.sqlite", "test-1", 0)
    assert place is not None and len(place.judged_at) == 3


def test_terms_of_a_query() -> None:
    found = [
        (one.text, one.words, one.grams, one.inner)
        for one in terms('Two "of  them" 苹果 \\frac{ x_1 a" ?!')
    ]
    assert found == [
        ("two", '"Two"*', '"Two"', ""),
        ("of them", "", '"the" AND "hem"', '"them"*'),
        ("苹果", '"苹 果"*', "", ""),
        ("\\frac{", "", '"\\fr" AND "fra" AND "rac" AND "ac{"', '"frac"*'),
        ("x_1", "", '"x_1"', '"1"*'),
        ('a"', "", "", ""),
        ("?!", "", "", ""),
    ]
    (long,) = terms("".join(map(str, range(500))))
    assert long.grams.count(" AND ") < 32


def test_two_tasks_side_by_side(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 40, models=("a", "b"))
    paths = []
    for number, files in enumerate(aisbench.answer_files(run)):
        paths.append((tmp_path / f"{number}.sqlite", files.answers))
        IndexBuilder(files, paths[-1][0]).update()
    verdicts = [
        {
            one.sample.id: one.score.verdict.value
            for one in aisbench.load_run(run).samples(model=model)
            if one.score is not None
        }
        for model in "ab"
    ]
    differ = {name for name, one in verdicts[0].items() if verdicts[1][name] != one}
    rows, total, differing = query.pairs(
        paths[0], paths[1], Filter(), differ=True, offset=0, limit=500
    )
    assert {one["id"] for one in rows} == differ
    assert total == differing == len(differ) > 0
    rows, total, _ = query.pairs(
        paths[0], paths[1], Filter(verdict="wrong"), differ=False, offset=0, limit=500
    )
    assert {one["id"] for one in rows} == {
        name for name in verdicts[0] if "wrong" in (verdicts[0][name], verdicts[1][name])
    }


def test_two_viewers_make_the_same_index(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 60)
    (files,) = aisbench.answer_files(run)
    for number in range(5):
        path = tmp_path / f"{number}" / "index.sqlite"
        path.parent.mkdir()
        with ThreadPoolExecutor(4) as pool:
            for work in [pool.submit(IndexBuilder(files, path).update) for _ in range(4)]:
                work.result()
        with tables.readable(path) as connection:
            assert connection.execute("SELECT count(*) FROM answers").fetchone() == (60,)


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 3)
    for _, index in index_of(run, tmp_path / "index.sqlite"):
        with tables.readable(index) as connection, pytest.raises(sqlite3.OperationalError):
            connection.execute("DELETE FROM answers")
