"""A load's raw files become lasting ones: killed at any step, nothing is lost and nothing bent."""

from __future__ import annotations

import contextlib
import os
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from documents import load_document

from aisbench.base.errors import DamageError, ExitCode
from aisbench.store.files import clear_litter
from aisbench.store.recording.columns import ABSENT, FIELDS, FIELDS_OF_SCHEMA_3
from aisbench.store.recording.conversion import convert, is_converted
from aisbench.store.recording.documents import (
    RecordedTotals,
    WorkerRecorded,
    WorkerReport,
    write_document,
)
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.recording.parquet import read_recording
from aisbench.store.recording.writer import RecordingWriter
from aisbench.store.run import write_json

START = 1_000_000
WORKERS = 3
ROWS = 4


def row(number: int, reads: int) -> list[int]:
    values = dict.fromkeys(FIELDS, ABSENT)
    values.update(row=number, repeat=0, turn=0, attempt=1, final=1, sent=START + number)
    values.update(phase=1, outcome=0, reads=reads, events=reads)
    return [values[name] for name in FIELDS]


def recorded(path: Path) -> LoadFolder:
    """A load of three workers that ended in good order, not yet converted."""
    path.mkdir(exist_ok=True)
    reports = []
    for worker in range(WORKERS):
        recorder = RecordingWriter(path, worker)
        for place in range(ROWS):
            number = worker * 100 + place
            recorder.add(row(number, place), array("q", [START + number, 1] * place))
        recorder.add_failure(1, {"kind": "http", "message": f"of {worker}"})
        recorder.add_answer(b'{"worker":%d}\n' % worker)
        recorder.close()
        counts = WorkerRecorded(
            requests=recorder.count, failures=recorder.failed, answers=recorder.answered
        )
        reports.append(WorkerReport(worker=worker, recorded=counts))
    folder = LoadFolder(path)
    document = load_document(state="finished", workers=tuple(reports))
    write_document(folder.load_json, document)
    return folder


def earlier(folder: LoadFolder, state: str) -> None:
    """Write load.json as the first versions did, which left much unsaid."""
    for path in folder.raw("requests"):  # rows had no labels
        rows = np.fromfile(path, dtype="<i8").reshape(-1, len(FIELDS))[:, :FIELDS_OF_SCHEMA_3]
        path.write_bytes(rows.tobytes())
    reports = [{"worker": worker} for worker in range(WORKERS)]
    said = {"asked": {}, "settings": {}, "stream": True, "open_loop": False, "clock_ns": START}
    write_json(folder.load_json, {"schema": 1, "state": state, "workers": reports, **said})


def content(folder: LoadFolder) -> dict[str, Any]:
    """All that is in the lasting files."""
    recording = read_recording(folder)
    return {
        "columns": {name: list(column) for name, column in recording.columns.items()},
        "times": [list(block.time_ns) for block in recording.blocks()],
        "failures": folder.failures.read_bytes(),
        "answers": folder.answers.read_bytes(),
        "files": sorted(path.name for path in folder.path.iterdir()),
    }


class Killed(BaseException):
    """The process is gone: nothing after it happens, not even in a `finally`."""


