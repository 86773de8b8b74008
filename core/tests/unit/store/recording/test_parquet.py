"""From the workers' files to Parquet and back: several workers, torn ends, damage, failures."""

from __future__ import annotations

from array import array
from pathlib import Path

import numpy as np
import orjson
import pyarrow.parquet
import pytest
from documents import load_document
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.base.errors import DamageError
from aisbench.store.recording import conversion
from aisbench.store.recording.columns import ABSENT, FIELDS, INSTANTS, AttemptOutcome, Phase
from aisbench.store.recording.conversion import convert
from aisbench.store.recording.documents import write_document
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.recording.parquet import read_recording
from aisbench.store.recording.writer import RecordingWriter

START = 5_000_000_000


def finish(folder: LoadFolder, counted: dict[int, tuple[int, int]]) -> None:
    """Convert a load, of which load.json says nothing but that it was begun."""
    if not folder.load_json.exists():
        write_document(folder.load_json, load_document())
    convert(folder, START, counted)


def row(number: int, reads: int = 0, **fields: int) -> list[int]:
    values = dict.fromkeys(FIELDS, ABSENT)
    values.update(
        row=number, repeat=0, turn=0, conversation=number, attempt=1, final=1, worker=0,
        phase=Phase.MEASURED, outcome=AttemptOutcome.SUCCESS, sent=START + number * 1000,
        events=2 * reads, reads=reads, connect=0,
    )  # fmt: skip
    values.update(fields)
    return [values[name] for name in FIELDS]


def reads_of(number: int, count: int) -> array[int]:
    return array("q", [x for i in range(count) for x in (START + number * 1000 + i * 10, i + 1)])


def write(folder: Path, counts: list[list[int]]) -> list[tuple[int, int]]:
    """Workers' files; ``counts[w]`` are the reads of each request of worker w. Returns
    (number, reads) of all rows in the order of the table."""
    folder.mkdir(exist_ok=True)
    number = 0
    order = []
    for worker, requests in enumerate(counts):
        recorder = RecordingWriter(folder, worker)
        for count in requests:
            recorder.add(row(number, count), reads_of(number, count))
            order.append((number, count))
            number += 1
            if number % 3 == 0:
                recorder.flush()
        recorder.close()
    return order


@pytest.mark.not_quick
@settings(max_examples=30, deadline=None)
@given(counts=st.lists(st.lists(st.integers(0, 7), max_size=9), min_size=1, max_size=13))
def test_everything_comes_back(tmp_path_factory: pytest.TempPathFactory, counts: list[list[int]]
) -> None:  # fmt: skip
    folder = LoadFolder(tmp_path_factory.mktemp("load"))
    order = write(folder.path, counts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conversion, "BLOCK_READS", 8)
        finish(folder, {})
    recording = read_recording(folder)
    assert list(recording.columns["row"]) == [number for number, _ in order]
    assert list(recording.columns["sent"]) == [number * 1000 for number, _ in order]
    for name in INSTANTS:
        if name != "sent":
            assert (recording.columns[name] == ABSENT).all()
    seen = {}
    for block in recording.blocks():
        for place, at in enumerate(block.rows):
            part = slice(block.offsets[place], block.offsets[place + 1])
            assert int(at) not in seen
            seen[int(at)] = (list(block.time_ns[part]), list(block.events[part]))
    assert seen == {
        at: ([number * 1000 + i * 10 for i in range(count)], [i + 1 for i in range(count)])
        for at, (number, count) in enumerate(order)
        if count
    }
    # A second call changes nothing, and the workers' files are gone.
    before = folder.requests.read_bytes()
    finish(folder, {})
    assert folder.requests.read_bytes() == before
    assert not list(folder.path.glob("*.bin"))


def test_workers_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    folder = LoadFolder(tmp_path / "load")
    write(folder.path, [[1]] * 12)
    finish(folder, {})
    assert list(read_recording(folder).columns["row"]) == list(range(12))