class Machine:
    """Counts what reaches the file system, and dies at one of those calls."""

    def __init__(self, patch: pytest.MonkeyPatch, at: int) -> None:
        self.calls: list[tuple[str, str]] = []
        self.at = at
        self._wrap(patch, os, "fsync")
        for name in ("replace", "rename", "unlink", "mkdir"):
            self._wrap(patch, Path, name)

    def _wrap(self, patch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        real: Callable[..., Any] = getattr(owner, name)

        def call(first: Any, *rest: Any, **named: Any) -> Any:
            if self.at and len(self.calls) >= self.at:
                raise Killed
            about = (
                str(Path(f"/proc/self/fd/{first}").readlink()) if name == "fsync" else str(first)
            )
            self.calls.append((name, Path(about).name))
            return real(first, *rest, **named)

        patch.setattr(owner, name, call)


@pytest.fixture
def whole(tmp_path: Path) -> dict[str, Any]:
    folder = recorded(tmp_path / "undisturbed")
    convert(folder, START, {})
    return content(folder)


def kills(tmp_path: Path) -> Iterator[int]:
    """Every step at which the conversion can be killed."""
    with pytest.MonkeyPatch.context() as patch:
        machine = Machine(patch, 0)
        convert(recorded(tmp_path / "counted"), START, {})
    return iter(range(1, len(machine.calls) + 1))


@pytest.mark.not_quick
def test_killed_at_every_step(tmp_path: Path, whole: dict[str, Any]) -> None:
    steps = list(kills(tmp_path))
    assert len(steps) > 25
    for step in steps:
        folder = recorded(tmp_path / f"{step}")
        with pytest.MonkeyPatch.context() as patch:
            Machine(patch, step)
            with contextlib.suppress(Killed):
                convert(folder, START, {})
        clear_litter(folder.path)
        convert(folder, START, {})
        assert content(folder) == whole, step


def test_nothing_is_removed_before_all_is_on_the_disk(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        folder = recorded(tmp_path / "load")
        machine = Machine(patch, 0)
        convert(folder, START, {})
    raw = [name for call, name in machine.calls if call == "unlink" and "-" in name]
    assert len(raw) == 4 * WORKERS
    first = machine.calls.index(("unlink", raw[0]))
    before = machine.calls[:first]
    for name in ("requests.parquet", "events.parquet", "failures.jsonl", "answers.jsonl"):
        written = before.index(("fsync", f".{name}.tmp"))
        moved = before.index(("replace", f".{name}.tmp"))
        assert written < moved < before.index(("fsync", "load"), moved)
    # load.json, which says that all is there, is the last of all.
    assert [name for call, name in before if call == "replace"][-1] == ".load.json.tmp"
    assert before[-2:] == [("fsync", "load"), ("unlink", ".load.json.tmp")]


def test_it_says_how_much_there_is(tmp_path: Path) -> None:
    folder = recorded(tmp_path / "load")
    assert not is_converted(folder, folder.document())
    convert(folder, START, {})
    assert folder.document().recorded == RecordedTotals(
        requests=12, reads=18, failures=3, answers=3
    )


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("requests-1.bin", "3 of the 4 requests"),
        ("failures-2.jsonl", "0 of the 1 failures"),
        ("answers-0.jsonl", "0 of the 1 answers"),
    ],
)
def test_less_than_a_worker_wrote_is_damage(tmp_path: Path, name: str, what: str) -> None:
    folder = recorded(tmp_path / "load")
    path = folder.path / name
    path.write_bytes(path.read_bytes()[: -8 * len(FIELDS)] if path.suffix == ".bin" else b"")
    with pytest.raises(DamageError, match=f"{name}: is damaged: it holds {what}") as caught:
        convert(folder, START, {})
    assert caught.value.exit_code == ExitCode.USAGE
    assert "--resume" in caught.value.hint
    assert (folder.path / "requests-0.bin").exists()


def test_a_worker_that_died_has_no_number_to_compare(tmp_path: Path) -> None:
    folder = recorded(tmp_path / "load")
    document = folder.document()
    reports = list(document.workers)
    reports[1] = WorkerReport(worker=1, died=-9)
    write_document(folder.load_json, attrs.evolve(document, workers=tuple(reports)))
    path = folder.path / "requests-1.bin"
    path.write_bytes(path.read_bytes()[: -8 * len(FIELDS)])
    convert(folder, START, {})
    assert len(read_recording(folder)) == WORKERS * ROWS - 1


@pytest.mark.parametrize("name", ["requests.parquet", "events.parquet"])
@pytest.mark.parametrize("damage", ["missing", "cut", "other"])
def test_damaged_tables(tmp_path: Path, name: str, damage: str) -> None:
    folder = recorded(tmp_path / "load")
    convert(folder, START, {})
    other = recorded(tmp_path / "other")
    document = other.document()
    for worker in (0, 1, 2):
        for kind in ("requests", "events", "failures", "answers"):
            for path in other.path.glob(f"{kind}-{worker}.*"):
                if worker:
                    path.unlink()
    document = attrs.evolve(document, workers=document.workers[:1])
    write_document(other.load_json, document)
    convert(other, START, {})
    path = folder.path / name
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    else:
        path.write_bytes((other.path / name).read_bytes())
    with pytest.raises(DamageError, match=f"{name}: cannot be read") as caught:
        list(read_recording(folder).blocks())
    assert "--resume runs the load again" in caught.value.hint
    if damage == "other":
        assert "it holds" in caught.value.message


def test_lasting_files_that_nothing_vouches_for(tmp_path: Path) -> None:
    """Raw files removed by somebody after a kill in the middle."""
    folder = recorded(tmp_path / "load")
    convert(folder, START, {})
    document = folder.document()
    write_document(folder.load_json, attrs.evolve(document, recorded=None))
    with pytest.raises(DamageError):
        convert(folder, START, {})


def test_a_load_of_an_earlier_version(tmp_path: Path) -> None:
    """Its load.json does not say how much there is: what it left is taken as it is."""
    folder = recorded(tmp_path / "load")
    convert(folder, START, {})
    earlier(folder, "finished")
    before = content(folder)
    convert(folder, START, {})
    assert content(folder) == before
    assert len(read_recording(folder)) == WORKERS * ROWS


def test_a_load_of_an_earlier_version_that_was_killed(tmp_path: Path) -> None:
    folder = recorded(tmp_path / "load")
    earlier(folder, "running")
    assert not is_converted(folder, folder.document())
    convert(folder, START, {})
    assert len(read_recording(folder)) == WORKERS * ROWS
    assert is_converted(folder, folder.document())