def test_other_tools_read_words_and_nulls(tmp_path: Path) -> None:
    folder = LoadFolder(tmp_path)
    recorder = RecordingWriter(tmp_path, 0)
    recorder.add(row(0, phase=Phase.WARM_UP, sent=START - 5), array("q"))
    recorder.add(row(1, outcome=AttemptOutcome.FAILED, fault=0, status=503), array("q"))
    recorder.add(row(2, finish=0, final=0), array("q"))
    recorder.close()
    finish(folder, {1: (7, 9)})
    found = pyarrow.parquet.read_table(folder.requests).to_pydict()
    assert found["phase"] == ["warm_up", "measured", "measured"]
    assert found["outcome"] == ["success", "failed", "success"]
    assert found["fault"][0] is None
    assert isinstance(found["fault"][1], str)
    assert isinstance(found["finish"][2], str)
    assert found["status"] == [None, 503, None]
    assert found["final"] == [True, True, False]
    assert found["counted_prompt"] == [None, 7, None]
    assert found["counted_completion"] == [None, 9, None]
    assert found["done_ns"] == [None, None, None]
    assert found["sent_ns"] == [-5, 1000, 2000]


def test_a_torn_last_row_is_left_out_and_its_reads_too(tmp_path: Path) -> None:
    folder = LoadFolder(tmp_path)
    write(tmp_path, [[2, 3], [1]])
    path = tmp_path / "requests-0.bin"
    path.write_bytes(path.read_bytes()[:-5])
    finish(folder, {})
    recording = read_recording(folder)
    assert list(recording.columns["row"]) == [0, 2]
    blocks = list(recording.blocks())
    assert [len(block.time_ns) for block in blocks] == [2, 1]
    assert blocks[1].time_ns[0] == 2000


def test_reads_that_came_before_a_kill_and_count_for_no_row_are_left_out(tmp_path: Path) -> None:
    folder = LoadFolder(tmp_path)
    write(tmp_path, [[2]])
    with (tmp_path / "events-0.bin").open("ab") as file:
        file.write(reads_of(9, 4).tobytes() + b"torn")
    finish(folder, {})
    assert [len(block.time_ns) for block in read_recording(folder).blocks()] == [2]


def test_missing_reads_are_damage_and_nothing_is_thrown_away(tmp_path: Path) -> None:
    folder = LoadFolder(tmp_path)
    write(tmp_path, [[2, 4]])
    path = tmp_path / "events-0.bin"
    path.write_bytes(path.read_bytes()[:-16])
    with pytest.raises(DamageError, match="is damaged: it holds 5 reads of 6"):
        finish(folder, {})
    assert (tmp_path / "requests-0.bin").exists()


def test_failures_keep_the_number_of_their_row(tmp_path: Path) -> None:
    folder = LoadFolder(tmp_path)
    for worker, failing in ((0, 1), (1, 0), (10, 2)):
        recorder = RecordingWriter(tmp_path, worker)
        for number in range(3):
            recorder.add(row(worker * 100 + number), array("q"))
        recorder.add_failure(failing, {"kind": "status", "message": f"worker {worker}"})
        recorder.close()
    # A failure whose row was not written any more, and a torn line.
    with (tmp_path / "failures-1.jsonl").open("ab") as file:
        file.write(b'{"row": 3, "kind": "status"}\n{"row": 1, "ki')
    finish(folder, {})
    rows = read_recording(folder).columns["row"]
    found = [orjson.loads(line) for line in folder.failures.read_bytes().splitlines()]
    assert [(one["message"], rows[one["row"]]) for one in found] == [
        ("worker 0", 1),
        ("worker 1", 100),
        ("worker 10", 1002),
    ]


def test_nothing_recorded_is_an_empty_table(tmp_path: Path) -> None:
    folder = LoadFolder(tmp_path)
    finish(folder, {})
    recording = read_recording(folder)
    assert len(recording) == 0
    assert list(recording.blocks()) == []


def test_damaged_tables_are_named(tmp_path: Path) -> None:
    folder = LoadFolder(tmp_path)
    write(tmp_path, [[2]])
    finish(folder, {})
    folder.events.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(DamageError, match=r"events\.parquet: cannot be read"):
        list(read_recording(folder).blocks())
    folder.requests.write_bytes(b"")
    with pytest.raises(DamageError, match=r"requests\.parquet: cannot be read"):
        read_recording(folder)


def test_more_events_in_a_read_than_fit_are_counted_as_most(tmp_path: Path) -> None:
    folder = LoadFolder(tmp_path)
    recorder = RecordingWriter(tmp_path, 0)
    recorder.add(row(0, 1), array("q", [START, 70_000]))
    recorder.close()
    finish(folder, {})
    (block,) = read_recording(folder).blocks()
    assert np.array_equal(block.events, [65535])
